import { Code, ConnectError } from "@connectrpc/connect";

import { type ItemError, ErrorReason, ErrorReasonSchema } from "./gen/ecsd/v1/error_pb.js";
import type { UnreachableRegion } from "./gen/ecsd/v1/error_pb.js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";

/** An invalid field of a request, and the rule that it breaks. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** How a call failed before it was sent. */
export type Connecting = "connected" | "unreachable" | "misconfigured";

interface Parts {
  code: Code;
  message: string;
  reason?: string;
  metadata?: Readonly<Record<string, string>>;
  fieldViolations?: readonly FieldViolation[];
  retryAfterMs?: number | undefined;
  requestId?: string;
  pushbackMs?: number;
  refused?: boolean;
  connecting?: Connecting;
  cause?: unknown;
}

/** A failed call, or a failed item of a call. Branch on reason; docs/errors.md of ecsd lists all reasons. */
export class EcsdError extends Error {
  override readonly name = "EcsdError";
  readonly code: Code;
  /** Name of the reason, such as "INSTANCE_NOT_FOUND"; also one that this client does not know. "" if the error is not from ecsd. */
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly FieldViolation[];
  /** The delay after which a retry can help; undefined if the server does not ask for a retry. */
  readonly retryAfterMs: number | undefined;
  /** request_id of the failed request, also if the client made it; "" if the request has none. */
  readonly requestId: string;
  /** @internal */ readonly pushbackMs: number;
  /** @internal */ readonly refused: boolean;
  /** @internal */ readonly connecting: Connecting;

  constructor(parts: Parts) {
    super(parts.message, { cause: parts.cause });
    this.code = parts.code;
    this.reason = parts.reason ?? "";
    this.metadata = parts.metadata ?? {};
    this.fieldViolations = parts.fieldViolations ?? [];
    this.retryAfterMs = parts.retryAfterMs;
    this.requestId = parts.requestId ?? "";
    this.pushbackMs = parts.pushbackMs ?? 0;
    this.refused = parts.refused ?? false;
    this.connecting = parts.connecting ?? "connected";
  }

  /** Whether a retry of the same request, with its request_id, may succeed. */
  get isRetryable(): boolean {
    return this.retryAfterMs !== undefined || this.code === Code.Unavailable;
  }

  /** The reason as a value of the enum; UNSPECIFIED if this client does not know it. */
  get errorReason(): ErrorReason {
    const found = ErrorReasonSchema.values.find((v) => v.name === `ERROR_REASON_${this.reason}`);
    return found ? (found.number as ErrorReason) : ErrorReason.UNSPECIFIED;
  }

  /** @internal */
  get askedMs(): number {
    return this.retryAfterMs ?? this.pushbackMs;
  }

  /** @internal Whether a watch survives the error. */
  get passing(): boolean {
    if (this.retryAfterMs !== undefined) return true;
    if (this.reason) return this.code === Code.Unavailable || this.code === Code.Canceled;
    return NETWORK.has(this.code);
  }

  /** @internal */
  with(changed: Partial<Parts>): EcsdError {
    const { code, message, reason, metadata, fieldViolations, retryAfterMs, requestId, pushbackMs, refused, connecting, cause } = this;
    return new EcsdError({
      code, message, reason, metadata, fieldViolations, retryAfterMs, requestId, pushbackMs, refused, connecting, cause, ...changed,
    });
  }
}

const NETWORK: ReadonlySet<Code> = new Set([
  Code.Unavailable, Code.Internal, Code.Unknown, Code.Canceled, Code.DeadlineExceeded, Code.ResourceExhausted, Code.Aborted,
]);

const REMEDIES: readonly [RegExp, Connecting, string][] = [
  [/certificate|self.signed|unable to verify|altname/i, "misconfigured",
    "the server's certificate is not trusted; pass the authority that signed it (ca), and use the name that the certificate has"],
  [/wrong version number|ssl routines|EPROTO|tls|ERR_SSL/i, "misconfigured",
    "the TLS handshake failed; if the server does not use TLS, set insecure; if it requires a client certificate, pass cert and key"],
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|getaddrinfo/i, "unreachable",
    "check the address, and that ecsd runs there"],
];
// A plaintext client sees only that a TLS server hangs up, as does a client whose first connection breaks.
const HANG_UP = /ECONNRESET|socket hang up|(socket|stream) closed|protocol error|ERR_HTTP2|session|premature/i;

/** Where and how a client connects, for the texts of errors. */
export interface Target {
  readonly address: string;
  readonly insecure: boolean;
  /** Whether a response ever arrived. A connection that breaks later is no mistake of the settings. */
  reached: boolean;
}

/** Returns the error of a failed call. */
export function toEcsdError(cause: unknown, target?: Target, requestId = ""): EcsdError {
  if (cause instanceof EcsdError) return cause;
  const error = ConnectError.from(cause);
  const parts: Parts = { code: error.code, message: error.rawMessage, requestId, cause };
  const [info] = error.findDetails(ErrorInfoSchema).filter((i) => i.domain === "ecsd");
  if (info) {
    parts.reason = info.reason;
    parts.metadata = info.metadata;
  }
  const [retry] = error.findDetails(RetryInfoSchema);
  if (retry) parts.retryAfterMs = Number(retry.retryDelay?.seconds ?? 0n) * 1000 + Math.floor((retry.retryDelay?.nanos ?? 0) / 1e6);
  const [bad] = error.findDetails(BadRequestSchema);
  if (bad) parts.fieldViolations = bad.fieldViolations.map(({ field, description }) => ({ field, description }));
  const pushback = error.metadata.get("grpc-retry-pushback-ms");
  if (pushback !== null) {
    parts.refused = !/^\d+$/.test(pushback); // as gRPC's specification of retries requires
    if (!parts.refused) parts.pushbackMs = Number(pushback);
  }
  explain(parts, causeText(error), target, Boolean(info));
  return new EcsdError(parts);
}

/** Returns the messages and codes of an error and its causes. */
function causeText(error: unknown): string {
  const texts: string[] = [];
  for (let e: unknown = error, depth = 0; e && depth < 5; depth++) {
    const { message, code, cause } = e as { message?: string; code?: unknown; cause?: unknown };
    texts.push(message ?? "", typeof code === "string" ? code : "");
    e = cause;
  }
  return texts.join(" ");
}

/** Rewrites the message of a failed connection: what failed, why, and what to do. */
function explain(parts: Parts, text: string, target: Target | undefined, fromEcsd: boolean): void {
  if (!target || target.reached || fromEcsd) return;
  if (![Code.Unavailable, Code.Internal, Code.Unknown, Code.Aborted, Code.Canceled].includes(parts.code)) return;
  let found = REMEDIES.find(([pattern, state]) => pattern.test(text) && !(target.insecure && state === "misconfigured"));
  if (!found && HANG_UP.test(text)) {
    found = target.insecure
      ? [HANG_UP, "unreachable", "if the server requires TLS, leave out insecure"]
      : [HANG_UP, "misconfigured", "the TLS handshake failed; the server may not use TLS, or require a client certificate"];
  }
  if (!found) return;
  parts.code = Code.Unavailable;
  parts.connecting = found[1];
  parts.message = `cannot connect to ecsd at ${target.address}: ${parts.message}; ${found[2]}`;
}

/** Returns the error of a list that misses regions. */
export function unreachableRegions(missing: readonly UnreachableRegion[]): EcsdError {
  const delay = missing[0]?.error?.retryAfter;
  return new EcsdError({
    code: Code.Unavailable,
    message: `the list is incomplete: cannot read ${missing.map((r) => `${r.regionId} (${r.error?.reason})`).join(", ")}`,
    reason: missing[0]?.error?.reason ?? "",
    metadata: { unreachable_regions: missing.map((r) => r.regionId).join(",") },
    retryAfterMs: Number(delay?.seconds ?? 0n) * 1000,
  });
}

/** Returns the error of one item of a batch call; undefined if the item succeeded. */
export function itemError(item: ItemError | undefined): EcsdError | undefined {
  if (!item) return undefined;
  const retryAfterMs = item.retryAfter ? Number(item.retryAfter.seconds) * 1000 + Math.floor(item.retryAfter.nanos / 1e6) : undefined;
  return new EcsdError({ code: item.code as Code, message: item.message, reason: item.reason, metadata: item.metadata, retryAfterMs });
}
