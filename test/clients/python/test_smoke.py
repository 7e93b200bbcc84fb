"""Makes a few calls with the generated Python client, as another team's program would.

It uses the server at ECSD_ADDRESS, which make test-clients sets.
"""

import os

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from ecsd.v1 import (
    catalog_service_pb2,
    catalog_service_pb2_grpc,
    instance_service_pb2,
    instance_service_pb2_grpc,
)


@pytest.fixture(scope="module")
def channel():
    with grpc.insecure_channel(os.environ["ECSD_ADDRESS"]) as channel:
        yield channel


def test_list_regions(channel):
    catalog = catalog_service_pb2_grpc.CatalogServiceStub(channel)

    regions = catalog.ListRegions(catalog_service_pb2.ListRegionsRequest(), timeout=30).regions

    assert [r.served for r in regions if r.is_default] == [True]


def test_unknown_instance(channel):
    instances = instance_service_pb2_grpc.InstanceServiceStub(channel)

    with pytest.raises(grpc.RpcError) as raised:
        instances.GetInstance(
            instance_service_pb2.GetInstanceRequest(
                region_id="cn-hangzhou", instance_id="i-bp1nosuchinstance000"
            ),
            timeout=30,
        )

    assert raised.value.code() == grpc.StatusCode.NOT_FOUND
    info = detail(raised.value, error_details_pb2.ErrorInfo)
    assert info.reason == "INSTANCE_NOT_FOUND"
    assert info.domain == "ecsd"
    assert info.metadata["region_id"] == "cn-hangzhou"


def test_malformed_instance_id(channel):
    instances = instance_service_pb2_grpc.InstanceServiceStub(channel)

    with pytest.raises(grpc.RpcError) as raised:
        instances.GetInstance(
            instance_service_pb2.GetInstanceRequest(instance_id="not an id"), timeout=30
        )

    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert detail(raised.value, error_details_pb2.ErrorInfo).reason == "INVALID_FIELD"
    violations = detail(raised.value, error_details_pb2.BadRequest).field_violations
    assert [v.field for v in violations] == ["instance_id"]


def detail(error, kind):
    """Returns the detail of the given type in an RPC's error."""
    for packed in rpc_status.from_call(error).details:
        if packed.Is(kind.DESCRIPTOR):
            unpacked = kind()
            packed.Unpack(unpacked)
            return unpacked
    pytest.fail(f"{error} carries no {kind.DESCRIPTOR.full_name}")
