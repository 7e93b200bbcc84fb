"""Starts a simulated cloud for each test.

ECSD_SIMULATOR_COMMAND is the command, without flags, such as
"bin/ecsd simulator"; the default is to build and run the simulator of this
tree. The command runs in the root of the repository.
"""

import json
import os
import pathlib
import shlex
import subprocess
import urllib.error
import urllib.request

import pytest

from ecs import Ecs

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGIONS = ['cn-hangzhou', 'cn-beijing', 'cn-zhangjiakou']


class Cloud:
    """A running simulator, by its control interface."""

    def __init__(self, address: str):
        self.address = address
        self.host, port = address.rsplit(':', 1)
        self.port = int(port)

    def client(self, region: str = REGIONS[0]) -> Ecs:
        return Ecs(self.host, self.port, region)

    def control(self, method: str, path: str, body: object = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f'http://{self.address}/_simulator/{path}', data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f'{method} {path}: {refusal.read().decode()}') from refusal

    def seed(self, **wanted) -> list[str]:
        return self.control('POST', 'instances', wanted)['instance_ids']

    def instance(self, instance_id: str) -> dict:
        return self.control('GET', f'instances/{instance_id}')

    def instances(self) -> list[dict]:
        return self.control('GET', 'instances')['instances']

    def ledger(self, instance_id: str = '') -> list[dict]:
        return self.control('GET', f'ledger?instance_id={instance_id}')['orders']

    def network(self, region: str = REGIONS[0]) -> dict:
        return self.control('GET', f'network?region_id={region}')

    def now(self) -> str:
        return self.control('GET', 'clock')['now']

    def advance(self, by: str) -> None:
        self.control('POST', 'clock/advance', {'by': by})


@pytest.fixture(scope='session')
def command(tmp_path_factory) -> list[str]:
    configured = os.environ.get('ECSD_SIMULATOR_COMMAND')
    if configured:
        return shlex.split(configured)
    binary = tmp_path_factory.mktemp('bin') / 'simulator'
    subprocess.run(['go', 'build', '-o', binary, './test/seeds/simulator'], cwd=ROOT, check=True)
    return [str(binary)]


@pytest.fixture
def cloud(command):
    """A simulator without instances, with a manual clock."""
    process = subprocess.Popen(
        [*command, '--listen', '127.0.0.1:0', '--instances', '0', '--speed', '0', '--regions', ','.join(REGIONS)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        assert line, f'the simulator ended with {process.wait()}'
        yield Cloud(line.split('http://', 1)[1].split(',', 1)[0].strip())
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0, 'the simulator did not stop cleanly'
        process.stdout.close()


@pytest.fixture
def ecs(cloud) -> Ecs:
    """The SDK, in the first region."""
    return cloud.client()
