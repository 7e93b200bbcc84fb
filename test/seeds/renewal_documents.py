"""The functions of the vendor's renewal documents, as the documents print them.

Sources: "Renew an ECS instance" in its English and Chinese editions, section
2.5 "Renew an instance" of the developer guide, and an article that reprints
them. They all print the same functions; the few differences are said below.

Changed, and nothing else:

* The client is made by `connect`, which points it at another endpoint; the
  documents make it at import time with a key and a region in the source.
* The window's dates are set by `window`; the documents print dates of 2017.
* `renew_job` asks `len(response_list) > 0`; the documents print
  `response_list > 0`, which only Python 2 accepts.
"""

import json
import logging

from aliyunsdkcore import client
from aliyunsdkecs.request.v20140526.DescribeInstanceAutoRenewAttributeRequest import \
    DescribeInstanceAutoRenewAttributeRequest
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
from aliyunsdkecs.request.v20140526.ModifyInstanceAutoRenewAttributeRequest import \
    ModifyInstanceAutoRenewAttributeRequest
from aliyunsdkecs.request.v20140526.RenewInstanceRequest import RenewInstanceRequest

clt = None
INSTANCE_EXPIRED_START_TIME_IN_UTC_STRING = ''
INSTANCE_EXPIRE_END_TIME_IN_UTC_STRING = ''


def connect(host, port, access_key_id, access_key_secret, region_id):
    """Points the documents' client at an endpoint that speaks plain HTTP.

    The SDK takes the port for the whole client, and the host from its table
    of endpoints, by product and region.
    """
    global clt
    clt = client.AcsClient(access_key_id, access_key_secret, region_id, port=port)
    clt.add_endpoint(region_id, 'Ecs', host)


def window(start, end):
    """Sets the window in which instances count as expiring, yyyy-MM-ddTHH:mmZ."""
    global INSTANCE_EXPIRED_START_TIME_IN_UTC_STRING, INSTANCE_EXPIRE_END_TIME_IN_UTC_STRING
    INSTANCE_EXPIRED_START_TIME_IN_UTC_STRING = start
    INSTANCE_EXPIRE_END_TIME_IN_UTC_STRING = end


def renew_job(page_size=100, page_number=1, check_need_renew=True, security_group_id=None):
    response = describe_need_renew_instance(page_size=page_size, page_number=page_number,
                                            check_need_renew=check_need_renew,
                                            security_group_id=security_group_id)
    response_list = response.get('Instances').get('Instance')
    logging.info("%s instances need to renew", str(response.get('TotalCount')))
    if len(response_list) > 0:
        instance_ids = ''
        for item in response_list:
            instance_id = item.get('InstanceId')
            instance_ids += instance_id + ','
            renew_instance(instance_id=instance_id)
        logging.info("%s execute renew action ready", instance_ids)


def describe_need_renew_instance(page_size=100, page_number=1, instance_id=None,
                                 check_need_renew=True, security_group_id=None):
    request = DescribeInstancesRequest()
    if check_need_renew is True:
        request.set_Filter3Key("ExpiredStartTime")
        request.set_Filter3Value(INSTANCE_EXPIRED_START_TIME_IN_UTC_STRING)
        request.set_Filter4Key("ExpiredEndTime")
        request.set_Filter4Value(INSTANCE_EXPIRE_END_TIME_IN_UTC_STRING)
    if instance_id is not None:
        request.set_InstanceIds(json.dumps([instance_id]))
    if security_group_id:
        request.set_SecurityGroupId(security_group_id)
    request.set_PageNumber(page_number)
    request.set_PageSize(page_size)
    return _send_request(request)


# check the instances is renew or not
def describe_instance_auto_renew_setting(instance_ids, expected_auto_renew=True):
    describe_request = DescribeInstanceAutoRenewAttributeRequest()
    describe_request.set_InstanceId(instance_ids)
    response_detail = _send_request(request=describe_request)
    failed_instance_ids = ''
    if response_detail is not None:
        attributes = response_detail.get('InstanceRenewAttributes').get('InstanceRenewAttribute')
        if attributes:
            for item in attributes:
                auto_renew_status = item.get('AutoRenewEnabled')
                if auto_renew_status != expected_auto_renew:
                    failed_instance_ids += item.get('InstanceId') + ','
    if len(failed_instance_ids) > 0:
        logging.error("instance %s auto renew not match expect %s.", failed_instance_ids,
                      expected_auto_renew)


# The short samples of the documents call the query describe_auto_renew, and
# stop before the check of failed_instance_ids.
describe_auto_renew = describe_instance_auto_renew_setting


def setting_instance_auto_renew(instance_ids, auto_renew=True):
    logging.info('execute enable auto renew ' + instance_ids)
    request = ModifyInstanceAutoRenewAttributeRequest()
    request.set_Duration(1)
    request.set_AutoRenew(auto_renew)
    request.set_InstanceId(instance_ids)
    _send_request(request)
    describe_instance_auto_renew_setting(instance_ids, auto_renew)


# if using the instance id can be found means the instance is not renew successfully.
def check_instance_need_renew(instance_id):
    response = describe_need_renew_instance(instance_id=instance_id)
    if response is not None:
        return response.get('TotalCount') == 1
    return False


# Renew an instance for a month
def renew_instance(instance_id, period='1'):
    need_renew = check_instance_need_renew(instance_id)
    if need_renew:
        _renew_instance_action(instance_id=instance_id, period=period)
        # describe_need_renew_instance(instance_id=instance_id, check_need_renew=False)


def _renew_instance_action(instance_id, period='1'):
    request = RenewInstanceRequest()
    request.set_Period(period)
    request.set_InstanceId(instance_id)
    response = _send_request(request)
    logging.info('renew %s ready, output is %s ', instance_id, response)


def _send_request(request):
    request.set_accept_format('json')
    try:
        response_str = clt.do_action(request)
        logging.info(response_str)
        response_detail = json.loads(response_str)
        return response_detail
    except Exception as e:
        logging.error(e)
