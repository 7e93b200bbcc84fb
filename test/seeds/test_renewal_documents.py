"""The vendor's Python SDK carries out the renewal documents on the simulator.

Each test names the function and the heading of the document that it proves.
The documents' window, 22 to 28 January, is kept, in a later year; the ids are
those of instances that the test makes.
"""

import logging
from datetime import datetime, timedelta

import pytest

import renewal_documents as documents

# A subscription that ends inside the window, and one that ends behind it.
INSIDE = '2027-01-24T16:00:00Z'
BEHIND = '2027-02-24T16:00:00Z'


def listed(response: dict) -> list[str]:
    return [item['InstanceId'] for item in response['Instances']['Instance']]


def test_query_instances_that_expire_within_a_time_range(cloud):
    """describe_need_renew_instance: "Query instances that expire within a specified time range"."""
    inside = cloud.seed(count=2, expire_time=INSIDE)
    cloud.seed(count=1, expire_time=BEHIND)
    cloud.seed(count=1, charge_type='PostPaid')

    response = documents.describe_need_renew_instance()
    assert response['TotalCount'] == 2
    assert listed(response) == inside
    assert response['Instances']['Instance'][0]['ExpiredTime'] == '2027-01-24T16:00Z'
    assert documents.describe_need_renew_instance(check_need_renew=False)['TotalCount'] == 4


def test_query_by_security_group(cloud):
    """describe_need_renew_instance(security_group_id=...): "filter instances by security group"."""
    group = 'sg-bp1test0000000000001'
    chosen = cloud.seed(count=1, expire_time=INSIDE, security_group_ids=[group])
    cloud.seed(count=1, expire_time=INSIDE)

    assert listed(documents.describe_need_renew_instance(security_group_id=group)) == chosen


def test_renew_an_instance(cloud):
    """_renew_instance_action: "Renew an ECS instance"; "the expiration time may be updated in 10 seconds"."""
    [instance_id] = cloud.seed(expire_time=INSIDE)

    documents._renew_instance_action(instance_id)

    [order] = cloud.ledger(instance_id)
    assert (order['action'], order['period'], order['period_unit']) == ('RenewInstance', 1, 'Month')
    assert (order['amount'], order['currency'], order['client_token']) == ('260.40', 'CNY', '')
    cloud.advance('9s')
    assert cloud.instance(instance_id)['expire_time'] == INSIDE
    cloud.advance('1s')
    assert cloud.instance(instance_id)['expire_time'] == '2027-02-24T16:00:00Z'


def test_renew_only_what_needs_it(cloud):
    """renew_instance and check_instance_need_renew: the guard of "Sample code"."""
    [due] = cloud.seed(expire_time=INSIDE)
    [later] = cloud.seed(expire_time=BEHIND)
    assert documents.check_instance_need_renew(due)
    assert not documents.check_instance_need_renew(later)

    documents.renew_instance(due)
    documents.renew_instance(later)
    cloud.advance('10s')

    assert len(cloud.ledger(due)) == 1
    assert cloud.ledger(later) == []
    assert not documents.check_instance_need_renew(due)


def test_renew_job(cloud):
    """renew_job: "Sample code"; all of a page of instances that expire in the window."""
    inside = cloud.seed(count=3, expire_time=INSIDE)
    cloud.seed(count=1, expire_time=BEHIND)

    documents.renew_job()
    cloud.advance('10s')

    assert [order['instance_id'] for order in cloud.ledger()] == inside
    assert {cloud.instance(i)['expire_time'] for i in inside} == {'2027-02-24T16:00:00Z'}
    documents.renew_job()  # an hour later: nothing is left to do
    assert len(cloud.ledger()) == 3


def test_pay_as_you_go_cannot_be_renewed(cloud, caplog):
    """_renew_instance_action: "You can renew only subscription ECS instances"."""
    [instance_id] = cloud.seed(charge_type='PostPaid')
    with caplog.at_level(logging.INFO):
        documents._renew_instance_action(instance_id)
    assert '"Code":"ChargeTypeViolation"' in caplog.text
    assert cloud.ledger() == []


def test_query_auto_renewal_settings(cloud, caplog):
    """describe_instance_auto_renew_setting: "Query auto-renewal settings"."""
    ids = cloud.seed(count=2, expire_time=INSIDE)
    with caplog.at_level(logging.INFO):
        documents.describe_instance_auto_renew_setting(','.join(ids), expected_auto_renew=False)
    assert 'auto renew not match' not in caplog.text
    # The document's sample response, with the ids of this test.
    assert '"Duration":0' in caplog.text and '"AutoRenewEnabled":false' in caplog.text

    documents.describe_instance_auto_renew_setting(','.join(ids), expected_auto_renew=True)
    assert f'instance {ids[0]},{ids[1]}, auto renew not match expect True.' in caplog.text


def test_enable_and_disable_auto_renewal(cloud, caplog):
    """setting_instance_auto_renew: "Enable and disable auto-renewal for ECS instances"."""
    ids = cloud.seed(count=2, expire_time=INSIDE)

    documents.setting_instance_auto_renew(','.join(ids))
    for instance_id in ids:
        state = cloud.instance(instance_id)
        assert (state['renewal_status'], state['renewal_duration']) == ('AutoRenewal', 1)

    documents.setting_instance_auto_renew(','.join(ids), auto_renew=False)
    assert cloud.instance(ids[0])['renewal_status'] == 'Normal'
    assert 'auto renew not match' not in caplog.text


def test_auto_renewal_is_paid_on_the_ninth_day(cloud):
    """setting_instance_auto_renew: "at 08:00:00 on the ninth day before an instance expires"."""
    [instance_id] = cloud.seed(expire_after='480h')  # 20 days, to midnight
    expiry = cloud.instance(instance_id)['expire_time']
    documents.setting_instance_auto_renew(instance_id)

    cloud.advance('240h')  # 10 days
    assert cloud.ledger(instance_id) == []
    cloud.advance('72h')
    [order] = cloud.ledger(instance_id)
    assert order['action'] == 'AutoRenew'
    # The subscription ends at 00:00 UTC+8, 8 hours before the deduction's time of day.
    deducted = datetime.fromisoformat(expiry) - timedelta(days=9) + timedelta(hours=8)
    assert datetime.fromisoformat(order['time']) == deducted
    assert cloud.instance(instance_id)['expire_time'] > expiry


def test_auto_renewal_of_pay_as_you_go_is_refused(cloud, caplog):
    """describe_instance_auto_renew_setting: "If you call the API operations on a pay-as-you-go instance, an error is returned"."""
    [paid] = cloud.seed(expire_time=INSIDE)
    [on_demand] = cloud.seed(charge_type='PostPaid')
    with caplog.at_level(logging.INFO):
        with pytest.raises(AttributeError):  # the document's code does not expect an error body
            documents.describe_instance_auto_renew_setting(f'{paid},{on_demand}')
    assert '"Code":"ChargeTypeViolation"' in caplog.text


def test_section_2_5_sets_a_field_that_does_not_exist():
    """Section 2.5 calls set_InstanceIds on the auto-renewal requests: its short samples cannot run."""
    assert not hasattr(documents.DescribeInstanceAutoRenewAttributeRequest(), 'set_InstanceIds')
    assert not hasattr(documents.ModifyInstanceAutoRenewAttributeRequest(), 'set_InstanceIds')


def test_two_runs_within_ten_seconds_pay_twice(cloud):
    """renew_job: the defect of the documents, and why ecsd exists.

    The only guard is that the instance still expires in the window; the new
    expiry shows up to 10 seconds late, and no client token is sent.
    """
    [instance_id] = cloud.seed(expire_time=INSIDE)

    documents.renew_job()
    cloud.advance('5s')
    documents.renew_job()
    cloud.advance('10s')

    assert [order['amount'] for order in cloud.ledger(instance_id)] == ['260.40', '260.40']
    assert cloud.instance(instance_id)['expire_time'] == '2027-03-24T16:00:00Z'


def test_one_call_may_pay_twice(cloud):
    """_renew_instance_action: the SDK sends the paid call again after a 500, without a client token.

    Here the first order was made and only its reply went wrong.
    """
    [instance_id] = cloud.seed(expire_time=INSIDE)
    cloud.control('POST', 'faults', {'action': 'RenewInstance', 'kind': 'error', 'when': 'after', 'count': 1})

    documents._renew_instance_action(instance_id)

    assert len(cloud.ledger(instance_id)) == 2
    cloud.advance('10s')
    assert cloud.instance(instance_id)['expire_time'] == '2027-03-24T16:00:00Z'
