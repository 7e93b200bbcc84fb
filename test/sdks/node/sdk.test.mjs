// The vendor's current Node.js SDK, with its defaults, against the simulator.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import ecs from '@alicloud/ecs20140526'
import { $OpenApiUtil } from '@alicloud/openapi-core'

const first = 'cn-hangzhou'
const second = 'cn-shanghai'
const tag = '订单 & *~+/='

// The client of a program in the second region: an endpoint without TLS, and nothing about signatures.
const client = new ecs.default(new $OpenApiUtil.Config({
  accessKeyId: 'testid', accessKeySecret: 'testsecret', regionId: second,
  endpoint: process.env.ECSD_SIMULATOR, protocol: 'http',
}))

async function instances(regionId, filters) {
  const { body } = await client.describeInstances(new ecs.DescribeInstancesRequest({ regionId, ...filters }))
  return body.instances.instance
}

// status returns the status of an instance, undefined if it is gone.
async function status(regionId, id) {
  return (await instances(regionId, { instanceIds: JSON.stringify([id]) }))[0]?.status
}

// subscription returns the one instance of the second region.
async function subscription() {
  const found = await instances(second)
  assert.equal(found.length, 1)
  return found[0]
}

test('list', async () => {
  const names = []
  let nextToken = ''
  do {
    const { body } = await client.describeInstances(new ecs.DescribeInstancesRequest({ regionId: first, maxResults: 10, nextToken }))
    names.push(...body.instances.instance.map((i) => i.instanceName))
    nextToken = body.nextToken
  } while (nextToken)
  assert.deepEqual(names, Array.from({ length: 12 }, (_, n) => `web-${String(n + 1).padStart(3, '0')}`))
})

test('create, stop, start, delete', async () => {
  const { body } = await client.runInstances(new ecs.RunInstancesRequest({
    regionId: first, instanceName: 'created', imageId: 'centos_7_03_64_20G_alibase_20170818.vhd', instanceType: 'ecs.g7.large', clientToken: randomUUID(),
  }))
  const [instanceId] = body.instanceIdSets.instanceIdSet
  assert.equal(await status(first, instanceId), 'Running')
  await client.stopInstance(new ecs.StopInstanceRequest({ instanceId }))
  assert.equal(await status(first, instanceId), 'Stopped')
  await client.startInstance(new ecs.StartInstanceRequest({ instanceId }))
  assert.equal(await status(first, instanceId), 'Running')
  await client.deleteInstance(new ecs.DeleteInstanceRequest({ instanceId, force: true }))
  assert.equal(await status(first, instanceId), undefined)
})

test('renew in the second region', async () => {
  const before = await subscription()
  const request = new ecs.RenewInstanceRequest({ instanceId: before.instanceId, period: 1, periodUnit: 'Month', clientToken: randomUUID() })
  const { body: { orderId } } = await client.renewInstance(request)
  assert.ok(orderId)
  assert.equal((await client.renewInstance(request)).body.orderId, orderId, 'the same token is the same order')
  assert.ok((await subscription()).expiredTime > before.expiredTime)
})

test('auto-renewal', async () => {
  const { instanceId } = await subscription()
  await client.modifyInstanceAutoRenewAttribute(new ecs.ModifyInstanceAutoRenewAttributeRequest({
    regionId: second, instanceId, renewalStatus: 'AutoRenewal', duration: 2, periodUnit: 'Month',
  }))
  const { body } = await client.describeInstanceAutoRenewAttribute(new ecs.DescribeInstanceAutoRenewAttributeRequest({ regionId: second, instanceId }))
  const [{ renewalStatus, duration, periodUnit }] = body.instanceRenewAttributes.instanceRenewAttribute
  assert.deepEqual({ renewalStatus, duration, periodUnit }, { renewalStatus: 'AutoRenewal', duration: 2, periodUnit: 'Month' })
})

test('tags', async () => {
  const { instanceId } = await subscription()
  const resource = { regionId: second, resourceType: 'instance', resourceId: [instanceId] }
  await client.tagResources(new ecs.TagResourcesRequest({ ...resource, tag: [new ecs.TagResourcesRequestTag({ key: 'team', value: tag })] }))
  const { body } = await client.listTagResources(new ecs.ListTagResourcesRequest(resource))
  const [{ tagKey, tagValue }] = body.tagResources.tagResource
  assert.deepEqual({ tagKey, tagValue }, { tagKey: 'team', tagValue: tag })
  const tagged = await instances(second, { tag: [new ecs.DescribeInstancesRequestTag({ key: 'team', value: tag })] })
  assert.deepEqual(tagged.map((i) => i.instanceId), [instanceId])
})

test('types', async () => {
  const { body } = await client.describeInstanceTypes(new ecs.DescribeInstanceTypesRequest({ instanceTypeFamily: 'ecs.g7' }))
  const { cpuCoreCount, memorySize } = body.instanceTypes.instanceType.find((t) => t.instanceTypeId === 'ecs.g7.large')
  assert.deepEqual({ cpuCoreCount, memorySize }, { cpuCoreCount: 2, memorySize: 8 })
})

test('spot price', async () => {
  const { body } = await client.describeSpotPriceHistory(new ecs.DescribeSpotPriceHistoryRequest({
    regionId: second, networkType: 'vpc', instanceType: 'ecs.g7.large',
  }))
  const prices = body.spotPrices.spotPriceType
  assert.ok(prices.length > 0)
  assert.ok(prices.every((p) => p.spotPrice > 0 && p.spotPrice <= p.originPrice))
})

test('an error', async () => {
  await assert.rejects(client.renewInstance(new ecs.RenewInstanceRequest({ instanceId: 'i-unknown', period: 1 })), (refused) => {
    assert.equal(refused.code, 'InvalidInstanceId.NotFound')
    assert.equal(refused.statusCode, 404)
    assert.match(refused.message, /does not exist/)
    return true
  })
})
