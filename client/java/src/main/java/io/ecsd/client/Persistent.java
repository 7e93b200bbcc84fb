package io.ecsd.client;

import io.ecsd.client.EcsdException.Connecting;
import io.ecsd.v1.InstanceResult;
import io.ecsd.v1.InstanceServiceGrpc.InstanceServiceBlockingStub;
import io.ecsd.v1.RenewalCount;
import io.ecsd.v1.WaitInstancesRequest;
import io.grpc.Status;
import io.grpc.stub.AbstractBlockingStub;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** Calls that are repeated until they succeed, fail for good, or the time is over. */
final class Persistent {
  /** Limits one call of a wait, so that none hangs on a silent server, and load spreads. */
  private static final Duration WAIT_AT_ONCE = Duration.ofMinutes(5);

  private final Connection connection;
  /** When the time is over, by System.nanoTime. */
  private final long end;
  private final boolean limited;

  Persistent(Connection connection, Duration timeout) {
    this.connection = connection;
    this.limited = timeout != null;
    this.end = limited ? System.nanoTime() + timeout.toNanos() : 0;
  }

  private long left() {
    return limited ? end - System.nanoTime() : Long.MAX_VALUE;
  }

  /**
   * Repeats a safe call. If it cannot connect at the beginning, nothing was sent, and it fails after four attempts like other
   * calls.
   */
  <S extends AbstractBlockingStub<S>, A> A call(String subject, String requestId, S stub, Function<S, A> call) {
    Backoff backoff = new Backoff(connection.backoff);
    boolean reached = false;
    for (int attempt = 1;; attempt++) {
      EcsdException e;
      try {
        S once = stub.withOption(RetryInterceptor.ONCE, true);
        return call.apply(limited ? once.withDeadlineAfter(Math.max(left(), 1), TimeUnit.NANOSECONDS) : once);
      } catch (RuntimeException failed) {
        e = EcsdException.of(failed);
      }
      reached = reached || e.connecting() == Connecting.CONNECTED;
      // The default deadline of a call is no answer: the server continues.
      boolean overtime = e.getCode() == Status.Code.DEADLINE_EXCEEDED && left() > 0;
      if (Thread.currentThread().isInterrupted() || left() <= 0 || !overtime && !connection.passing(e)
          || !reached && attempt >= RetryInterceptor.MAX_ATTEMPTS) {
        throw e.with(requestId).about(subject);
      }
      pause(backoff.next(e.asked()), subject, requestId, e);
    }
  }

  private void pause(Duration delay, String subject, String requestId, EcsdException failed) {
    boolean over = delay.toNanos() > left();
    try {
      TimeUnit.NANOSECONDS.sleep(Math.max(0, Math.min(delay.toNanos(), left())));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw EcsdException.local(Status.Code.CANCELLED, subject + ": the thread was interrupted; the last call failed: " + failed.getMessage(),
          interrupted).with(requestId);
    }
    if (over) {
      throw EcsdException.local(Status.Code.DEADLINE_EXCEEDED, subject + ": the time is over; the last call failed: " + failed.getMessage(),
          failed).with(requestId);
    }
    connection.connectNow();
  }

  /** Waits for instances. */
  List<InstanceResult> waitFor(WaitInstancesRequest request, InstanceServiceBlockingStub stub) {
    final String subject = "wait for instances";
    Backoff backoff = new Backoff(connection.backoff);
    EcsdException failed = null; // the latest failure that a retry may fix
    boolean reached = false;
    for (int attempt = 1;; attempt++) {
      long began = System.nanoTime();
      boolean own = left() > WAIT_AT_ONCE.toNanos();
      long limit = own ? WAIT_AT_ONCE.toNanos() : Math.max(left(), 1);
      EcsdException e;
      try {
        return stub.withOption(RetryInterceptor.ONCE, true).withDeadlineAfter(limit, TimeUnit.NANOSECONDS).waitInstances(request)
            .getResultsList();
      } catch (RuntimeException error) {
        e = EcsdException.of(error);
      }
      reached = reached || e.connecting() == Connecting.CONNECTED;
      boolean overtime = own && e.getCode() == Status.Code.DEADLINE_EXCEEDED;
      boolean ended = Thread.currentThread().isInterrupted() || left() <= 0 || e.getCode() == Status.Code.DEADLINE_EXCEEDED && !overtime;
      if (ended && failed != null && e.getMetadata().isEmpty()) {
        throw EcsdException.local(e.getCode() == Status.Code.CANCELLED ? Status.Code.CANCELLED : Status.Code.DEADLINE_EXCEEDED,
            subject + ": the time is over; the last call failed: " + failed.getMessage(), failed);
      }
      if (ended || !overtime && !connection.passing(e) || !reached && attempt >= RetryInterceptor.MAX_ATTEMPTS) {
        throw e.about(subject);
      }
      if (overtime && System.nanoTime() - began > TimeUnit.SECONDS.toNanos(1)) {
        backoff.reset();
        failed = null;
        continue;
      }
      failed = e;
      pause(backoff.next(e.asked()), subject, "", e);
    }
  }

  /** Iterates over a watch until it ends or the time is over. */
  <E> void limit(Watch<E> watch, String subject, String requestId, Consumer<E> each) {
    AtomicBoolean over = new AtomicBoolean();
    ScheduledFuture<?> timer = !limited ? null : connection.timer.schedule(() -> {
      over.set(true);
      watch.close();
    }, Math.max(left(), 0), TimeUnit.NANOSECONDS);
    try {
      watch.forEach(each);
    } catch (EcsdException e) {
      throw e.with(requestId).about(subject);
    } finally {
      if (timer != null) {
        timer.cancel(false);
      }
    }
    if (over.get()) {
      throw EcsdException.local(Status.Code.DEADLINE_EXCEEDED, subject + ": the time is over", null).with(requestId);
    }
  }

  /** Counts the renewals of a job, and those that have ended or need attention. */
  static JobProgress progress(String requestId, RenewalJobChanged event) {
    long total = 0;
    long ended = 0;
    for (RenewalCount c : event.getJob().getCountsList()) {
      total += c.getCount();
      switch (c.getState()) {
        case RENEWAL_STATE_PLANNED:
        case RENEWAL_STATE_SUBMITTING:
        case RENEWAL_STATE_VERIFYING:
        case RENEWAL_STATE_UNKNOWN:
          break;
        default:
          ended += c.getCount();
      }
    }
    return new JobProgress(requestId, event.getJob(), event.getRenewals(), total, ended);
  }
}
