// Makes a few calls with the generated TypeScript client, as another team's program would. It uses the server
// at ECSD_ADDRESS, which make test-clients sets.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

import { CatalogService } from "@ecsd-io/ecsd/ecsd/v1/catalog_service_pb.js";
import { InstanceService } from "@ecsd-io/ecsd/ecsd/v1/instance_service_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "@ecsd-io/ecsd/google/rpc/error_details_pb.js";

const transport = createGrpcTransport({
  baseUrl: `http://${process.env["ECSD_ADDRESS"]}`,
  defaultTimeoutMs: 30_000,
});
const catalog = createClient(CatalogService, transport);
const instances = createClient(InstanceService, transport);

test("list regions", async () => {
  const { regions } = await catalog.listRegions({});

  assert.deepEqual(regions.filter((r) => r.isDefault).map((r) => r.served), [true]);
});

test("unknown instance", async () => {
  const error = await failure(
    instances.getInstance({ regionId: "cn-hangzhou", instanceId: "i-bp1nosuchinstance000" }),
  );

  assert.equal(error.code, Code.NotFound);
  const [info] = error.findDetails(ErrorInfoSchema);
  assert.equal(info?.reason, "INSTANCE_NOT_FOUND");
  assert.equal(info?.domain, "ecsd");
  assert.equal(info?.metadata["region_id"], "cn-hangzhou");
});

test("malformed instance id", async () => {
  const error = await failure(instances.getInstance({ instanceId: "not an id" }));

  assert.equal(error.code, Code.InvalidArgument);
  assert.equal(error.findDetails(ErrorInfoSchema)[0]?.reason, "INVALID_FIELD");
  const fields = error.findDetails(BadRequestSchema)[0]?.fieldViolations.map((v) => v.field);
  assert.deepEqual(fields, ["instance_id"]);
});

// Returns the error of a call; the test fails if the call succeeds.
async function failure(call: Promise<unknown>): Promise<ConnectError> {
  try {
    await call;
  } catch (error) {
    return ConnectError.from(error);
  }
  return assert.fail("the call succeeded");
}
