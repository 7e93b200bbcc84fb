import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";

import { Client, type ClientOptions } from "./client.js";

export * from "./index.js";

/** Settings of a connection. TLS with the system's root certificates is the default. */
export interface ConnectOptions extends ClientOptions {
  /** Connects in plaintext. */
  insecure?: boolean;
  /** Root certificates, PEM, instead of the system's. */
  ca?: string | Uint8Array;
  /** The client's certificate and its key, PEM. */
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
}

/** Returns a client of the ecsd at an address, host:port. Nothing is sent yet. */
export function connect(address: string, options: ConnectOptions = {}): Client {
  const { insecure = false, ca, cert, key } = options;
  if (!address) throw new RangeError("invalid address: empty; want host:port, such as ecsd.example.com:443");
  if (insecure && (ca || cert || key)) throw new RangeError("invalid options: insecure excludes ca, cert and key");
  if (Boolean(cert) !== Boolean(key)) throw new RangeError("invalid options: cert and key need each other");
  const buffer = (pem: string | Uint8Array): Buffer => Buffer.from(pem as Uint8Array);
  const nodeOptions = insecure ? {} : { ...(ca && { ca: buffer(ca) }), ...(cert && key && { cert: buffer(cert), key: buffer(key) }) };
  const baseUrl = `${insecure ? "http" : "https"}://${address}`;
  // The server permits a ping every ten seconds. An idle connection is verified before its next call instead: connect-node 2.1
  // pings an idle session that was destroyed, which throws outside any call.
  const keepalive = { pingIntervalMs: 15_000, pingTimeoutMs: 5_000, pingIdleConnection: false };
  const sessionManager = new Http2SessionManager(baseUrl, keepalive, nodeOptions);
  const transport = createGrpcTransport({ baseUrl, sessionManager, readMaxBytes: 64 << 20 });
  return new Client(transport, options, { address, insecure, reached: false }, () => sessionManager.abort());
}
