"""Renews what expires within 30 days, for at most 5,000 CNY in total, and prints the progress."""

import os
from datetime import timedelta

import ecsd


def report(progress: ecsd.JobProgress) -> None:
    if progress.job is None:
        print("request_id", "made" if progress.request_id else "missing")
    else:
        print(f"{progress.ended} of {progress.total} renewals have ended")


with ecsd.Client(os.environ["ECSD_ADDRESS"], insecure=True, caller="examples") as client:
    window = ecsd.ExpiryWindow(within=ecsd.from_timedelta(timedelta(days=30)))
    request = ecsd.CreateRenewalJobRequest(
        selection=ecsd.RenewalSelection(window=window), period=ecsd.months(1), max_total_price=ecsd.money("5000", "CNY")
    )
    job = client.renew_job(request, progress=report, timeout=1800)
    print(ecsd.RenewalJobState.Name(job.state), "spent", ecsd.money_text(job.spent))
