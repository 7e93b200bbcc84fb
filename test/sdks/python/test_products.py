"""The vendor's current Python SDKs of other products, at the same address: the version of a request names its product."""

import os
import uuid

import pytest
from alibabacloud_bssopenapi20171214 import models as billing
from alibabacloud_bssopenapi20171214.client import Client as Billing
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_quotas20200510 import models as quotas
from alibabacloud_quotas20200510.client import Client as Quotas
from alibabacloud_sts20150401 import models as sts
from alibabacloud_sts20150401.client import Client as Sts
from alibabacloud_tea_openapi import utils_models

REGION = 'cn-shanghai'


@pytest.fixture
def config() -> utils_models.Config:
    config = utils_models.Config(access_key_id='testid', access_key_secret='testsecret', region_id=REGION)
    config.endpoint, config.protocol = os.environ['ECSD_SIMULATOR'], 'HTTP'
    return config


def test_caller(config):
    caller = Sts(config).get_caller_identity().body
    assert caller.identity_type == 'Account'
    assert caller.account_id in caller.arn


def test_temporary_key(config):
    account = Sts(config).get_caller_identity().body.account_id
    issued = Sts(config).assume_role(sts.AssumeRoleRequest(
        role_arn=f'acs:ram::{account}:role/renewer', role_session_name='night')).body.credentials
    config.access_key_id, config.access_key_secret = issued.access_key_id, issued.access_key_secret
    config.security_token = issued.security_token
    assert Sts(config).get_caller_identity().body.identity_type == 'AssumedRoleUser'
    assert len(Ecs(config).describe_instances(ecs.DescribeInstancesRequest(region_id=REGION)).body.instances.instance) == 1


def test_quotas(config):
    listed = Quotas(config).list_product_quotas(quotas.ListProductQuotasRequest(
        product_code='ecs', quota_category='FlowControl')).body.quotas
    assert {q.total_quota for q in listed if q.dimensions['regionId'] == REGION} == {500}, [q.to_map() for q in listed]


def test_billing(config):
    [subscription] = Ecs(config).describe_instances(ecs.DescribeInstancesRequest(region_id=REGION)).body.instances.instance
    order_id = Ecs(config).renew_instance(ecs.RenewInstanceRequest(
        instance_id=subscription.instance_id, period=1, client_token=str(uuid.uuid4()))).body.order_id
    client = Billing(config)
    orders = client.query_orders(billing.QueryOrdersRequest(order_type='Renew')).body.data.order_list.order
    assert [o.payment_status for o in orders if o.order_id == order_id] == ['Paid']
    detail = client.get_order_detail(billing.GetOrderDetailRequest(order_id=order_id)).body.data.order_list.order
    assert subscription.instance_id in detail[0].instance_ids
    [known] = client.query_available_instances(billing.QueryAvailableInstancesRequest(
        instance_ids=subscription.instance_id)).body.data.instance_list
    assert known.region == REGION
    assert float(client.query_account_balance().body.data.available_amount.replace(',', '')) > 0
