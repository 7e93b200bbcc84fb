"""The vendor's current Python SDK, with its defaults."""

import json
import os
import uuid

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi import utils_models
from alibabacloud_tea_openapi.exceptions import ClientException

FIRST, SECOND = 'cn-hangzhou', 'cn-shanghai'
TAG = '订单 & *~+/='


@pytest.fixture
def client() -> Client:
    """The client of a program in the second region: an endpoint without TLS, and nothing about signatures."""
    config = utils_models.Config(access_key_id='testid', access_key_secret='testsecret', region_id='cn-shanghai')
    config.endpoint, config.protocol = os.environ['ECSD_SIMULATOR'], 'HTTP'
    return Client(config)


def instances(client: Client, region: str, **filters) -> list:
    request = models.DescribeInstancesRequest(region_id=region, **filters)
    return client.describe_instances(request).body.instances.instance


def instance(client: Client, region: str, instance_id: str):
    found = instances(client, region, instance_ids=json.dumps([instance_id]))
    return found[0] if found else None


def test_list(client):
    names, token = [], ''
    while True:
        request = models.DescribeInstancesRequest(region_id=FIRST, max_results=10, next_token=token)
        page = client.describe_instances(request).body
        names += [i.instance_name for i in page.instances.instance]
        token = page.next_token
        if not token:
            break
    assert names == [f'web-{n:03}' for n in range(1, 13)]
    assert len(instances(client, SECOND)) == 1


def test_life(client):
    created = client.run_instances(models.RunInstancesRequest(
        region_id=FIRST, image_id='centos_7_03_64_20G_alibase_20170818.vhd', instance_type='ecs.g7.large',
        instance_name='created', client_token=str(uuid.uuid4()))).body
    [instance_id] = created.instance_id_sets.instance_id_set
    assert instance(client, FIRST, instance_id).status == 'Running'
    client.stop_instance(models.StopInstanceRequest(instance_id=instance_id))
    assert instance(client, FIRST, instance_id).status == 'Stopped'
    client.start_instance(models.StartInstanceRequest(instance_id=instance_id))
    assert instance(client, FIRST, instance_id).status == 'Running'
    client.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    assert instance(client, FIRST, instance_id) is None


def test_renew_in_the_second_region(client):
    [subscription] = instances(client, SECOND)
    request = models.RenewInstanceRequest(
        instance_id=subscription.instance_id, period=1, period_unit='Month', client_token=str(uuid.uuid4()))
    order = client.renew_instance(request).body.order_id
    assert order
    assert client.renew_instance(request).body.order_id == order, 'the same token is the same order'
    [renewed] = instances(client, SECOND)
    assert renewed.expired_time > subscription.expired_time


def test_auto_renew(client):
    [subscription] = instances(client, SECOND)
    client.modify_instance_auto_renew_attribute(models.ModifyInstanceAutoRenewAttributeRequest(
        region_id=SECOND, instance_id=subscription.instance_id, renewal_status='AutoRenewal', duration=2, period_unit='Month'))
    [setting] = client.describe_instance_auto_renew_attribute(models.DescribeInstanceAutoRenewAttributeRequest(
        region_id=SECOND, instance_id=subscription.instance_id,
    )).body.instance_renew_attributes.instance_renew_attribute
    assert (setting.renewal_status, setting.duration, setting.period_unit) == ('AutoRenewal', 2, 'Month')


def test_tags(client):
    [subscription] = instances(client, SECOND)
    client.tag_resources(models.TagResourcesRequest(
        region_id=SECOND, resource_type='instance', resource_id=[subscription.instance_id],
        tag=[models.TagResourcesRequestTag(key='team', value=TAG)]))
    [tag] = client.list_tag_resources(models.ListTagResourcesRequest(
        region_id=SECOND, resource_type='instance', resource_id=[subscription.instance_id])).body.tag_resources.tag_resource
    assert (tag.tag_key, tag.tag_value) == ('team', TAG)
    [tagged] = instances(client, SECOND, tag=[models.DescribeInstancesRequestTag(key='team', value=TAG)])
    assert tagged.instance_id == subscription.instance_id


def test_types(client):
    types = client.describe_instance_types(
        models.DescribeInstanceTypesRequest(instance_type_family='ecs.g7')).body.instance_types.instance_type
    [large] = [t for t in types if t.instance_type_id == 'ecs.g7.large']
    assert (large.cpu_core_count, large.memory_size) == (2, 8)


def test_spot_price(client):
    prices = client.describe_spot_price_history(models.DescribeSpotPriceHistoryRequest(
        region_id=SECOND, network_type='vpc', instance_type='ecs.g7.large')).body.spot_prices.spot_price_type
    assert prices and all(0 < p.spot_price <= p.origin_price for p in prices)


def test_error(client):
    with pytest.raises(ClientException) as refused:
        client.renew_instance(models.RenewInstanceRequest(instance_id='i-unknown', period=1))
    assert refused.value.code == 'InvalidInstanceId.NotFound'
    assert refused.value.status_code == 404
    assert 'does not exist' in refused.value.message
