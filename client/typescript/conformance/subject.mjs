// Offers the installed TypeScript client to the conformance runner: commands on standard input, events on standard output.
import { readFileSync } from "node:fs";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Code, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as ecsd from "@ecsd-io/client/node";

import { CommandSchema, EventSchema, Watch_Subject } from "./proto/ecsd/conformance/v1/subject_pb.js";

const clients = new Map();
const controllers = new Map();
const credits = new Map();
const running = new Set();

function write(id, event) {
  const body = toBinary(EventSchema, create(EventSchema, { id, event }));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  process.stdout.write(Buffer.concat([size, body]));
}

const codeName = (code) => (code === Code.Canceled ? "CANCELLED" : Code[code].replace(/(?<!^)([A-Z])/g, "_$1").toUpperCase());
const done = { case: "done", value: {} };
const response = (schema, message) => ({ case: "response", value: { message: toBinary(schema, message) } });
const lower = (name) => name[0].toLowerCase() + name.slice(1);
const services = {
  InstanceService: "instances", RenewalService: "renewals", SpotService: "spot", DiskService: "disks", CatalogService: "catalog", AccessService: "access",
};

function failure(error) {
  if (!(error instanceof ecsd.EcsdError)) return { case: "failure", value: { code: "INVALID_ARGUMENT", message: String(error?.stack ?? error) } };
  return {
    case: "failure",
    value: {
      code: codeName(error.code), reason: error.reason, message: error.message, fields: error.fieldViolations.map((v) => v.field),
      retryable: error.isRetryable, retryAfterMs: error.retryAfterMs ?? 0, metadata: error.metadata, requestId: error.requestId,
    },
  };
}

function observed(event) {
  const o = { kind: event.kind };
  for (const name of ["revision", "instanceId", "skipped", "resumeToken", "snapshot", "previousStatus"]) if (event[name] !== undefined) o[name] = event[name];
  switch (event.kind) {
    case "snapshot":
    case "changed":
      delete o.snapshot;
      o.instanceId = event.instance.instanceId;
      o.status = event.instance.status;
      break;
    case "removed":
      o.removalReason = event.reason;
      break;
    case "ended":
      if (event.outcome !== "unknown") o.kind = event.outcome;
      break;
    case "checkpoint":
      o.degraded = event.degraded.map((d) => d.regionId);
      break;
    case "interrupted":
      o.delayMs = Math.floor(event.delayMs);
    // falls through
    case "restarted":
      o.reason = event.error.reason;
      o.code = codeName(event.error.code);
      break;
    case "job":
      o.status = event.job.state;
      o.changed = event.renewals ? event.renewals.map((r) => `${r.renewalId}=${r.state}`) : event.items.map((i) => `${i.instanceId}=${i.state}`);
  }
  return o;
}

const options = (c, signal) => ({ signal, ...(c.timeoutMs ? { timeoutMs: c.timeoutMs } : {}) });

const commands = {
  connect(c, id) {
    const tokens = [...c.tokens];
    const read = (path) => (path ? readFileSync(path, "utf8") : undefined);
    const chosen = {
      insecure: !c.tls, caller: c.caller || undefined, timeoutMs: c.timeoutMs || undefined, ca: read(c.caFile), cert: read(c.certFile), key: read(c.keyFile),
      token: tokens.length > 1 ? () => (tokens.length > 1 ? tokens.shift() : tokens[0]) : tokens[0],
    };
    clients.set(id, ecsd.connect(c.target, chosen));
    return done;
  },
  close(c) {
    clients.get(c.client).close();
    return done;
  },
  async call(c, id, signal) {
    const [service, name] = c.method.split(".");
    const schema = ecsd[service].method[lower(name)];
    const request = fromBinary(schema.input, c.request);
    if (c.reportRequestId) write(id, { case: "progress", value: { requestId: ecsd.ensureRequestId(request) } });
    return response(schema.output, await clients.get(c.client)[services[service]][lower(name)](request, options(c, signal)));
  },
  async list(c) {
    const [service, name] = c.method.split(".");
    const schema = ecsd[service].method[lower(name)];
    const field = schema.output.fields.find((f) => f.fieldKind === "list" && f.listKind === "message");
    const items = [];
    for await (const item of clients.get(c.client)[lower(name)](fromBinary(schema.input, c.request))) {
      items.push(toBinary(field.message, item));
      if (c.most && items.length === c.most) break;
    }
    return { case: "items", value: { items } };
  },
  async wait(c, id, signal) {
    const results = await clients.get(c.client).wait(fromBinary(ecsd.WaitInstancesRequestSchema, c.request), options(c, signal));
    return response(ecsd.WaitInstancesResponseSchema, create(ecsd.WaitInstancesResponseSchema, { results }));
  },
  async renew(c, id, signal) {
    const progress = ({ requestId, renewal }) => write(id, { case: "progress", value: { requestId, state: renewal?.state ?? 0 } });
    const request = fromBinary(ecsd.RenewInstanceRequestSchema, c.request);
    return response(ecsd.RenewalSchema, await clients.get(c.client).renew(request, { ...options(c, signal), progress }));
  },
  async renewJob(c, id, signal) {
    const progress = ({ requestId, job, total, ended }) =>
      write(id, { case: "progress", value: { requestId, jobId: job?.jobId ?? "", state: job?.state ?? 0, total: BigInt(total), ended: BigInt(ended) } });
    const request = fromBinary(ecsd.CreateRenewalJobRequestSchema, c.request);
    return response(ecsd.RenewalJobSchema, await clients.get(c.client).renewJob(request, { ...options(c, signal), progress }));
  },
  convert({ value: v }) {
    switch (v.case) {
      case "toMoney": {
        const [amount, currency] = v.value.split(" ");
        return response(ecsd.MoneySchema, ecsd.money(amount, currency));
      }
      case "fromMoney":
        return { case: "value", value: { text: ecsd.moneyText(fromBinary(ecsd.MoneySchema, v.value)) } };
      case "toPeriod": {
        const [count, unit] = v.value.split(" ");
        return response(ecsd.PeriodSchema, ecsd[unit](Number(count)));
      }
      default:
        return { case: "value", value: { text: ecsd.timestampText(fromBinary(TimestampSchema, v.value)) } };
    }
  },
  async measure({ client, target, calls }) {
    const bare = createClient(ecsd.InstanceService, createGrpcTransport({ baseUrl: `http://${target}` }));
    const stubs = [bare, clients.get(client).instances];
    const took = [[], []];
    for (let n = 0; n < 2 * calls; n++) {
      for (const [i, stub] of stubs.entries()) {
        const began = process.hrtime.bigint();
        await stub.getInstance({ instanceId: "i-1" });
        took[i].push(Number(process.hrtime.bigint() - began));
      }
    }
    const median = (all) => all.slice(calls).sort((a, b) => a - b)[calls >> 1];
    return { case: "value", value: { text: took.map(median).join(" ") } };
  },
  async watch(c, id, signal) {
    const client = clients.get(c.client);
    const read = (schema) => fromBinary(schema, c.request);
    const watch = {
      [Watch_Subject.INSTANCES]: () => client.watch(read(ecsd.WatchInstancesRequestSchema), { signal }),
      [Watch_Subject.RECLAIMS]: () => client.watchReclaims(read(ecsd.WatchReclaimsRequestSchema), { signal }),
      [Watch_Subject.RENEWAL_JOB]: () => client.watchRenewalJob(read(ecsd.WatchRenewalJobRequestSchema), { signal }),
      [Watch_Subject.RELEASE_JOB]: () => client.watchReleaseJob(read(ecsd.WatchReleaseJobRequestSchema), { signal }),
    }[c.subject]();
    const credit = credits.get(id);
    let count = 0n;
    for await (const event of watch) {
      count++;
      if (!c.countOnly || event.kind === "checkpoint") {
        write(id, { case: "observed", value: { ...observed(event), ...(c.countOnly ? { count } : {}) } });
      }
      if (c.credit) {
        credit.left--;
        while (credit.left === 0 && !signal.aborted) await new Promise((resolve) => (credit.more = resolve));
      }
    }
    return done;
  },
};

async function run({ id, command }) {
  const controller = new AbortController();
  controllers.set(id, controller);
  if (command.case === "watch") credits.set(id, { left: command.value.credit, more: () => {} });
  let end;
  try {
    end = commands[command.case](command.value, id, controller.signal);
    if (command.case !== "connect") end = await end;
  } catch (error) {
    end = failure(error);
  }
  write(id, end);
  controllers.delete(id);
  credits.delete(id);
}

function begin(command) {
  const { case: kind, value } = command.command;
  if (kind === "credit") {
    const credit = credits.get(value.watch);
    if (credit) {
      credit.left += value.count;
      credit.more();
    }
  } else if (kind === "cancel") {
    controllers.get(value.target)?.abort();
    credits.get(value.target)?.more();
  } else {
    const promise = run(command).finally(() => running.delete(promise));
    running.add(promise);
  }
}

let rest = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  rest = Buffer.concat([rest, chunk]);
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
    const size = rest.readUInt32BE();
    begin(fromBinary(CommandSchema, rest.subarray(4, 4 + size)));
    rest = rest.subarray(4 + size);
  }
}
for (const client of clients.values()) client.close();
for (const controller of controllers.values()) controller.abort();
for (const credit of credits.values()) credit.more();
await Promise.allSettled(running);
