"""The functions of the renewal documents, by the vendor's Python SDK.

The documents are "Renew an ECS instance" in two editions, an article that
repeats it, and section 2.5 of the SDK reference. Each test has the name of its
function; the code is this project's own, and makes the same requests with the
same parameters.
"""

import json
from datetime import datetime, timedelta

import pytest
from aliyunsdkecs.request.v20140526.DescribeInstanceAutoRenewAttributeRequest import (
    DescribeInstanceAutoRenewAttributeRequest as AutoRenewOf,
)
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
from aliyunsdkecs.request.v20140526.ModifyInstanceAutoRenewAttributeRequest import (
    ModifyInstanceAutoRenewAttributeRequest as SetAutoRenew,
)
from aliyunsdkecs.request.v20140526.RenewInstanceRequest import RenewInstanceRequest

from ecs import Refused

# A subscription that expires in the window, and one that expires after it.
INSIDE = '2027-01-24T16:00:00Z'
BEHIND = '2027-02-24T16:00:00Z'
MONTH_LATER = '2027-02-24T16:00:00Z'
WINDOW = {
    'Filter3Key': 'ExpiredStartTime', 'Filter3Value': '2027-01-22T00:00Z',
    'Filter4Key': 'ExpiredEndTime', 'Filter4Value': '2027-01-28T00:00Z',
}


def expiring(ecs, **narrower) -> dict:
    """The first hundred instances that expire in the window."""
    return ecs.call(DescribeInstancesRequest(), PageNumber=1, PageSize=100, **WINDOW, **narrower)


def ids(answer: dict) -> list[str]:
    return [instance['InstanceId'] for instance in answer['Instances']['Instance']]


def renew(ecs, instance_id: str) -> dict:
    """Renews for a month without a client token, as in the documents."""
    return ecs.call(RenewInstanceRequest(), InstanceId=instance_id, Period='1')


def renew_due(ecs) -> None:
    """One run of the documents' job: each instance of the window is renewed if it still expires there."""
    for instance_id in ids(expiring(ecs)):
        if expiring(ecs, InstanceIds=json.dumps([instance_id]))['TotalCount'] == 1:
            renew(ecs, instance_id)


def auto_renewal(ecs, *instance_ids: str) -> dict[str, bool]:
    answer = ecs.call(AutoRenewOf(), InstanceId=','.join(instance_ids))
    return {setting['InstanceId']: setting['AutoRenewEnabled']
            for setting in answer['InstanceRenewAttributes']['InstanceRenewAttribute']}


def test_describe_need_renew_instance(cloud, ecs):
    """Those that expire in the window, with their expiry to the minute; without the window, all."""
    due = cloud.seed(count=2, expire_time=INSIDE)
    cloud.seed(expire_time=BEHIND)
    cloud.seed(charge_type='PostPaid')

    answer = expiring(ecs)
    assert (answer['TotalCount'], ids(answer)) == (2, due)
    assert answer['Instances']['Instance'][0]['ExpiredTime'] == '2027-01-24T16:00Z'
    assert ecs.call(DescribeInstancesRequest(), PageNumber=1, PageSize=100)['TotalCount'] == 4


def test_describe_need_renew_instance_of_a_security_group(cloud, ecs):
    group = 'sg-bp1test0000000000001'
    wanted = cloud.seed(expire_time=INSIDE, security_group_ids=[group])
    cloud.seed(expire_time=INSIDE)
    assert ids(expiring(ecs, SecurityGroupId=group)) == wanted


def test_renew_instance_action(cloud, ecs):
    """The charge is immediate; the new expiry is visible ten seconds later."""
    [instance_id] = cloud.seed(expire_time=INSIDE)

    order_id = renew(ecs, instance_id)['OrderId']

    [order] = cloud.ledger(instance_id)
    assert (order['order_id'], order['action'], order['period'], order['period_unit']) == (order_id, 'RenewInstance', 1, 'Month')
    assert (order['amount'], order['currency'], order['client_token']) == ('260.40', 'CNY', '')
    cloud.advance('9s')
    assert cloud.instance(instance_id)['expire_time'] == INSIDE
    cloud.advance('1s')
    assert cloud.instance(instance_id)['expire_time'] == MONTH_LATER


def test_check_instance_need_renew(cloud, ecs):
    """The documents' check: whether the instance still expires in the window."""
    [due] = cloud.seed(expire_time=INSIDE)
    [later] = cloud.seed(expire_time=BEHIND)
    assert expiring(ecs, InstanceIds=json.dumps([due]))['TotalCount'] == 1
    assert expiring(ecs, InstanceIds=json.dumps([later]))['TotalCount'] == 0

    renew(ecs, due)
    cloud.advance('10s')
    assert expiring(ecs, InstanceIds=json.dumps([due]))['TotalCount'] == 0


def test_renew_instance(cloud, ecs):
    """Only pay-as-you-go is rejected, and pays nothing."""
    [instance_id] = cloud.seed(charge_type='PostPaid')
    with pytest.raises(Refused) as refusal:
        renew(ecs, instance_id)
    assert (refusal.value.status, refusal.value.code) == (403, 'ChargeTypeViolation')
    assert cloud.ledger() == []


def test_renew_job(cloud, ecs):
    """All that expire in the window, once; an hour later nothing is left to do."""
    due = cloud.seed(count=3, expire_time=INSIDE)
    cloud.seed(expire_time=BEHIND)

    renew_due(ecs)
    cloud.advance('1h')
    renew_due(ecs)

    assert [order['instance_id'] for order in cloud.ledger()] == due
    assert {cloud.instance(i)['expire_time'] for i in due} == {MONTH_LATER}


def test_renew_job_without_money(cloud, ecs):
    """If the balance does not cover the price, the renewal fails and the expiry does not change."""
    [instance_id] = cloud.seed(expire_time=INSIDE)
    cloud.control('POST', 'account', {'balance': '260.39'})
    with pytest.raises(Refused) as refusal:
        renew_due(ecs)
    assert refusal.value.code == 'InvalidAccountStatus.NotEnoughBalance'
    cloud.advance('10s')
    assert cloud.instance(instance_id)['expire_time'] == INSIDE


def test_describe_instance_auto_renew_setting(cloud, ecs):
    """A new subscription is not renewed automatically and has no duration."""
    pair = cloud.seed(count=2, expire_time=INSIDE)
    answer = ecs.call(AutoRenewOf(), InstanceId=','.join(pair))
    settings = answer['InstanceRenewAttributes']['InstanceRenewAttribute']
    assert [(s['InstanceId'], s['AutoRenewEnabled'], s['Duration']) for s in settings] == [(i, False, 0) for i in pair]


def test_describe_auto_renew(cloud, ecs):
    """One pay-as-you-go instance fails the whole query."""
    [paid] = cloud.seed(expire_time=INSIDE)
    [on_demand] = cloud.seed(charge_type='PostPaid')
    assert auto_renewal(ecs, paid) == {paid: False}
    with pytest.raises(Refused) as refusal:
        auto_renewal(ecs, paid, on_demand)
    assert refusal.value.code == 'ChargeTypeViolation'


def test_setting_instance_auto_renew(cloud, ecs):
    """On for both, then off; the duration is overwritten each time."""
    pair = cloud.seed(count=2, expire_time=INSIDE, renewal_duration=6)

    ecs.call(SetAutoRenew(), Duration=1, AutoRenew=True, InstanceId=','.join(pair))
    assert auto_renewal(ecs, *pair) == dict.fromkeys(pair, True)

    ecs.call(SetAutoRenew(), Duration=1, AutoRenew=False, InstanceId=','.join(pair))
    assert auto_renewal(ecs, *pair) == dict.fromkeys(pair, False)
    assert cloud.instance(pair[0])['renewal_status'] == 'Normal'
    assert cloud.instance(pair[0])['renewal_duration'] == 1


def test_setting_instance_auto_renew_pays_on_the_ninth_day(cloud, ecs):
    """The deduction is at 08:00 UTC+8, nine days before the expiry."""
    [instance_id] = cloud.seed(expire_after='480h')  # 20 days, to midnight
    expiry = cloud.instance(instance_id)['expire_time']
    ecs.call(SetAutoRenew(), Duration=1, AutoRenew=True, InstanceId=instance_id)

    cloud.advance('240h')  # 10 days
    assert cloud.ledger(instance_id) == []
    cloud.advance('72h')
    [order] = cloud.ledger(instance_id)
    assert order['action'] == 'AutoRenew'
    # A subscription ends at 00:00 UTC+8, eight hours before that time of day.
    due = datetime.fromisoformat(expiry) - timedelta(days=9) + timedelta(hours=8)
    assert datetime.fromisoformat(order['time']) == due
    assert cloud.instance(instance_id)['expire_time'] > expiry


def test_setting_instance_auto_renew_tries_daily_until_it_is_paid(cloud, ecs):
    [instance_id] = cloud.seed(expire_after='480h')
    ecs.call(SetAutoRenew(), Duration=1, AutoRenew=True, InstanceId=instance_id)
    cloud.control('POST', 'account', {'balance': '0.00'})
    cloud.advance('312h')  # 13 days: two attempts failed
    assert cloud.ledger(instance_id) == []

    cloud.control('POST', 'account', {'balance': '1000.00'})
    cloud.advance('24h')
    assert len(cloud.ledger(instance_id)) == 1


def test_section_2_5_sets_what_the_requests_do_not_have():
    """Its short samples call set_InstanceIds on the auto-renewal requests, so they fail."""
    assert not hasattr(AutoRenewOf(), 'set_InstanceIds')
    assert not hasattr(SetAutoRenew(), 'set_InstanceIds')


def test_two_runs_within_ten_seconds_pay_twice(cloud, ecs):
    """The defect of renew_job, and why ecsd exists.

    Its only check is that the instance still expires in the window. The new
    expiry is visible ten seconds late, and no client token is sent.
    """
    [instance_id] = cloud.seed(expire_time=INSIDE)

    renew_due(ecs)
    cloud.advance('5s')
    renew_due(ecs)
    cloud.advance('10s')

    assert [order['amount'] for order in cloud.ledger(instance_id)] == ['260.40', '260.40']
    assert cloud.instance(instance_id)['expire_time'] == '2027-03-24T16:00:00Z'


def test_one_call_may_pay_twice(cloud, ecs):
    """The SDK retries a paid call after a 500, although it has no client token.

    Here the first order was paid and only its response was lost.
    """
    [instance_id] = cloud.seed(expire_time=INSIDE)
    cloud.control('POST', 'faults', {'action': 'RenewInstance', 'kind': 'error', 'when': 'after', 'count': 1})

    renew(ecs, instance_id)

    assert len(cloud.ledger(instance_id)) == 2
    cloud.advance('10s')
    assert cloud.instance(instance_id)['expire_time'] == '2027-03-24T16:00:00Z'


def test_renew_job_reads_the_first_page_only(cloud, ecs):
    """The defect of page_number=1: the hundred-and-first instance expires."""
    cloud.seed(count=101, expire_time=INSIDE)
    renew_due(ecs)
    assert len(cloud.ledger()) == 100
