"""Runs the blocks of the README and the examples with the installed package, against the server at ECSD_ADDRESS."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import ecsd

HERE = Path(__file__).parent
ADDRESS = os.environ["ECSD_ADDRESS"]


def run(name, code, *arguments):
    """Runs a program, and returns what it printed."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code, *arguments], capture_output=True, text=True, timeout=120)
    if done.returncode:
        sys.exit(f"{name} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def want(name, pattern, output):
    if not re.search(pattern, output):
        sys.exit(f"{name} printed:\n{output}\nwant {pattern}")


blocks = re.findall(r"^```python\n(.*?)^```", (HERE / "README.md").read_text(), re.DOTALL | re.MULTILINE)
for block, pattern in zip(
    blocks, [r"i-\w+ INSTANCE_STATUS_RUNNING", r"\d+ instances as of 20", r"RENEWAL_STATE_RENEWED \d+", "never was: cn-hangzhou"], strict=True
):
    want("README", pattern, run("README", block.replace("127.0.0.1:50051", ADDRESS)))

with ecsd.Client(ADDRESS, insecure=True) as client:
    within = ecsd.from_timedelta(timedelta(days=365))
    window = ecsd.ListExpiringInstancesRequest(within=within, include_expired=False)
    expiring = [e.instance for e in client.list_expiring_instances(window) if e.instance.region_id == "cn-hangzhou"]
    running = [i for i in client.list_instances(ecsd.ListInstancesRequest(region_ids=["cn-hangzhou"])) if i.status == ecsd.INSTANCE_STATUS_RUNNING]

for name, arguments, pattern in [
    ("expiring", [], r"(?m)^i-\S+ .*20\d\d-"),
    ("renew_one", [expiring[1].instance_id], r"paid \d+.* CNY until 20"),
    ("renew_window", [], r"(?s)request_id made\n.*RENEWAL_JOB_STATE_(SUCCEEDED|PARTIAL) spent \d+"),
    ("mirror", ["2"], r"\d+ instances as of 20"),
    ("wait_for_deployment", [running[0].instance_id], "is running"),
    ("reclaims", [], "no other reclaims are announced"),
]:
    want(name, pattern, run(name, (HERE / "examples" / f"{name}.py").read_text(), *arguments))
print(f"{len(blocks)} blocks of the README and 6 examples of Python ran")
