package io.ecsd.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.ecsd.v1.ErrorReason;
import io.ecsd.v1.ItemError;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A failed call, or one failed item of a call, with all its details. The helpers of {@link EcsdClient} throw it. A generated
 * stub throws {@link StatusRuntimeException}; {@link #of} returns its details.
 */
public final class EcsdException extends StatusRuntimeException {
  private static final long serialVersionUID = 1;
  private static final String DOMAIN = "ecsd";
  private static final String PREFIX = "ERROR_REASON_";
  private static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /** How a call failed before it was sent. */
  enum Connecting { CONNECTED, UNREACHABLE, MISCONFIGURED }

  private final transient Details details;

  private static final class Details {
    String reasonName = "";
    Map<String, String> metadata = Map.of();
    Duration retryDelay; // null: a retry cannot help
    Duration pushback; // of the trailer, null without one
    boolean refused;
    List<BadRequest.FieldViolation> fields = List.of();
    List<PreconditionFailure.Violation> preconditions = List.of();
    List<QuotaFailure.Violation> quotas = List.of();
    String requestId = "";
    Connecting connecting = Connecting.CONNECTED;

    Details copy() {
      Details d = new Details();
      d.reasonName = reasonName;
      d.metadata = metadata;
      d.retryDelay = retryDelay;
      d.pushback = pushback;
      d.refused = refused;
      d.fields = fields;
      d.preconditions = preconditions;
      d.quotas = quotas;
      d.requestId = requestId;
      d.connecting = connecting;
      return d;
    }
  }

  private EcsdException(Status status, Metadata trailers, Details details) {
    super(status, trailers);
    this.details = details;
  }

  /**
   * Returns the details of a call's error, wrapped or not. An error that is not from a call has the code UNKNOWN.
   *
   * @param error the error
   * @return its details
   */
  public static EcsdException of(Throwable error) {
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t instanceof EcsdException) {
        return (EcsdException) t;
      }
      if (t instanceof StatusRuntimeException || t instanceof StatusException) {
        boolean runtime = t instanceof StatusRuntimeException;
        Status status = runtime ? ((StatusRuntimeException) t).getStatus() : ((StatusException) t).getStatus();
        if (status.getCause() instanceof EcsdException) {
          return (EcsdException) status.getCause();
        }
        return of(status, runtime ? ((StatusRuntimeException) t).getTrailers() : ((StatusException) t).getTrailers());
      }
    }
    return new EcsdException(Status.UNKNOWN.withDescription(String.valueOf(error)).withCause(error), null, new Details());
  }

  static EcsdException of(Status status, Metadata trailers) {
    Details d = new Details();
    com.google.rpc.Status full = trailers == null ? null : StatusProto.fromStatusAndTrailers(status, trailers);
    if (full != null) {
      for (Any detail : full.getDetailsList()) {
        try {
          read(d, detail);
        } catch (InvalidProtocolBufferException e) {
          continue; // a detail that cannot be read is left out
        }
      }
    }
    String pushback = trailers == null ? null : trailers.get(PUSHBACK);
    if (pushback != null) {
      try {
        int ms = Integer.parseInt(pushback);
        d.refused = ms < 0;
        d.pushback = d.refused ? null : Duration.ofMillis(ms);
      } catch (NumberFormatException e) {
        d.refused = true; // as gRPC's specification of retries requires
      }
    }
    return new EcsdException(status, trailers, d);
  }

  private static void read(Details d, Any detail) throws InvalidProtocolBufferException {
    if (detail.is(ErrorInfo.class)) {
      ErrorInfo info = detail.unpack(ErrorInfo.class);
      if (info.getDomain().equals(DOMAIN)) {
        d.reasonName = info.getReason();
        d.metadata = info.getMetadataMap();
      }
    } else if (detail.is(RetryInfo.class)) {
      d.retryDelay = Values.duration(detail.unpack(RetryInfo.class).getRetryDelay());
    } else if (detail.is(BadRequest.class)) {
      d.fields = detail.unpack(BadRequest.class).getFieldViolationsList();
    } else if (detail.is(PreconditionFailure.class)) {
      d.preconditions = detail.unpack(PreconditionFailure.class).getViolationsList();
    } else if (detail.is(QuotaFailure.class)) {
      d.quotas = detail.unpack(QuotaFailure.class).getViolationsList();
    }
  }

  /**
   * Returns the details of one item's error.
   *
   * @param item the error of the item
   * @return its details
   */
  public static EcsdException of(ItemError item) {
    Details d = new Details();
    d.reasonName = item.getReason();
    d.metadata = item.getMetadataMap();
    d.retryDelay = item.hasRetryAfter() ? Values.duration(item.getRetryAfter()) : null;
    d.preconditions = item.getPreconditionsList().stream()
        .map(p -> PreconditionFailure.Violation.newBuilder().setType(item.getReason())
            .setDescription(p.getField() + " " + p.getDescription()).build())
        .collect(java.util.stream.Collectors.toUnmodifiableList());
    return new EcsdException(Status.fromCodeValue(item.getCode()).withDescription(item.getMessage()), null, d);
  }

  /** An error of the client itself. */
  static EcsdException local(Status.Code code, String text, Throwable cause) {
    return new EcsdException(code.toStatus().withDescription(text).withCause(cause), null, new Details());
  }

  /** The error of a list that misses regions. */
  static EcsdException unreachable(String text, String regionIds, String reason) {
    Details d = new Details();
    d.reasonName = reason;
    d.metadata = Map.of("unreachable_regions", regionIds);
    d.retryDelay = Duration.ZERO;
    return new EcsdException(Status.UNAVAILABLE.withDescription(text), null, d);
  }

  EcsdException with(String requestId) {
    Details d = details.copy();
    d.requestId = requestId;
    return new EcsdException(getStatus(), getTrailers(), d);
  }

  EcsdException with(Connecting connecting, String text) {
    Details d = details.copy();
    d.connecting = connecting;
    return new EcsdException(getStatus().withDescription(text), getTrailers(), d);
  }

  EcsdException about(String subject) {
    return new EcsdException(getStatus().withDescription(subject + ": " + text()), getTrailers(), details.copy());
  }

  private String text() {
    String text = getStatus().getDescription();
    return text == null ? "" : text;
  }

  /** Returns the code, the reason and the message. */
  @Override
  public String getMessage() {
    if (details == null) {
      return super.getMessage();
    }
    String reason = details.reasonName.isEmpty() ? "" : " " + details.reasonName;
    return getStatus().getCode() + reason + ": " + text();
  }

  /**
   * Returns the canonical gRPC code.
   *
   * @return the code
   */
  public Status.Code getCode() {
    return getStatus().getCode();
  }

  /**
   * Returns the cause, as one value to branch on. It is UNSPECIFIED if the error is not from ecsd (but from the network or a
   * proxy), or if a newer ecsd sent a reason that this client does not know.
   *
   * @return the reason
   */
  public ErrorReason getReason() {
    try {
      return ErrorReason.valueOf(PREFIX + details.reasonName);
    } catch (IllegalArgumentException e) {
      return ErrorReason.ERROR_REASON_UNSPECIFIED;
    }
  }

  /**
   * Returns the name of the reason without its prefix, such as "INSTANCE_NOT_FOUND", also of a reason that this client does
   * not know. It is empty if the error is not from ecsd.
   *
   * @return the name
   */
  public String getReasonName() {
    return details.reasonName;
  }

  /**
   * Returns the source: action, region_id, instance_id, ecs_code, ecs_request_id, and the keys that ErrorReason lists for the
   * reason.
   *
   * @return the metadata
   */
  public Map<String, String> getMetadata() {
    return details.metadata;
  }

  /**
   * Returns the delay after which a retry of the same request, with the same request_id if it has one, may succeed.
   *
   * @return the delay, null if the server says that no retry can help
   */
  public Duration getRetryDelay() {
    return details.retryDelay;
  }

  /**
   * Reports whether a retry of the failed call may succeed: the server says so, or was not reachable. A call that changes
   * something must be retried with {@link #getRequestId}.
   *
   * @return whether a retry may succeed
   */
  public boolean isRetryable() {
    return details.retryDelay != null || getCode() == Status.Code.UNAVAILABLE;
  }

  /**
   * Returns the invalid fields of the request, each with the rule that it breaks.
   *
   * @return the fields, in order
   */
  public List<BadRequest.FieldViolation> getFieldViolations() {
    return details.fields;
  }

  /**
   * Returns the unmet preconditions.
   *
   * @return the preconditions
   */
  public List<PreconditionFailure.Violation> getPreconditions() {
    return details.preconditions;
  }

  /**
   * Returns the exhausted budgets and quotas.
   *
   * @return the quotas
   */
  public List<QuotaFailure.Violation> getQuotas() {
    return details.quotas;
  }

  /**
   * Returns the request_id of the failed request, also if the client made it: send the same request with it to learn the
   * outcome.
   *
   * @return the request_id, empty if the request had none, and for an item
   */
  public String getRequestId() {
    return details.requestId;
  }

  /** Reports whether the server says that a retry can help. */
  boolean hasRetryInfo() {
    return details.retryDelay != null;
  }

  /** Reports whether the server forbids a retry. */
  boolean refusesRetry() {
    return details.refused;
  }

  /** Returns the delay that the server asks for, null for none. */
  Duration asked() {
    return details.retryDelay != null ? details.retryDelay : details.pushback;
  }

  Connecting connecting() {
    return details.connecting;
  }
}
