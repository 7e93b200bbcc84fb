"""Sections 2.1 and 2.2 of the SDK reference, by the vendor's Python SDK.

Each test has the name of its function; the code is this project's own, and
makes the same requests with the same parameters.
"""

import json
from datetime import datetime, timedelta

import pytest
from aliyunsdkecs.request.v20140526.AllocatePublicIpAddressRequest import AllocatePublicIpAddressRequest
from aliyunsdkecs.request.v20140526.CreateInstanceRequest import CreateInstanceRequest
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
from aliyunsdkecs.request.v20140526.RunInstancesRequest import RunInstancesRequest
from aliyunsdkecs.request.v20140526.StartInstanceRequest import StartInstanceRequest
from aliyunsdkecs.request.v20140526.StopInstanceRequest import StopInstanceRequest

from ecs import Refused

IMAGE = 'centos_7_03_64_20G_alibase_20170818.vhd'
TYPE = 'ecs.n4.small'


def create(cloud, ecs, **more) -> dict:
    """One instance, I/O optimized, with an SSD, in the default security group."""
    return ecs.call(
        CreateInstanceRequest(), ImageId=IMAGE, InstanceType=TYPE, IoOptimized='optimized',
        SystemDiskCategory='cloud_ssd', SecurityGroupId=cloud.network()['security_group_ids'][0], **more)


def detail(ecs, instance_id: str) -> dict:
    [found] = ecs.call(DescribeInstancesRequest(), InstanceIds=json.dumps([instance_id]))['Instances']['Instance']
    return found


def until(cloud, ecs, instance_ids: list[str], status: str) -> int:
    """Reads every ten seconds until all have the status; returns the count of reads."""
    for looks in range(1, 61):
        answer = ecs.call(DescribeInstancesRequest(), InstanceIds=json.dumps(instance_ids), PageSize=100)
        if sum(i['Status'] == status for i in answer['Instances']['Instance']) == len(instance_ids):
            return looks
        cloud.advance('10s')
    raise AssertionError(f'{instance_ids} did not become {status} in ten minutes')


def test_create_after_pay_instance(cloud, ecs):
    """A created instance has an ID, costs nothing yet and is stopped."""
    instance_id = create(cloud, ecs)['InstanceId']
    until(cloud, ecs, [instance_id], 'Stopped')
    made = detail(ecs, instance_id)
    assert (made['InstanceChargeType'], made['InstanceType'], made['ImageId']) == ('PostPaid', TYPE, IMAGE)
    assert made['PublicIpAddress']['IpAddress'] == []
    assert sum(float(order['amount']) for order in cloud.ledger()) == 0


def test_create_prepay_instance(cloud, ecs):
    """A subscription of a month is paid at its creation."""
    answer = create(cloud, ecs, InstanceChargeType='PrePaid', Period=1)
    [order] = cloud.ledger(answer['InstanceId'])
    assert (order['order_id'], order['action'], order['period'], order['period_unit']) == (answer['OrderId'], 'CreateInstance', 1, 'Month')
    assert float(order['amount']) > 0
    until(cloud, ecs, [answer['InstanceId']], 'Stopped')
    assert detail(ecs, answer['InstanceId'])['InstanceChargeType'] == 'PrePaid'


def test_create_prepay_instance_without_money(cloud, ecs):
    """If the balance does not cover the price, the call fails and creates nothing."""
    cloud.control('POST', 'account', {'balance': '1.00'})
    with pytest.raises(Refused) as refusal:
        create(cloud, ecs, InstanceChargeType='PrePaid', Period=1)
    assert 'Balance' in refusal.value.code
    assert (cloud.instances(), cloud.ledger()) == ([], [])


@pytest.mark.parametrize('payment', [{}, {'InstanceChargeType': 'PrePaid', 'Period': 1}],
                         ids=['create_instance_action', 'create_prepay_instance_action'])
def test_create_instance_action(cloud, ecs, payment):
    """Create, wait until it is stopped, start, wait until it runs."""
    instance_id = create(cloud, ecs, **payment)['InstanceId']
    until(cloud, ecs, [instance_id], 'Stopped')
    ecs.call(StartInstanceRequest(), InstanceId=instance_id)
    until(cloud, ecs, [instance_id], 'Running')
    assert cloud.instance(instance_id)['status'] == 'Running'


def test_get_instance_detail_by_id(cloud, ecs):
    """By its ID in a JSON array; an unknown ID is absent from the result."""
    [instance_id] = cloud.seed(status='Stopped', charge_type='PostPaid')
    assert detail(ecs, instance_id)['Status'] == 'Stopped'
    answer = ecs.call(DescribeInstancesRequest(), InstanceIds=json.dumps(['i-unknown']))
    assert answer['Instances']['Instance'] == []


def test_start_instance(cloud, ecs):
    """Starting, then Running; a running instance cannot be started."""
    [instance_id] = cloud.seed(status='Stopped', charge_type='PostPaid')
    ecs.call(StartInstanceRequest(), InstanceId=instance_id)
    assert detail(ecs, instance_id)['Status'] == 'Starting'
    until(cloud, ecs, [instance_id], 'Running')
    with pytest.raises(Refused) as refusal:
        ecs.call(StartInstanceRequest(), InstanceId=instance_id)
    assert (refusal.value.status, refusal.value.code) == (403, 'IncorrectInstanceStatus')


def test_stop_instance(cloud, ecs):
    """Stopping, then Stopped; a stopped instance cannot be stopped."""
    [instance_id] = cloud.seed(charge_type='PostPaid')
    ecs.call(StopInstanceRequest(), InstanceId=instance_id)
    assert detail(ecs, instance_id)['Status'] == 'Stopping'
    until(cloud, ecs, [instance_id], 'Stopped')
    with pytest.raises(Refused) as refusal:
        ecs.call(StopInstanceRequest(), InstanceId=instance_id)
    assert refusal.value.code == 'IncorrectInstanceStatus'


def test_check_instance_running(cloud, ecs):
    """Section 2.1 waits for one instance; its counter never grows, so it never ends if the instance stays down."""
    [instance_id] = cloud.seed(status='Stopped', charge_type='PostPaid')
    with pytest.raises(AssertionError, match='ten minutes'):
        until(cloud, ecs, [instance_id], 'Running')
    ecs.call(StartInstanceRequest(), InstanceId=instance_id)
    assert until(cloud, ecs, [instance_id], 'Running') <= 3


def test_allocate_a_public_ip_address(cloud, ecs):
    """CreateInstance assigns no address; a call assigns one, and a second call fails."""
    instance_id = create(cloud, ecs, InternetMaxBandwidthOut=1)['InstanceId']
    until(cloud, ecs, [instance_id], 'Stopped')
    address = ecs.call(AllocatePublicIpAddressRequest(), InstanceId=instance_id)['IpAddress']
    assert detail(ecs, instance_id)['PublicIpAddress']['IpAddress'] == [address]
    with pytest.raises(Refused) as refusal:
        ecs.call(AllocatePublicIpAddressRequest(), InstanceId=instance_id)
    assert refusal.value.code == 'AllocatedAlready'


def run(cloud, ecs, **more) -> list[str]:
    """Two instances in a subnet of section 2.2's region."""
    network = cloud.network('cn-beijing')
    answer = ecs.call(
        RunInstancesRequest(), ImageId=IMAGE, InstanceType=TYPE, Amount=2, InstanceName='Instance12-04',
        VSwitchId=network['vswitches'][0]['vswitch_id'], SecurityGroupId=network['security_group_ids'][0], **more)
    return answer['InstanceIdSets']['InstanceIdSet']


def test_batch_create_instance(cloud):
    """Both run without a start."""
    ecs = cloud.client('cn-beijing')
    pair = run(cloud, ecs)
    assert len(pair) == 2
    until(cloud, ecs, pair, 'Running')
    assert [detail(ecs, i)['InstanceName'] for i in pair] == ['Instance12-04'] * 2


def test_batch_create_instance_with_public_ip(cloud):
    """With a bandwidth, each gets its own address."""
    ecs = cloud.client('cn-beijing')
    pair = run(cloud, ecs, InternetMaxBandwidthOut=1)
    until(cloud, ecs, pair, 'Running')
    addresses = [detail(ecs, i)['PublicIpAddress']['IpAddress'] for i in pair]
    assert [len(a) for a in addresses] == [1, 1]
    assert addresses[0] != addresses[1]


def test_batch_create_instance_with_auto_release_time(cloud):
    """Both are released at their time, to the minute; less than half an hour ahead is an error, and creates none."""
    ecs = cloud.client('cn-beijing')
    now = datetime.fromisoformat(cloud.now())
    with pytest.raises(Refused) as refusal:
        run(cloud, ecs, AutoReleaseTime=(now + timedelta(minutes=29)).strftime('%Y-%m-%dT%H:%M:%SZ'))
    assert refusal.value.code == 'InvalidAutoReleaseTime.Malformed'
    assert cloud.instances() == []

    pair = run(cloud, ecs, AutoReleaseTime=(now + timedelta(hours=2)).strftime('%Y-%m-%dT%H:%M:59Z'))
    until(cloud, ecs, pair, 'Running')
    assert detail(ecs, pair[0])['AutoReleaseTime'] == (now + timedelta(hours=2)).strftime('%Y-%m-%dT%H:%MZ')
    cloud.advance('118m')
    assert len(cloud.instances()) == 2
    cloud.advance('2m')
    assert cloud.instances() == []


def test_check_instance_running_of_several(cloud):
    """Section 2.2 counts its running instances."""
    ecs = cloud.client('cn-beijing')
    running = cloud.seed(count=2, region_id='cn-beijing', charge_type='PostPaid')
    stopped = cloud.seed(count=1, region_id='cn-beijing', charge_type='PostPaid', status='Stopped')
    answer = ecs.call(DescribeInstancesRequest(), InstanceIds=json.dumps(running + stopped))
    assert [i['InstanceId'] for i in answer['Instances']['Instance'] if i['Status'] == 'Running'] == running
