import { clone, create, type DescMessage, type DescMethodServerStreaming, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";

import { EcsdError, toEcsdError } from "./error.js";
import type { InterruptedEvent } from "./event.js";
import { Backoff, cancelled, type Policy, PolicyTransport, sleep } from "./policy.js";
import type { Tracker } from "./tracker.js";

const FIRST_MESSAGE_MS = 120_000;
const DEFAULT_HEARTBEAT_MS = 10_000;
const SILENT_HEARTBEATS = 3;
const CANNOT_RESUME: ReadonlySet<string> = new Set(["RESUME_TOKEN_EXPIRED", "INVALID_RESUME_TOKEN", "SLOW_READER"]);

interface WatchRequest {
  resumeToken: string;
  heartbeatInterval?: Duration;
}

/** Presents consecutive streams as one watch. It ends without an error when the caller's signal is aborted. */
export async function* follow<I extends DescMessage, O extends DescMessage, E>(
  policy: Policy, method: DescMethodServerStreaming<I, O>, init: MessageInitShape<I>,
  makeTracker: (token: string) => Tracker<MessageShape<O>, E>, signal: AbortSignal | undefined,
): AsyncGenerator<E | InterruptedEvent, void, undefined> {
  const request = clone(method.input, create(method.input, init)); // the caller may change it
  const fields = request as unknown as WatchRequest;
  const { heartbeatInterval: interval } = fields;
  const silence = SILENT_HEARTBEATS * (interval ? Number(interval.seconds) * 1000 + interval.nanos / 1e6 : DEFAULT_HEARTBEAT_MS);
  const tracker = makeTracker(fields.resumeToken);
  const backoff = new Backoff();
  const transport = new PolicyTransport(policy);
  let token = fields.resumeToken;
  let reached = false;
  for (;;) {
    if (policy.closed.aborted) throw cancelled(policy.closed);
    if (signal?.aborted) return;
    const guard = new Guard();
    const abort = AbortSignal.any(signal ? [signal, guard.signal] : [guard.signal]);
    const bearer = await policy.tokens.get();
    let progress = false;
    let fresh = token === "";
    let error: EcsdError;
    try {
      tracker.begin(token);
      fields.resumeToken = token;
      guard.wait(FIRST_MESSAGE_MS);
      const input = (async function* () {
        yield clone(method.input, request) as MessageInitShape<I>;
      })();
      const response = await transport.stream(method, abort, 0, undefined, input);
      for await (const message of response.message) {
        guard.stop();
        reached = true;
        if (policy.target) policy.target.reached = true;
        const taken = tracker.take(message);
        if (taken.token !== undefined) {
          // The end of a snapshot is no progress: a server that fails after each snapshot makes none.
          progress ||= !fresh;
          fresh = false;
          token = taken.token;
        }
        for (const event of taken.events) {
          yield event;
          if (signal?.aborted) return;
        }
        guard.wait(silence);
      }
      if (tracker.ends) return;
      error = new EcsdError({ code: Code.Unavailable, message: "the stream ended without an error" });
    } catch (cause) {
      error = toEcsdError(cause, policy.target);
    } finally {
      guard.end();
    }
    if (policy.closed.aborted) throw cancelled(policy.closed);
    if (signal?.aborted) return;
    if (guard.silent) error = new EcsdError({ code: Code.Unavailable, message: "no message for three heartbeats, though a checkpoint was due" });
    reached ||= error.connecting === "connected";
    if (error.connecting === "misconfigured" && !reached) throw error;
    const renewed = error.code === Code.Unauthenticated && (await policy.tokens.refresh(bearer));
    if (CANNOT_RESUME.has(error.reason) && token !== "" && tracker.restart(error)) token = "";
    else if (!error.passing && !renewed) throw error;
    if (progress) backoff.reset();
    const delayMs = backoff.next(error.askedMs);
    yield { kind: "interrupted", error, delayMs };
    try {
      await sleep(delayMs, AbortSignal.any(signal ? [signal, policy.closed] : [policy.closed]));
    } catch (ended) {
      if (policy.closed.aborted) throw ended;
      return;
    }
  }
}

/** Ends a stream whose message is overdue. A timer is not set per message, only when the last one expires. */
class Guard {
  silent = false;
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;
  #deadline: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;

  wait(ms: number): void {
    this.#deadline = performance.now() + ms;
    if (this.#due > this.#deadline) this.#set(this.#deadline);
  }

  stop(): void {
    this.#deadline = undefined;
  }

  end(): void {
    this.stop();
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  #set(due: number): void {
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      if (this.#deadline === undefined) return;
      if (performance.now() < this.#deadline) {
        this.#set(this.#deadline);
        return;
      }
      this.silent = true;
      this.#controller.abort();
    }, due - performance.now());
  }
}
