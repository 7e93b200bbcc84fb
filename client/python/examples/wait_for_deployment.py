"""Waits until the instances of the arguments are running."""

import os
import sys

import ecsd

with ecsd.Client(os.environ["ECSD_ADDRESS"], insecure=True, caller="examples") as client:
    request = ecsd.WaitInstancesRequest(instance_ids=sys.argv[1:], status=ecsd.INSTANCE_STATUS_RUNNING)
    for result in client.wait(request, timeout=600):
        error = ecsd.item_error(result.error)
        print(result.instance_id, "is running" if error is None else error)
