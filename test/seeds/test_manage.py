"""Sections 2.3 and 2.4 of the SDK reference, and the article on elastic release, by the vendor's Python SDK.

Each test has the name of its function; the code is this project's own, and
makes the same requests with the same parameters.
"""

import json
from datetime import datetime, timedelta

import pytest
from aliyunsdkecs.request.v20140526.DeleteInstanceRequest import DeleteInstanceRequest
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
from aliyunsdkecs.request.v20140526.DescribeRegionsRequest import DescribeRegionsRequest
from aliyunsdkecs.request.v20140526.ModifyInstanceAutoReleaseTimeRequest import ModifyInstanceAutoReleaseTimeRequest
from aliyunsdkecs.request.v20140526.StopInstanceRequest import StopInstanceRequest

from conftest import REGIONS
from ecs import Refused


def detail(ecs, instance_id: str) -> dict | None:
    found = ecs.call(DescribeInstancesRequest(), InstanceIds=json.dumps([instance_id]))['Instances']['Instance']
    return found[0] if found else None


def release_at(ecs, instance_id: str, due: str | None) -> dict:
    return ecs.call(ModifyInstanceAutoReleaseTimeRequest(), InstanceId=instance_id, **({'AutoReleaseTime': due} if due else {}))


def in_time(cloud, ahead: timedelta) -> datetime:
    return datetime.fromisoformat(cloud.now()) + ahead


def test_hello_aliyun_regions(cloud):
    """The IDs of the account's regions, requested in one of them."""
    answer = cloud.client('cn-beijing').call(DescribeRegionsRequest())
    assert [region['RegionId'] for region in answer['Regions']['Region']] == REGIONS


def test_list_instances(cloud, ecs):
    """The default page size is ten; instances of other regions are not listed."""
    mine = cloud.seed(count=12)
    cloud.seed(count=3, region_id='cn-beijing')
    answer = ecs.call(DescribeInstancesRequest())
    assert [i['InstanceId'] for i in answer['Instances']['Instance']] == mine[:10]
    assert answer['TotalCount'] == 12


@pytest.mark.parametrize('force, longest', [(False, '3s'), (True, '600ms')])
def test_stop_instance(cloud, ecs, force, longest):
    """ForceStop cuts the power, which takes a fifth of the time."""
    [instance_id] = cloud.seed(charge_type='PostPaid')
    ecs.call(StopInstanceRequest(), InstanceId=instance_id, ForceStop=force)
    assert detail(ecs, instance_id)['Status'] == 'Stopping'
    cloud.advance(longest)
    assert detail(ecs, instance_id)['Status'] == 'Stopped'


def test_release_instance(cloud, ecs):
    """The release of a running instance fails; a stopped one is released."""
    [instance_id] = cloud.seed(charge_type='PostPaid')
    with pytest.raises(Refused) as refusal:
        ecs.call(DeleteInstanceRequest(), InstanceId=instance_id, Force=False)
    assert (refusal.value.status, refusal.value.code) == (403, 'IncorrectInstanceStatus')

    ecs.call(StopInstanceRequest(), InstanceId=instance_id, ForceStop=True)
    cloud.advance('10s')
    assert set(ecs.call(DeleteInstanceRequest(), InstanceId=instance_id, Force=False)) == {'RequestId'}
    assert detail(ecs, instance_id) is None


def test_release_instance_by_force(cloud, ecs):
    """Force releases running instances without confirmation, but neither subscriptions nor protected ones."""
    [running] = cloud.seed(charge_type='PostPaid')
    ecs.call(DeleteInstanceRequest(), InstanceId=running, Force=True)
    assert detail(ecs, running) is None

    [subscription] = cloud.seed()
    [protected] = cloud.seed(charge_type='PostPaid')
    cloud.control('POST', f'instances/{protected}', {'deletion_protection': True})
    for instance_id, code in [(subscription, 'ChargeTypeViolation'), (protected, 'InvalidOperation.DeletionProtection')]:
        with pytest.raises(Refused) as refusal:
            ecs.call(DeleteInstanceRequest(), InstanceId=instance_id, Force=True)
        assert refusal.value.code == code
        assert detail(ecs, instance_id) is not None


def test_set_instance_auto_release_time(cloud, ecs):
    """Seconds are dropped; the instance is released at its time."""
    [instance_id] = cloud.seed(charge_type='PostPaid')
    due = in_time(cloud, timedelta(hours=1))
    release_at(ecs, instance_id, due.strftime('%Y-%m-%dT%H:%M:45Z'))
    assert detail(ecs, instance_id)['AutoReleaseTime'] == due.strftime('%Y-%m-%dT%H:%MZ')
    cloud.advance('58m')
    assert detail(ecs, instance_id) is not None
    cloud.advance('2m')
    assert detail(ecs, instance_id) is None


def test_set_instance_auto_release_time_to_none(cloud, ecs):
    """Without a time, the release is cancelled."""
    [instance_id] = cloud.seed(charge_type='PostPaid')
    release_at(ecs, instance_id, in_time(cloud, timedelta(hours=1)).strftime('%Y-%m-%dT%H:%M:00Z'))
    release_at(ecs, instance_id, None)
    assert detail(ecs, instance_id)['AutoReleaseTime'] == ''
    cloud.advance('48h')
    assert detail(ecs, instance_id) is not None


@pytest.mark.parametrize('ahead', [timedelta(minutes=29), timedelta(days=3 * 366)], ids=['too soon', 'too far'])
def test_set_instance_auto_release_time_out_of_bounds(cloud, ecs, ahead):
    """At least half an hour and at most three years ahead."""
    [instance_id] = cloud.seed(charge_type='PostPaid')
    with pytest.raises(Refused) as refusal:
        release_at(ecs, instance_id, in_time(cloud, ahead).strftime('%Y-%m-%dT%H:%M:%SZ'))
    assert refusal.value.code == 'InvalidAutoReleaseTime.Malformed'
    assert detail(ecs, instance_id)['AutoReleaseTime'] == ''


def test_describe_instance_detail(cloud, ecs):
    """All fields of one instance; nothing for an unknown one."""
    [instance_id] = cloud.seed(charge_type='PostPaid', name_prefix='batch', tags={'team': 'data'})
    found = detail(ecs, instance_id)
    assert (found['InstanceName'], found['RegionId']) == ('batch-001', 'cn-hangzhou')
    assert found['Tags']['Tag'][0]['TagKey'] == 'team'
    assert detail(ecs, 'i-unknown') is None


def test_check_auto_release_time_ready(cloud, ecs):
    """The time that was set; a subscription rejects it."""
    [on_demand] = cloud.seed(charge_type='PostPaid')
    [paid] = cloud.seed()
    due = in_time(cloud, timedelta(days=1))
    release_at(ecs, on_demand, due.strftime('%Y-%m-%dT%H:%M:00Z'))
    assert detail(ecs, on_demand)['AutoReleaseTime'] == due.strftime('%Y-%m-%dT%H:%MZ')
    with pytest.raises(Refused) as refusal:
        release_at(ecs, paid, due.strftime('%Y-%m-%dT%H:%M:00Z'))
    assert refusal.value.code == 'ChargeTypeViolation'
    assert detail(ecs, paid)['AutoReleaseTime'] == ''
