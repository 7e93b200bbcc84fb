"""Keeps a local mirror of all instances, until it has seen as many checkpoints as the first argument says."""

import os
import sys

import ecsd

mirror: "dict[str, ecsd.Instance]" = {}
checkpoints = 0
with ecsd.Client(os.environ["ECSD_ADDRESS"], insecure=True, caller="examples") as client:
    for event in client.watch():
        if isinstance(event, (ecsd.Snapshot, ecsd.Changed)):
            mirror[event.instance.instance_id] = event.instance
        elif isinstance(event, ecsd.Removed):
            mirror.pop(event.instance_id, None)
        elif isinstance(event, ecsd.Checkpoint):
            print(len(mirror), "instances as of", event.observed_time)
            checkpoints += 1
            if checkpoints == int(sys.argv[1]):
                break
