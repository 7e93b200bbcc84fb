package io.ecsd.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** One stream of the server. It reads a message when the caller asks for it: a slow caller slows the server. */
final class MessageStream<Q, M> {
  private static final Object END = new Object();

  private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>(); // at most one message and the end
  private final ClientCall<Q, M> call;
  private final AtomicReference<String> token = new AtomicReference<>();
  private volatile Status status;
  private volatile Metadata trailers;

  MessageStream(Channel channel, MethodDescriptor<Q, M> method, Q request) {
    call = channel.newCall(method, CallOptions.DEFAULT.withOption(HeaderInterceptor.USED, token));
    call.start(new ClientCall.Listener<M>() {
      @Override
      public void onMessage(M message) {
        arrived.add(message);
      }

      @Override
      public void onClose(Status ended, Metadata last) {
        status = ended;
        trailers = last;
        arrived.add(END);
      }
    }, new Metadata());
    call.sendMessage(request);
    call.halfClose();
  }

  /**
   * Returns the next message, or null if the stream has ended with OK.
   *
   * @throws EcsdException if it ended with an error, or is silent for too long
   */
  @SuppressWarnings("unchecked")
  M next(Duration patience) throws InterruptedException {
    call.request(1);
    Object next = arrived.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    if (next == null) {
      cancel();
      throw EcsdException.local(Status.Code.UNAVAILABLE,
          "no message for " + patience.toMillis() / 1000.0 + " s, though a checkpoint was due", null);
    }
    if (next != END) {
      return (M) next;
    }
    arrived.add(END);
    if (status.isOk()) {
      return null;
    }
    throw EcsdException.of(status, trailers);
  }

  /** Returns the token that the stream was opened with, null for none. */
  String token() {
    return token.get();
  }

  void cancel() {
    call.cancel("the watch left the stream", null);
  }
}
