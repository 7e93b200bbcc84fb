package io.ecsd.client;

import io.ecsd.client.EcsdException.Connecting;
import io.ecsd.v1.ErrorReason;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A watch: consecutive streams of the server as one iteration. It blocks until an event arrives, reconnects if its stream is
 * lost, and resumes after the last checkpoint: no event is reported twice and none is missed.
 *
 * <p>The iteration ends without an error if the watch is closed, or if its subject has ended (a job). It throws {@link
 * EcsdException} if an error cannot be fixed by a retry. One thread may iterate; {@link #close} may be called by any.
 *
 * @param <E> the events
 */
public final class Watch<E> implements Iterable<E>, Iterator<E>, AutoCloseable {
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final int SILENT_HEARTBEATS = 3;
  /** Limits the time to connect and receive the first message. A server that is not ready sends waiting messages. */
  private static final Duration FIRST_MESSAGE = Duration.ofMinutes(2);

  private final Source<?, ?, E> source;
  private final CountDownLatch closed = new CountDownLatch(1);
  private E next;
  private boolean ended;

  <Q, M> Watch(Connection connection, String name, Function<String, MessageStream<Q, M>> open, Tracker<M, E> tracker, String token,
      Duration heartbeat, boolean ends) {
    source = new Source<>(connection, name, open, tracker, token, heartbeat == null ? HEARTBEAT : heartbeat, ends);
  }

  @Override
  public Iterator<E> iterator() {
    return this;
  }

  @Override
  public boolean hasNext() {
    if (next == null && !ended) {
      next = source.take(closed);
      ended = next == null;
    }
    return next != null;
  }

  @Override
  public E next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the watch has ended");
    }
    E event = next;
    next = null;
    return event;
  }

  /** Ends the watch. */
  @Override
  public void close() {
    closed.countDown();
    source.leave();
  }

  private static final class Source<Q, M, E> {
    private final Connection connection;
    private final String name;
    private final Function<String, MessageStream<Q, M>> open;
    private final Tracker<M, E> tracker;
    private final Duration heartbeat;
    private final boolean ends;
    private final Backoff backoff;
    private final Queue<E> ready = new ArrayDeque<>();
    private String token;
    private volatile MessageStream<Q, M> stream;
    private Duration patience;
    private Duration delay = Duration.ZERO;
    private boolean snapshot;
    private boolean progress;
    private boolean reached;
    private String refused;

    Source(Connection connection, String name, Function<String, MessageStream<Q, M>> open, Tracker<M, E> tracker, String token,
        Duration heartbeat, boolean ends) {
      this.connection = connection;
      this.name = name;
      this.open = open;
      this.tracker = tracker;
      this.token = token;
      this.heartbeat = heartbeat;
      this.ends = ends;
      this.backoff = new Backoff(connection.backoff);
    }

    /** Returns the next event, or null at the end. */
    E take(CountDownLatch closed) {
      while (ready.isEmpty()) {
        try {
          if (closed.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
            leave();
            return null;
          }
          delay = Duration.ZERO;
          if (stream == null) {
            start();
          }
          M message = stream.next(patience);
          if (message == null) {
            stream = null;
            if (ends) {
              return null;
            }
            throw EcsdException.local(Status.Code.UNAVAILABLE, "the stream ended without an error", null);
          }
          patience = heartbeat.multipliedBy(SILENT_HEARTBEATS);
          Tracker.Marked<E> marked = tracker.take(message);
          if (marked != null) {
            progress = progress || !snapshot; // a server that fails after each snapshot makes none
            snapshot = false;
            refused = null;
            token = marked.token;
            ready.addAll(marked.events);
          }
        } catch (InterruptedException e) {
          leave();
          Thread.currentThread().interrupt();
          if (closed.getCount() == 0) {
            return null;
          }
          throw EcsdException.local(Status.Code.CANCELLED, name + ": the thread was interrupted", e);
        } catch (EcsdException e) {
          MessageStream<Q, M> lost = stream;
          stream = null;
          if (closed.getCount() == 0) {
            return null;
          }
          lost(connection.explained(e), lost == null ? null : lost.token());
        }
      }
      return ready.remove();
    }

    private void start() {
      connection.connectNow();
      tracker.begin(token);
      snapshot = token.isEmpty();
      progress = false;
      patience = FIRST_MESSAGE;
      stream = open.apply(token);
    }

    /** Decides how the watch continues after an error, or throws it. */
    private void lost(EcsdException e, String credential) {
      reached = reached || e.connecting() == Connecting.CONNECTED;
      if (e.getCode() == Status.Code.UNAUTHENTICATED && credential != null && !credential.equals(refused)) {
        refused = credential;
        if (connection.tokens.renewed(credential)) {
          return;
        }
      }
      boolean restarts = cannotResume(e) && tracker.restart(e);
      if (restarts) {
        token = "";
      } else if (connection.channel.isShutdown()) {
        throw EcsdException.local(Status.Code.CANCELLED, name + ": the client was closed", e);
      } else if (e.connecting() == Connecting.MISCONFIGURED && !reached || !connection.passing(e)) {
        throw e.about(name);
      }
      if (progress) {
        backoff.reset(); // this is not one more consecutive failure
      }
      delay = backoff.next(e.asked());
      ready.add(tracker.interrupted(e, delay));
    }

    private boolean cannotResume(EcsdException e) {
      ErrorReason reason = e.getReason();
      return !token.isEmpty() && (reason == ErrorReason.ERROR_REASON_RESUME_TOKEN_EXPIRED
          || reason == ErrorReason.ERROR_REASON_INVALID_RESUME_TOKEN || reason == ErrorReason.ERROR_REASON_SLOW_READER);
    }

    void leave() {
      MessageStream<Q, M> current = stream;
      if (current != null) {
        current.cancel();
      }
    }
  }
}
