"""Renews the instance of the first argument for a month, for at most 5,000 CNY."""

import os
import sys

import ecsd

with ecsd.Client(os.environ["ECSD_ADDRESS"], insecure=True, caller="examples") as client:
    request = ecsd.RenewInstanceRequest(instance_id=sys.argv[1], period=ecsd.months(1), max_price=ecsd.money("5000", "CNY"))
    print("request_id", ecsd.ensure_request_id(request), file=sys.stderr)  # store it before the call
    try:
        renewal = client.renew(request, timeout=600)
    except ecsd.EcsdError as error:
        sys.exit(f"not renewed, or unknown: {error}; run it again with the request_id {error.request_id}")
    if renewal.state != ecsd.RENEWAL_STATE_RENEWED:
        sys.exit(f"{ecsd.RenewalState.Name(renewal.state)}: {renewal.reason} {renewal.message}")
    print("paid", ecsd.money_text(renewal.price), "until", ecsd.to_datetime(renewal.expire_time_after).date())
