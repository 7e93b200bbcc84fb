"""Lists the subscriptions that expire within 30 days."""

import os
from datetime import timedelta

import ecsd

with ecsd.Client(os.environ["ECSD_ADDRESS"], insecure=True, caller="examples") as client:
    request = ecsd.ListExpiringInstancesRequest(within=ecsd.from_timedelta(timedelta(days=30)))
    for expiring in client.list_expiring_instances(request):
        instance = expiring.instance
        print(instance.instance_id, instance.instance_name, ecsd.to_datetime(instance.expire_time).date())
