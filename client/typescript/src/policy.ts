import { clone, create, type DescMessage, type DescMethodStreaming, type DescMethodUnary, type MessageInitShape } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ContextValues, type StreamResponse, type Transport, type UnaryResponse } from "@connectrpc/connect";

import { EcsdError, type Target, toEcsdError } from "./error.js";

export const MAX_ATTEMPTS = 4;
const BASE_MS = 100;
const MOST_MS = 10_000;
const LONGEST_ASKED_MS = 300_000;

/** Random delays between 0.1 s and a limit that doubles from 0.2 s to 10 s, or the delay that the server asks for. */
export class Backoff {
  #failures = 0;

  /** Returns the delay after one more failure, in milliseconds. */
  next(askedMs: number): number {
    const limit = Math.min(MOST_MS, BASE_MS * 2 ** Math.min(++this.#failures, 30));
    if (askedMs > 0) {
      const asked = Math.min(askedMs, LONGEST_ASKED_MS);
      return asked + Math.random() * asked * 0.1;
    }
    return BASE_MS + Math.random() * (limit - BASE_MS);
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** Waits. Rejects with CANCELLED if the signal is aborted first. */
export function sleep(ms: number, signal: AbortSignal | undefined, requestId = ""): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      clearTimeout(timer);
      reject(cancelled(signal, requestId));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", ended);
      resolve();
    }, ms);
    if (signal?.aborted) ended();
    else signal?.addEventListener("abort", ended, { once: true });
  });
}

/** Returns the error of an aborted signal. */
export function cancelled(signal: AbortSignal | undefined, requestId = ""): EcsdError {
  const reason: unknown = signal?.reason;
  if (reason instanceof EcsdError) return reason.with({ requestId });
  return new EcsdError({ code: Code.Canceled, message: "the call was cancelled", requestId, cause: reason });
}

/** A token, or a function that returns one and is called again when the server refuses it. */
export type Token = string | (() => string | Promise<string>);

/** The current token. The function is called at most once per second for all calls. */
export class Tokens {
  #current: Promise<string> | undefined;
  #called = -Infinity;

  constructor(private readonly token: Token | undefined) {}

  async get(): Promise<string> {
    if (typeof this.token !== "function") return this.token ?? "";
    return (this.#current ??= this.#call(this.token));
  }

  /** Returns whether there is another token than the refused one. */
  async refresh(refused: string): Promise<boolean> {
    if (typeof this.token !== "function") return false;
    if ((await this.get()) === refused && Date.now() - this.#called >= 1000) this.#current = this.#call(this.token);
    return (await this.get()) !== refused;
  }

  async #call(token: () => string | Promise<string>): Promise<string> {
    this.#called = Date.now();
    return token();
  }
}

interface Identified {
  requestId?: string;
  validateOnly?: boolean;
}

/** Returns a new UUID for the request_id of a request. */
export const newRequestId = (): string => crypto.randomUUID();

/**
 * Returns the request_id of a request. Sets a new one first if it has none. Call it to store the request_id before the request
 * is sent. A request that is sent without a request_id gets one in a copy, so it can be sent twice as two requests.
 */
export function ensureRequestId(request: { requestId?: string }): string {
  return (request.requestId ||= newRequestId());
}

/** Settings of the policy. */
export interface Policy {
  readonly transport: Transport;
  readonly timeoutMs: number;
  readonly caller: string | undefined;
  readonly tokens: Tokens;
  readonly target: Target | undefined;
  /** Is aborted when the client is closed. */
  readonly closed: AbortSignal;
}

/** A transport that sets deadlines and request_ids, retries, and decodes errors. */
export class PolicyTransport implements Transport {
  constructor(private readonly policy: Policy) {}

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>, signal: AbortSignal | undefined, timeoutMs: number | undefined, header: HeadersInit | undefined,
    input: MessageInitShape<I>, contextValues?: ContextValues,
  ): Promise<UnaryResponse<I, O>> {
    return this.call(method, signal, timeoutMs, header, input, contextValues, false);
  }

  /** Makes a unary call; once leaves retries to the caller. */
  async call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>, signal: AbortSignal | undefined, timeoutMs: number | undefined, header: HeadersInit | undefined,
    input: MessageInitShape<I>, contextValues: ContextValues | undefined, once: boolean,
  ): Promise<UnaryResponse<I, O>> {
    const { policy } = this;
    const message = clone(method.input, create(method.input, input)); // the caller may change it
    const identified = message as Identified;
    let requestId = "";
    if (method.input.field["requestId"] && !(identified.validateOnly && !identified.requestId)) requestId = ensureRequestId(identified);
    const safe = (requestId !== "" || method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) && !once;
    const both = signal ? AbortSignal.any([signal, policy.closed]) : policy.closed;
    const deadline = Date.now() + (timeoutMs && timeoutMs > 0 ? timeoutMs : policy.timeoutMs);
    const backoff = new Backoff();
    for (let attempt = 1, refreshed = false; ; attempt++) {
      if (both.aborted) throw cancelled(both, requestId);
      const token = await policy.tokens.get();
      let error: EcsdError;
      try {
        const left = Math.max(deadline - Date.now(), 1);
        const response = await policy.transport.unary(method, both, left, headers(policy, token, header), message as MessageInitShape<I>, contextValues);
        if (policy.target) policy.target.reached = true;
        return response;
      } catch (cause) {
        if (both.aborted) throw cancelled(both, requestId);
        // The server's clock may end the call a moment earlier. The HTTP/2 library reports that as a closed stream, as it does
        // a connection that breaks.
        const overtime = ConnectError.from(cause).code === Code.Canceled && deadline - Date.now() < 100;
        error = toEcsdError(cause, overtime ? undefined : policy.target, requestId);
        if (overtime && !error.reason) error = error.with({ code: Code.DeadlineExceeded });
        if (policy.target && error.reason) policy.target.reached = true;
      }
      if (error.code === Code.Unauthenticated && !refreshed && (await policy.tokens.refresh(token))) {
        refreshed = true;
        attempt--;
        continue;
      }
      // An HTTP/2 library reports a connection that dies under a call as CANCELLED or ABORTED.
      const lost = !error.reason && (error.code === Code.Canceled || error.code === Code.Aborted);
      if (lost) error = error.with({ code: Code.Unavailable });
      if (!safe || error.refused || attempt >= MAX_ATTEMPTS) throw error;
      if (error.code !== Code.Unavailable && error.retryAfterMs === undefined) throw error;
      const delay = backoff.next(error.askedMs);
      if (Date.now() + delay > deadline) throw error;
      await sleep(delay, both, requestId);
    }
  }

  async stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>, signal: AbortSignal | undefined, timeoutMs: number | undefined, header: HeadersInit | undefined,
    input: AsyncIterable<MessageInitShape<I>>, contextValues?: ContextValues,
  ): Promise<StreamResponse<I, O>> {
    const { policy } = this;
    const both = signal ? AbortSignal.any([signal, policy.closed]) : policy.closed;
    const token = await policy.tokens.get();
    return policy.transport.stream(method, both, timeoutMs ?? 0, headers(policy, token, header), input, contextValues);
  }
}

function headers(policy: Policy, token: string, own: HeadersInit | undefined): Headers {
  const all = new Headers(own);
  if (policy.caller && !all.has("ecsd-caller")) all.set("ecsd-caller", policy.caller);
  if (token && !all.has("authorization")) all.set("authorization", `Bearer ${token}`);
  return all;
}
