"""Reacts to spot instances that the cloud reclaims: with asyncio, until the first checkpoint."""

import asyncio
import os

import ecsd


async def main() -> None:
    async with ecsd.AsyncClient(os.environ["ECSD_ADDRESS"], insecure=True, caller="examples") as client:
        async for event in client.watch_reclaims():
            if isinstance(event, ecsd.ReclaimNotice):
                print("drain", event.instance_id, "before", event.release_time_estimate)
            elif isinstance(event, ecsd.ReclaimEnded):
                print(event.instance_id, "was", event.outcome)
            elif isinstance(event, ecsd.Checkpoint):
                print("no other reclaims are announced")
                break


asyncio.run(main())
