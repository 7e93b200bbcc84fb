package io.ecsd.client;

import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes unary calls: it sets the deadline and the request_id, retries, and decodes errors. A read, or a call with a
 * request_id, is retried if the server is unreachable or asks for it, up to four attempts and within the deadline. All
 * attempts have the same request_id. No other call is retried.
 */
final class RetryInterceptor implements ClientInterceptor {
  static final int MAX_ATTEMPTS = 4;
  /** Marks a call that its caller retries itself. */
  static final CallOptions.Key<Boolean> ONCE = CallOptions.Key.createWithDefault("ecsd-once", false);

  private final Connection shared;

  RetryInterceptor(Connection shared) {
    this.shared = shared;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    if (method.getType() != MethodDescriptor.MethodType.UNARY) {
      return next.newCall(method, options);
    }
    if (options.getDeadline() == null && !shared.timeout.isZero()) {
      options = options.withDeadlineAfter(shared.timeout.toNanos(), TimeUnit.NANOSECONDS);
    }
    return new Retrying<>(shared, method, options, next);
  }

  static boolean isRead(MethodDescriptor<?, ?> method) {
    Object schema = method.getSchemaDescriptor();
    return schema instanceof ProtoMethodDescriptorSupplier
        && ((ProtoMethodDescriptorSupplier) schema).getMethodDescriptor().getOptions().getIdempotencyLevel()
            == IdempotencyLevel.NO_SIDE_EFFECTS;
  }

  /** Returns the request_id of a request, "" if it has none, null if it has no such field. */
  static String requestId(Message request) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByName("request_id");
    return field == null ? null : (String) request.getField(field);
  }

  @SuppressWarnings("unchecked")
  static <M> M withRequestId(M request) {
    Message message = (Message) request;
    FieldDescriptor field = message.getDescriptorForType().findFieldByName("request_id");
    return (M) message.toBuilder().setField(field, UUID.randomUUID().toString()).build();
  }

  static boolean isDryRun(Message request) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByName("validate_only");
    return field != null && (Boolean) request.getField(field);
  }

  /** One call with its attempts. The fields are guarded by this. */
  private static final class Retrying<Q, A> extends ClientCall<Q, A> {
    private final Connection shared;
    private final MethodDescriptor<Q, A> method;
    private final CallOptions options;
    private final Channel next;
    private final Backoff backoff;

    private Listener<A> listener;
    private Metadata headers;
    private Q request;
    private String requestId = "";
    private boolean safe;
    private int attempts;
    private boolean refreshed;
    private boolean closed;
    /** The caller has cancelled the call while an attempt was in flight: it is the last one. */
    private boolean cancelled;
    private ClientCall<Q, A> attempt;
    private ScheduledFuture<?> delayed;
    private EcsdException failed;
    /** Ends the call if the client is closed while it waits. */
    private final Runnable closing = () -> cancel("the client was closed", null);

    Retrying(Connection shared, MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      this.shared = shared;
      this.method = method;
      this.options = options;
      this.next = next;
      this.backoff = new Backoff(shared.backoff);
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      this.listener = listener;
      this.headers = headers;
    }

    @Override
    public void request(int messages) {}

    @Override
    public void sendMessage(Q message) {
      request = message;
      if (message instanceof Message) {
        String id = requestId((Message) message);
        if (id != null && id.isEmpty() && !isDryRun((Message) message)) {
          request = withRequestId(message);
          id = requestId((Message) request);
        }
        requestId = id == null ? "" : id;
      }
      safe = (isRead(method) || !requestId.isEmpty()) && !options.getOption(ONCE);
    }

    @Override
    public void halfClose() {
      send();
    }

    private void send() {
      AtomicReference<String> used = new AtomicReference<>();
      ClientCall<Q, A> call = next.newCall(method, options.withOption(HeaderInterceptor.USED, used));
      synchronized (this) {
        if (closed) {
          return;
        }
        attempts++;
        attempt = call;
      }
      Metadata copy = new Metadata();
      copy.merge(headers);
      call.start(new Listener<A>() {
        private Metadata initial;
        private A response;

        @Override
        public void onHeaders(Metadata received) {
          shared.reached = true;
          initial = received;
        }

        @Override
        public void onMessage(A message) {
          response = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
          if (status.isOk()) {
            if (!close()) {
              return;
            }
            if (initial != null) {
              listener.onHeaders(initial);
            }
            if (response != null) {
              listener.onMessage(response);
            }
            listener.onClose(status, trailers);
            return;
          }
          EcsdException e = EcsdException.of(status, trailers);
          if (endedByServer(e)) {
            Status ended = Status.DEADLINE_EXCEEDED.withDescription(status.getDescription()).withCause(status.getCause());
            e = EcsdException.of(ended, trailers);
          }
          failed(shared.explained(e).with(requestId), used.get());
        }
      }, copy);
      call.request(2);
      call.sendMessage(request);
      call.halfClose();
    }

    /** Reports whether the server's clock has ended the call a moment before its deadline. That arrives as a cancellation. */
    private synchronized boolean endedByServer(EcsdException e) {
      return e.getCode() == Status.Code.CANCELLED && e.getReasonName().isEmpty() && !cancelled && options.getDeadline() != null
          && options.getDeadline().timeRemaining(TimeUnit.MILLISECONDS) < 100;
    }

    /** Retries after a delay, or ends the call. */
    private void failed(EcsdException e, String token) {
      Duration delay;
      synchronized (this) {
        if (closed) {
          return;
        }
        failed = e;
        boolean unauthenticated = e.getCode() == Status.Code.UNAUTHENTICATED && token != null && !refreshed;
        if (unauthenticated) {
          refreshed = true;
        }
        if (cancelled) {
          delay = null;
        } else if (unauthenticated && shared.tokens.renewed(token)) {
          delay = Duration.ZERO; // nothing had an effect
        } else if (!safe || e.refusesRetry() || attempts == MAX_ATTEMPTS
            || e.getCode() != Status.Code.UNAVAILABLE && !e.hasRetryInfo() || shared.channel.isShutdown()) {
          delay = null;
        } else {
          delay = backoff.next(e.asked());
          if (options.getDeadline() != null && options.getDeadline().timeRemaining(TimeUnit.NANOSECONDS) < delay.toNanos()) {
            delay = null;
          }
        }
        if (delay != null) {
          shared.waiting.add(closing);
          try {
            delayed = shared.timer.schedule(() -> {
              shared.waiting.remove(closing);
              shared.connectNow();
              send();
            }, delay.toNanos(), TimeUnit.NANOSECONDS);
            return;
          } catch (RejectedExecutionException stopped) {
            shared.waiting.remove(closing); // the client was closed
          }
        }
        closed = true;
      }
      finish(e);
    }

    private synchronized boolean close() {
      boolean first = !closed;
      closed = true;
      return first;
    }

    private void finish(EcsdException e) {
      Status status = e.getStatus();
      if (status.getCause() != e) {
        status = status.withCause(e);
      }
      listener.onClose(status, e.getTrailers() == null ? new Metadata() : e.getTrailers());
    }

    @Override
    public void cancel(String message, Throwable cause) {
      ClientCall<Q, A> current;
      boolean waiting;
      EcsdException e;
      synchronized (this) {
        if (closed) {
          return;
        }
        current = attempt;
        waiting = delayed != null && (delayed.cancel(false) || delayed.isCancelled()) || current == null;
        cancelled = true;
        if (waiting) {
          closed = true;
          shared.waiting.remove(closing);
        }
        e = failed;
      }
      if (!waiting) {
        current.cancel(message, cause);
        return;
      }
      String text = message == null ? "the call was cancelled" : message;
      if (e != null) {
        text += "; the last attempt failed: " + e.getMessage();
      }
      EcsdException cancelled = EcsdException.local(Status.Code.CANCELLED, text, cause).with(requestId);
      if (options.getExecutor() == null) {
        finish(cancelled);
      } else {
        options.getExecutor().execute(() -> finish(cancelled)); // a blocking stub waits in its executor
      }
    }
  }
}
