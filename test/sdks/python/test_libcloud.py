"""apache-libcloud's ECS driver, with its defaults. It knows no renewals."""

import os

import pytest
from libcloud.compute.providers import get_driver
from libcloud.compute.types import NodeState, Provider

REGION = 'cn-shanghai'


@pytest.fixture
def driver():
    host, port = os.environ['ECSD_SIMULATOR'].rsplit(':', 1)
    return get_driver(Provider.ALIYUN_ECS)('testid', 'testsecret', region=REGION, secure=False, host=host, port=int(port))


def state(driver, node) -> NodeState:
    [found] = driver.list_nodes(ex_node_ids=[node.id])
    return found.state


def test_life(driver):
    assert [location.id for location in driver.list_locations()][:2] == ['cn-hangzhou', REGION]
    before = driver.list_nodes()
    assert [node.name for node in before] == ['renewed-001']
    [size] = [size for size in driver.list_sizes() if size.id == 'ecs.g7.large']
    image = next(image for image in driver.list_images() if image.extra['platform'] == 'Ubuntu')
    group = driver.ex_list_security_groups()[0]
    node = driver.create_node(name='created', size=size, image=image, ex_security_group_id=group.id)
    assert state(driver, node) == NodeState.RUNNING
    assert driver.stop_node(node)
    assert state(driver, node) == NodeState.STOPPED
    assert driver.start_node(node)
    assert driver.reboot_node(node)
    assert state(driver, node) == NodeState.RUNNING
    assert driver.stop_node(node)
    assert driver.destroy_node(node)
    assert driver.list_nodes(ex_node_ids=[node.id]) == []


def test_error(driver):
    with pytest.raises(Exception) as refused:
        driver.list_nodes(ex_filters={'Status': 'Asleep'})
    assert 'InvalidStatus.NotFound' in str(refused.value)


def test_volumes(driver):
    [node] = driver.list_nodes()
    [system] = driver.list_volumes(ex_filters={'InstanceId': node.id})
    volume = driver.create_volume(20, 'data', ex_zone_id=node.extra['zone_id'], ex_disk_category='cloud_essd')
    assert driver.attach_volume(node, volume)
    assert {v.id for v in driver.list_volumes(ex_filters={'InstanceId': node.id})} == {system.id, volume.id}
    snapshot = driver.create_volume_snapshot(volume, name='before')
    assert [s.id for s in driver.list_volume_snapshots(volume)] == [snapshot.id]
    assert driver.detach_volume(volume, ex_instance_id=node.id)
    assert driver.destroy_volume_snapshot(snapshot)
    assert driver.destroy_volume(volume)
    assert [v.id for v in driver.list_volumes()] == [system.id]
