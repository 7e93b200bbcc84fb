import { clone, create, type DescMessage, type DescMethodUnary, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { type CallOptions, type Client as ServiceClient, Code, createClient as createServiceClient, type Transport } from "@connectrpc/connect";

import { EcsdError, type Target, unreachableRegions } from "./error.js";
import type { InstanceEvent, ReclaimEvent, ReleaseJobEvent, RenewalJobEvent } from "./event.js";
import { AccessService } from "./gen/ecsd/v1/access_service_pb.js";
import { CatalogService } from "./gen/ecsd/v1/catalog_service_pb.js";
import { DiskService } from "./gen/ecsd/v1/disk_service_pb.js";
import {
  type InstanceResult, InstanceService, type WaitInstancesRequestSchema, type WatchInstancesRequestSchema, type WatchReleaseJobRequestSchema,
} from "./gen/ecsd/v1/instance_service_pb.js";
import type { UnreachableRegion } from "./gen/ecsd/v1/error_pb.js";
import type { RenewalJob } from "./gen/ecsd/v1/renewal_job_pb.js";
import { type Renewal, RenewalState } from "./gen/ecsd/v1/renewal_pb.js";
import {
  CreateRenewalJobRequestSchema, RenewalService, RenewInstanceRequestSchema, type WatchRenewalJobRequestSchema,
} from "./gen/ecsd/v1/renewal_service_pb.js";
import { SpotService, type WatchReclaimsRequestSchema } from "./gen/ecsd/v1/spot_service_pb.js";
import { Backoff, ensureRequestId, MAX_ATTEMPTS, type Policy, PolicyTransport, sleep, type Token, Tokens } from "./policy.js";
import { InstanceTracker, ReclaimTracker, ReleaseJobTracker, RenewalJobTracker } from "./tracker.js";
import { follow } from "./watch.js";

const DEFAULT_TIMEOUT_MS = 60_000;
const WAIT_AT_ONCE_MS = 300_000;

/** Settings of a client. */
export interface ClientOptions {
  /** Name of the program, if the server does not identify it otherwise: 1 to 64 letters, digits and . _ - : / @ + */
  caller?: string;
  /** Is sent as a bearer token. A function is called again when the server refuses the token, at most once per second. */
  token?: Token;
  /** Deadline of unary calls that have none. Default: 60,000. */
  timeoutMs?: number;
}

/** Options of a watch. It ends, without an error, when the signal is aborted. */
export interface WatchOptions {
  signal?: AbortSignal;
}

/** Options of a helper that waits. Without a timeout it waits as long as the server needs. */
export interface HelperOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** A report of renew. renewal is undefined in the first one, which comes before the request is sent. */
export interface RenewalProgress {
  readonly requestId: string;
  readonly renewal?: Renewal;
}

/** A report of renewJob. job is undefined in the first one, which comes before the request is sent. */
export interface JobProgress {
  readonly requestId: string;
  readonly job?: RenewalJob;
  readonly renewals: readonly Renewal[];
  readonly total: number;
  readonly ended: number;
}

/** An item type of a response: that of its one list of messages. */
type Items<A> = { [K in keyof A]-?: K extends "unreachableRegions" | `$${string}` ? never : A[K] extends readonly (infer I extends object)[] ? I : never }[keyof A];
type Lister = (request: never, options?: CallOptions) => Promise<unknown>;
type Method<C, K extends keyof C> = Extract<C[K], Lister>;
type Listed<F> = F extends (request: infer Q, options?: CallOptions) => Promise<infer A> ? (request?: Q, options?: CallOptions) => AsyncGenerator<Items<A>> : never;

/** A connection to ecsd. A program needs one per server. */
export class Client {
  readonly instances: ServiceClient<typeof InstanceService>;
  readonly renewals: ServiceClient<typeof RenewalService>;
  readonly spot: ServiceClient<typeof SpotService>;
  readonly disks: ServiceClient<typeof DiskService>;
  readonly catalog: ServiceClient<typeof CatalogService>;
  readonly access: ServiceClient<typeof AccessService>;
  readonly #policy: Policy;
  readonly #transport: PolicyTransport;
  readonly #controller = new AbortController();
  readonly #disconnect: (() => void) | undefined;

  /** @internal Use createClient, or connect of @ecsd-io/client/node. */
  constructor(transport: Transport, options: ClientOptions, target?: Target, disconnect?: () => void) {
    if (options.caller !== undefined && !/^[A-Za-z0-9._\-:/@+]{1,64}$/.test(options.caller)) {
      throw new RangeError(`invalid caller "${options.caller}": want 1 to 64 letters, digits and . _ - : / @ +`);
    }
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    if (!(timeoutMs > 0)) throw new RangeError(`invalid timeoutMs ${timeoutMs}: want more than 0`);
    this.#disconnect = disconnect;
    this.#policy = { transport, timeoutMs, caller: options.caller, tokens: new Tokens(options.token), target, closed: this.#controller.signal };
    this.#transport = new PolicyTransport(this.#policy);
    this.instances = createServiceClient(InstanceService, this.#transport);
    this.renewals = createServiceClient(RenewalService, this.#transport);
    this.spot = createServiceClient(SpotService, this.#transport);
    this.disks = createServiceClient(DiskService, this.#transport);
    this.catalog = createServiceClient(CatalogService, this.#transport);
    this.access = createServiceClient(AccessService, this.#transport);
    this.listInstances = list(this.instances, "listInstances");
    this.listChanges = list(this.instances, "listChanges");
    this.listModifications = list(this.instances, "listModifications");
    this.listExpiringInstances = list(this.renewals, "listExpiringInstances");
    this.listRenewalJobs = list(this.renewals, "listRenewalJobs");
    this.listRenewals = list(this.renewals, "listRenewals");
    this.listDisks = list(this.disks, "listDisks");
    this.listSnapshots = list(this.disks, "listSnapshots");
    this.listInstanceTypes = list(this.catalog, "listInstanceTypes");
    this.listRegions = list(this.catalog, "listRegions");
    this.listZones = list(this.catalog, "listZones");
    this.listStock = list(this.catalog, "listStock");
    this.listSpotZones = list(this.spot, "listSpotZones");
    this.listSpotPrices = list(this.spot, "listSpotPrices");
    this.listSpotAdvice = list(this.spot, "listSpotAdvice");
    this.listAuditRecords = list(this.access, "listAuditRecords");
    this.listAuditBlocks = list(this.access, "listAuditBlocks");
  }

  // Iterators over all pages of a list. They read a page when it is needed. If regions could not be read, an iteration ends with
  // an error, after all items of the others.
  readonly listInstances: Listed<Method<ServiceClient<typeof InstanceService>, "listInstances">>;
  readonly listChanges: Listed<Method<ServiceClient<typeof InstanceService>, "listChanges">>;
  readonly listModifications: Listed<Method<ServiceClient<typeof InstanceService>, "listModifications">>;
  readonly listExpiringInstances: Listed<Method<ServiceClient<typeof RenewalService>, "listExpiringInstances">>;
  readonly listRenewalJobs: Listed<Method<ServiceClient<typeof RenewalService>, "listRenewalJobs">>;
  readonly listRenewals: Listed<Method<ServiceClient<typeof RenewalService>, "listRenewals">>;
  readonly listDisks: Listed<Method<ServiceClient<typeof DiskService>, "listDisks">>;
  readonly listSnapshots: Listed<Method<ServiceClient<typeof DiskService>, "listSnapshots">>;
  readonly listInstanceTypes: Listed<Method<ServiceClient<typeof CatalogService>, "listInstanceTypes">>;
  readonly listRegions: Listed<Method<ServiceClient<typeof CatalogService>, "listRegions">>;
  readonly listZones: Listed<Method<ServiceClient<typeof CatalogService>, "listZones">>;
  readonly listStock: Listed<Method<ServiceClient<typeof CatalogService>, "listStock">>;
  readonly listSpotZones: Listed<Method<ServiceClient<typeof SpotService>, "listSpotZones">>;
  readonly listSpotPrices: Listed<Method<ServiceClient<typeof SpotService>, "listSpotPrices">>;
  readonly listSpotAdvice: Listed<Method<ServiceClient<typeof SpotService>, "listSpotAdvice">>;
  readonly listAuditRecords: Listed<Method<ServiceClient<typeof AccessService>, "listAuditRecords">>;
  readonly listAuditBlocks: Listed<Method<ServiceClient<typeof AccessService>, "listAuditBlocks">>;

  /** Closes the connection. Calls and watches on it end with CANCELLED. */
  close(): void {
    this.#controller.abort(new EcsdError({ code: Code.Canceled, message: "the client is closed" }));
    this.#disconnect?.();
  }

  /**
   * Reports the matching instances, and then their changes, until it is left. It reconnects and resumes when the stream is lost:
   * it reports "interrupted", and then continues after its last checkpoint; nothing is reported twice or missed. If the server
   * cannot resume, it reports "restarted" and the difference. An error that a retry cannot fix ends it.
   */
  watch(request: MessageInitShape<typeof WatchInstancesRequestSchema> = {}, options: WatchOptions = {}): AsyncGenerator<InstanceEvent, void, undefined> {
    return follow(this.#policy, InstanceService.method.watchInstances, request, (token) => new InstanceTracker(token), options.signal);
  }

  /** Reports the spot instances that the cloud will reclaim, and the outcomes, like watch. */
  watchReclaims(request: MessageInitShape<typeof WatchReclaimsRequestSchema> = {}, options: WatchOptions = {}): AsyncGenerator<ReclaimEvent, void, undefined> {
    return follow(this.#policy, SpotService.method.watchReclaims, request, (token) => new ReclaimTracker(token), options.signal);
  }

  /** Reports a job and its renewals, and then each change, until the job has ended. */
  watchRenewalJob(request: MessageInitShape<typeof WatchRenewalJobRequestSchema>, options: WatchOptions = {}): AsyncGenerator<RenewalJobEvent, void, undefined> {
    return follow(this.#policy, RenewalService.method.watchRenewalJob, request, (token) => new RenewalJobTracker(token), options.signal);
  }

  /** Reports a release job and its instances, and then each change, until the job has ended. */
  watchReleaseJob(request: MessageInitShape<typeof WatchReleaseJobRequestSchema>, options: WatchOptions = {}): AsyncGenerator<ReleaseJobEvent, void, undefined> {
    return follow(this.#policy, InstanceService.method.watchReleaseJob, request, (token) => new ReleaseJobTracker(token), options.signal);
  }

  /**
   * Returns when each instance has the status or can no longer reach it, across failures of the server: one result per ID, in
   * request order. It fails like other calls if it cannot connect at the beginning.
   */
  async wait(request: MessageInitShape<typeof WaitInstancesRequestSchema>, options: HelperOptions = {}): Promise<InstanceResult[]> {
    return (await this.#persistently(InstanceService.method.waitInstances, request, options, WAIT_AT_ONCE_MS)).results;
  }

  /**
   * Renews one instance, and returns the renewal in its final state: check it. If the server is unreachable it retries with the
   * same request_id until the timeout; the server pays at most once. It reports the request_id before it sends the request; an
   * error has it too.
   */
  async renew(
    request: MessageInitShape<typeof RenewInstanceRequestSchema>, options: HelperOptions & { progress?: (report: RenewalProgress) => void } = {},
  ): Promise<Renewal> {
    const message = clone(RenewInstanceRequestSchema, create(RenewInstanceRequestSchema, request));
    const requestId = message.validateOnly ? "" : ensureRequestId(message);
    options.progress?.({ requestId });
    const { renewal } = await this.#persistently(RenewalService.method.renewInstance, message, options, this.#policy.timeoutMs);
    if (!renewal) throw new EcsdError({ code: Code.Internal, message: "the response has no renewal", requestId });
    options.progress?.({ requestId, renewal });
    return renewal;
  }

  /**
   * Creates a renewal job, follows it, and returns it when it has ended: check its state. Like renew, it continues with the same
   * request_id. At the timeout the job continues in the server.
   */
  async renewJob(
    request: MessageInitShape<typeof CreateRenewalJobRequestSchema>, options: HelperOptions & { progress?: (report: JobProgress) => void } = {},
  ): Promise<RenewalJob> {
    const message = clone(CreateRenewalJobRequestSchema, create(CreateRenewalJobRequestSchema, request));
    const requestId = message.validateOnly ? "" : ensureRequestId(message);
    const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs);
    const signals = [options.signal, timeout].filter((s) => s !== undefined);
    const signal = AbortSignal.any(signals);
    options.progress?.({ requestId, renewals: [], total: 0, ended: 0 });
    try {
      const { job } = await this.#persistently(RenewalService.method.createRenewalJob, message, { signal }, this.#policy.timeoutMs);
      if (!job) throw new EcsdError({ code: Code.Internal, message: "the response has no job" });
      if (message.validateOnly) return job;
      for await (const event of this.watchRenewalJob({ jobId: job.jobId }, { signal })) {
        if (event.kind !== "job" || !event.job) continue;
        const [total, ended] = counted(event.job);
        options.progress?.({ requestId, job: event.job, renewals: event.renewals, total, ended });
      }
      if (signal.aborted) throw new EcsdError({ code: Code.Canceled, message: `the renewal job ${job.jobId} has not ended; it continues in the server` });
      const final = await this.#persistently(RenewalService.method.getRenewalJob, { jobId: job.jobId }, { signal }, this.#policy.timeoutMs);
      return final.job ?? job;
    } catch (error) {
      if (!(error instanceof EcsdError)) throw error;
      throw error.with(timeout?.aborted && error.code === Code.Canceled ? { requestId, code: Code.DeadlineExceeded } : { requestId });
    }
  }

  /** Repeats a safe call until it succeeds, fails for good, or its time is up. */
  async #persistently<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>, request: MessageInitShape<I>, options: HelperOptions, mostMs: number,
  ): Promise<MessageShape<O>> {
    const end = options.timeoutMs === undefined ? Infinity : Date.now() + options.timeoutMs;
    const backoff = new Backoff();
    for (let attempt = 1, reached = false; ; attempt++) {
      try {
        const left = Math.max(Math.min(end - Date.now(), mostMs), 1);
        return (await this.#transport.call(method, options.signal, left, undefined, request, undefined, true)).message;
      } catch (cause) {
        if (!(cause instanceof EcsdError)) throw cause;
        if (options.signal?.aborted || this.#policy.closed.aborted) throw cause;
        reached ||= cause.connecting === "connected";
        const overtime = cause.code === Code.DeadlineExceeded && end - Date.now() > 10;
        if ((!overtime && !cause.passing) || (!reached && attempt >= MAX_ATTEMPTS)) throw cause;
        const delay = backoff.next(cause.askedMs);
        if (Date.now() + delay > end) throw cause;
        await sleep(delay, AbortSignal.any(options.signal ? [options.signal, this.#policy.closed] : [this.#policy.closed]), cause.requestId);
      }
    }
  }
}

interface Page {
  nextPageToken?: string;
  unreachableRegions?: UnreachableRegion[];
  [field: string]: unknown;
}

/** Returns the iterator of a list. */
function list<C extends object, K extends keyof C>(service: C, name: K): Listed<Method<C, K>> {
  const call = service[name] as (request: object, options?: CallOptions) => Promise<Page>;
  return async function* (request: object = {}, options?: CallOptions) {
    const missing: UnreachableRegion[] = [];
    for (let pageToken: string | undefined = (request as { pageToken?: string }).pageToken; ; ) {
      const page: Page = await call(pageToken ? { ...request, pageToken } : request, options);
      const [, items] = Object.entries(page).find(([field, value]) => Array.isArray(value) && field !== "unreachableRegions") ?? [];
      yield* items as object[];
      missing.push(...(page.unreachableRegions ?? []));
      pageToken = page.nextPageToken;
      if (!pageToken) break;
    }
    if (missing.length > 0) throw unreachableRegions(missing);
  } as unknown as Listed<Method<C, K>>;
}

const OPEN: ReadonlySet<RenewalState> = new Set([RenewalState.PLANNED, RenewalState.SUBMITTING, RenewalState.VERIFYING, RenewalState.UNKNOWN]);

/** Returns the number of renewals of a job, and of those that have ended or need attention. */
function counted(job: RenewalJob): [total: number, ended: number] {
  let total = 0;
  let ended = 0;
  for (const { state, count } of job.counts) {
    total += Number(count);
    if (!OPEN.has(state)) ended += Number(count);
  }
  return [total, ended];
}

/** Returns a client on a transport of Connect, such as one for gRPC-Web in a browser. In Node use connect of @ecsd-io/client/node. */
export function createClient(transport: Transport, options: ClientOptions = {}): Client {
  return new Client(transport, options);
}
