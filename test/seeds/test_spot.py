"""Section 2.6 of the SDK reference, on preemptible instances, by the vendor's Python SDK.

The samples there are in Java. Each test has the name of its class; the code is
this project's own, and makes the same requests with the same parameters.
"""

import json
from datetime import datetime, timedelta

import pytest
from aliyunsdkecs.request.v20140526.CreateInstanceRequest import CreateInstanceRequest
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
from aliyunsdkecs.request.v20140526.DescribeSpotPriceHistoryRequest import DescribeSpotPriceHistoryRequest
from aliyunsdkecs.request.v20140526.DescribeZonesRequest import DescribeZonesRequest

from ecs import Refused

ZONE, TYPE = 'cn-hangzhou-b', 'ecs.sn2.medium'


def prices(ecs, **more) -> list[dict]:
    """Every page of the history of the samples' type in their zone."""
    found, offset = [], 0
    while True:
        answer = ecs.call(DescribeSpotPriceHistoryRequest(), ZoneId=ZONE, InstanceType=TYPE, NetworkType='vpc',
                          Offset=offset, **more)
        found += answer['SpotPrices']['SpotPriceType']
        offset = answer['NextOffset']
        if not offset:
            return found


def bid(cloud, ecs, limit: str) -> str:
    network = cloud.network()
    [subnet] = [v['vswitch_id'] for v in network['vswitches'] if v['zone_id'] == ZONE]
    return ecs.call(
        CreateInstanceRequest(), ZoneId=ZONE, SecurityGroupId=network['security_group_ids'][0],
        ImageId='centos_7_03_64_20G_alibase_20170818.vhd', VSwitchId=subnet, InstanceType=TYPE,
        IoOptimized='optimized', SystemDiskCategory='cloud_ssd', SystemDiskSize=40,
        InstanceChargeType='PostPaid', SpotStrategy='SpotWithPriceLimit', SpotPriceLimit=limit)['InstanceId']


def locks(ecs, *instance_ids: str) -> dict[str, list[str]]:
    answer = ecs.call(DescribeInstancesRequest(), InstanceIds=json.dumps(instance_ids))
    return {i['InstanceId']: [lock['LockReason'] for lock in i['OperationLocks']['LockReason']]
            for i in answer['Instances']['Instance']}


def test_describe_zones_sample(cloud):
    """The types, disks and networks for spot instances, by zone."""
    answer = cloud.client('cn-zhangjiakou').call(
        DescribeZonesRequest(), SpotStrategy='SpotWithPriceLimit', InstanceChargeType='PostPaid')
    zones = {zone['ZoneId']: zone for zone in answer['Zones']['Zone']}
    assert set(zones) == {'cn-zhangjiakou-a', 'cn-zhangjiakou-b'}
    first = zones['cn-zhangjiakou-a']
    assert TYPE in first['AvailableInstanceTypes']['InstanceTypes']
    assert {'cloud_ssd', 'cloud_efficiency'} <= set(first['AvailableDiskCategories']['DiskCategories'])
    [resources] = first['AvailableResources']['ResourcesInfo']
    assert resources['IoOptimized'] is True
    assert resources['NetworkTypes']['supportedNetworkCategory'] == ['vpc']


def test_describe_spot_price_history_sample(cloud, ecs):
    """All pages: thirty days of prices, at most the price of pay-as-you-go."""
    now = datetime.fromisoformat(cloud.now())
    form = '%Y-%m-%dT%H:%M:%SZ'
    history = prices(ecs, StartTime=(now - timedelta(days=30)).strftime(form), EndTime=now.strftime(form))
    assert len(history) > 100  # more than a page
    times = [price['Timestamp'] for price in history]
    assert times == sorted(times)
    assert {price['ZoneId'] for price in history} == {ZONE}
    assert all(0 < price['SpotPrice'] <= price['OriginPrice'] == 0.569 for price in history)


def test_describe_spot_price_history_sample_by_default(cloud, ecs):
    """The default span is the last three hours."""
    history = prices(ecs)
    assert history[-1]['Timestamp'][:16] == cloud.now()[:16]
    assert 2 <= len(history) <= 5


def test_create_instane_sample(cloud, ecs):
    """A bid at the list price gets a spot instance. The name is spelled as in the sample."""
    instance_id = bid(cloud, ecs, '0.569')
    cloud.advance('10s')
    answer = ecs.call(DescribeInstancesRequest(), InstanceIds=json.dumps([instance_id]))
    [made] = answer['Instances']['Instance']
    assert (made['SpotStrategy'], made['SpotPriceLimit'], made['ZoneId']) == ('SpotWithPriceLimit', 0.569, ZONE)


def test_create_instane_sample_with_a_low_bid(cloud, ecs):
    """A bid below the market's price is rejected."""
    with pytest.raises(Refused) as refusal:
        bid(cloud, ecs, '0.01')
    assert refusal.value.code == 'InvalidSpotPriceLimit.LowerThanPublicPrice'
    assert cloud.instances() == []


def test_describe_instances_sample(cloud, ecs):
    """The lock announces the reclaim, and five minutes later the instance is gone."""
    kept, taken = cloud.seed(count=2, charge_type='PostPaid', spot_strategy='SpotAsPriceGo')
    assert locks(ecs, kept, taken) == {kept: [], taken: []}
    cloud.control('POST', f'instances/{taken}', {'reclaim': True})
    assert locks(ecs, kept, taken) == {kept: [], taken: ['Recycling']}
    cloud.advance('4m59s')
    assert taken in locks(ecs, kept, taken)
    cloud.advance('1s')
    assert locks(ecs, kept, taken) == {kept: []}


def test_describe_instances_sample_may_never_see_the_lock(cloud, ecs):
    """The defect of a read every two minutes by ID: an instance that vanishes between two reads is never reported.

    The notice is five minutes, so a script that is delayed for longer finds the
    instance, then does not find it, and reports nothing.
    """
    [instance_id] = cloud.seed(charge_type='PostPaid', spot_strategy='SpotAsPriceGo')
    assert locks(ecs, instance_id) == {instance_id: []}
    cloud.control('POST', f'instances/{instance_id}', {'reclaim': True})
    cloud.advance('6m')
    assert locks(ecs, instance_id) == {}


def test_a_price_above_the_limit_reclaims(cloud, ecs):
    """A bid just above the current price is lost when the price exceeds it."""
    price = prices(ecs)[-1]['SpotPrice']
    instance_id = bid(cloud, ecs, f'{price + 0.001:.3f}')
    for _ in range(24 * 30):
        cloud.advance('1h')
        if not locks(ecs, instance_id):
            break
    assert locks(ecs, instance_id) == {}
    # The price caused the loss.
    assert max(p['SpotPrice'] for p in prices(ecs)) > price + 0.001
