package io.ecsd.client;

import io.ecsd.client.EcsdException.Connecting;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;

/** What the calls of one client share. */
final class Connection {
  final String target;
  final boolean plaintext;
  final ManagedChannel channel;
  final Backoff.Bounds backoff;
  final Duration timeout;
  final Tokens tokens;
  final ScheduledExecutorService timer;
  /** What waits for the timer, to be ended when the client is closed. */
  final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();
  /** A server has responded once. */
  volatile boolean reached;

  Connection(String target, boolean plaintext, ManagedChannel channel, Backoff.Bounds backoff, Duration timeout, Tokens tokens,
      ScheduledExecutorService timer) {
    this.target = target;
    this.plaintext = plaintext;
    this.channel = channel;
    this.backoff = backoff;
    this.timeout = timeout;
    this.tokens = tokens;
    this.timer = timer;
  }

  /**
   * Reports whether a watch may continue after an error: if the error is from ecsd, as the error itself says; if it is from
   * the network or a proxy, by its code.
   */
  boolean passing(EcsdException e) {
    if (channel.isShutdown()) {
      return false;
    }
    if (e.hasRetryInfo()) {
      return true;
    }
    if (!e.getReasonName().isEmpty()) {
      return e.getCode() == Status.Code.UNAVAILABLE || e.getCode() == Status.Code.CANCELLED;
    }
    switch (e.getCode()) {
      case UNAVAILABLE:
      case INTERNAL:
      case UNKNOWN:
      case CANCELLED:
      case DEADLINE_EXCEEDED:
      case RESOURCE_EXHAUSTED:
      case ABORTED:
        return true;
      default:
        return false;
    }
  }

  /** Rewrites the message of a failed connection: what failed, why, and what to do. */
  EcsdException explained(EcsdException e) {
    if (e.getCode() != Status.Code.UNAVAILABLE || !e.getReasonName().isEmpty() || e.connecting() != Connecting.CONNECTED) {
      return e;
    }
    StringBuilder text = new StringBuilder(String.valueOf(e.getStatus().getDescription()));
    boolean refused = false;
    for (Throwable t = e.getStatus().getCause(); t != null; t = t.getCause()) {
      refused = refused || t instanceof ConnectException || t instanceof UnknownHostException;
      text.append(": ").append(t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage());
    }
    String cause = text.toString();
    String lower = cause.toLowerCase(Locale.ROOT);
    if (plaintext && !reached && lower.contains("network closed for unknown reason")) {
      // The first connection may also be cut, so this is only a hint.
      return e.with(Connecting.CONNECTED,
          "ecsd at " + target + " closed the connection before a response: the server may require TLS; leave out plaintext()");
    }
    String remedy;
    Connecting state = Connecting.MISCONFIGURED;
    if (lower.contains("not an ssl/tls record") || lower.contains("unrecognized ssl message")) {
      remedy = "the server does not use TLS; connect with plaintext(), or use its TLS address";
    } else if (lower.contains("certificate") || lower.contains("certification path") || lower.contains("no subject alternative")
        || lower.contains("general opensslengine problem") || lower.contains("no name matching")) {
      remedy = "pass the authority that signed the server's certificate, and use the name that the certificate has";
    } else if (plaintext && (lower.contains("not settings") || lower.contains("http2 exception") || lower.contains("1503"))) {
      remedy = "the server may require TLS; leave out plaintext()";
    } else if (refused || lower.contains("unable to resolve host") || lower.contains("connection refused")
        || lower.contains("connection timed out") || lower.contains("no route to host") || lower.contains("unreachable")) {
      remedy = "check the address, and that ecsd runs there";
      state = Connecting.UNREACHABLE;
    } else {
      return e;
    }
    return e.with(state, "cannot connect to ecsd at " + target + ": " + cause + "; " + remedy);
  }

  /** Ends all calls. */
  void close() {
    channel.shutdownNow();
    timer.shutdownNow();
    waiting.forEach(Runnable::run);
  }

  /** Lets the next call connect at once, whatever the channel waits for. */
  void connectNow() {
    channel.resetConnectBackoff();
  }
}
