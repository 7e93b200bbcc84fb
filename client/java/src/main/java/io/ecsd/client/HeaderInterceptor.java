package io.ecsd.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.concurrent.atomic.AtomicReference;

/** Sets the name of the caller, the credential and the caller's own headers. It is the innermost interceptor. */
final class HeaderInterceptor implements ClientInterceptor {
  static final Metadata.Key<String> CALLER = Metadata.Key.of("ecsd-caller", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> AUTHORIZATION = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  /** Receives the token of an attempt. */
  static final CallOptions.Key<AtomicReference<String>> USED = CallOptions.Key.create("ecsd-token");

  private final String caller;
  private final Tokens tokens;
  private final Metadata extra;

  HeaderInterceptor(String caller, Tokens tokens, Metadata extra) {
    this.caller = caller;
    this.tokens = tokens;
    this.extra = extra;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<Q, A>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        headers.merge(extra);
        if (tokens != null) {
          String token = tokens.current();
          AtomicReference<String> used = options.getOption(USED);
          if (used != null) {
            used.set(token);
          }
          headers.discardAll(AUTHORIZATION);
          headers.put(AUTHORIZATION, "Bearer " + token);
        } else if (caller != null && !headers.containsKey(CALLER)) {
          headers.put(CALLER, caller);
        }
        super.start(listener, headers);
      }
    };
  }
}
