package io.ecsd.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * RenewalService finds subscriptions that expire, prices their renewal, renews them and sets what the cloud
 * does with them by itself.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class RenewalServiceGrpc {

  private RenewalServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "ecsd.v1.RenewalService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListExpiringInstancesRequest,
      io.ecsd.v1.ListExpiringInstancesResponse> getListExpiringInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListExpiringInstances",
      requestType = io.ecsd.v1.ListExpiringInstancesRequest.class,
      responseType = io.ecsd.v1.ListExpiringInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListExpiringInstancesRequest,
      io.ecsd.v1.ListExpiringInstancesResponse> getListExpiringInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListExpiringInstancesRequest, io.ecsd.v1.ListExpiringInstancesResponse> getListExpiringInstancesMethod;
    if ((getListExpiringInstancesMethod = RenewalServiceGrpc.getListExpiringInstancesMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getListExpiringInstancesMethod = RenewalServiceGrpc.getListExpiringInstancesMethod) == null) {
          RenewalServiceGrpc.getListExpiringInstancesMethod = getListExpiringInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListExpiringInstancesRequest, io.ecsd.v1.ListExpiringInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListExpiringInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListExpiringInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListExpiringInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("ListExpiringInstances"))
              .build();
        }
      }
    }
    return getListExpiringInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.QuoteRenewalsRequest,
      io.ecsd.v1.QuoteRenewalsResponse> getQuoteRenewalsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "QuoteRenewals",
      requestType = io.ecsd.v1.QuoteRenewalsRequest.class,
      responseType = io.ecsd.v1.QuoteRenewalsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.QuoteRenewalsRequest,
      io.ecsd.v1.QuoteRenewalsResponse> getQuoteRenewalsMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.QuoteRenewalsRequest, io.ecsd.v1.QuoteRenewalsResponse> getQuoteRenewalsMethod;
    if ((getQuoteRenewalsMethod = RenewalServiceGrpc.getQuoteRenewalsMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getQuoteRenewalsMethod = RenewalServiceGrpc.getQuoteRenewalsMethod) == null) {
          RenewalServiceGrpc.getQuoteRenewalsMethod = getQuoteRenewalsMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.QuoteRenewalsRequest, io.ecsd.v1.QuoteRenewalsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "QuoteRenewals"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.QuoteRenewalsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.QuoteRenewalsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("QuoteRenewals"))
              .build();
        }
      }
    }
    return getQuoteRenewalsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.RenewInstanceRequest,
      io.ecsd.v1.RenewInstanceResponse> getRenewInstanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RenewInstance",
      requestType = io.ecsd.v1.RenewInstanceRequest.class,
      responseType = io.ecsd.v1.RenewInstanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.RenewInstanceRequest,
      io.ecsd.v1.RenewInstanceResponse> getRenewInstanceMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.RenewInstanceRequest, io.ecsd.v1.RenewInstanceResponse> getRenewInstanceMethod;
    if ((getRenewInstanceMethod = RenewalServiceGrpc.getRenewInstanceMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getRenewInstanceMethod = RenewalServiceGrpc.getRenewInstanceMethod) == null) {
          RenewalServiceGrpc.getRenewInstanceMethod = getRenewInstanceMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.RenewInstanceRequest, io.ecsd.v1.RenewInstanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RenewInstance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.RenewInstanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.RenewInstanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("RenewInstance"))
              .build();
        }
      }
    }
    return getRenewInstanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.BatchGetAutoRenewSettingsRequest,
      io.ecsd.v1.BatchGetAutoRenewSettingsResponse> getBatchGetAutoRenewSettingsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BatchGetAutoRenewSettings",
      requestType = io.ecsd.v1.BatchGetAutoRenewSettingsRequest.class,
      responseType = io.ecsd.v1.BatchGetAutoRenewSettingsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.BatchGetAutoRenewSettingsRequest,
      io.ecsd.v1.BatchGetAutoRenewSettingsResponse> getBatchGetAutoRenewSettingsMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.BatchGetAutoRenewSettingsRequest, io.ecsd.v1.BatchGetAutoRenewSettingsResponse> getBatchGetAutoRenewSettingsMethod;
    if ((getBatchGetAutoRenewSettingsMethod = RenewalServiceGrpc.getBatchGetAutoRenewSettingsMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getBatchGetAutoRenewSettingsMethod = RenewalServiceGrpc.getBatchGetAutoRenewSettingsMethod) == null) {
          RenewalServiceGrpc.getBatchGetAutoRenewSettingsMethod = getBatchGetAutoRenewSettingsMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.BatchGetAutoRenewSettingsRequest, io.ecsd.v1.BatchGetAutoRenewSettingsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BatchGetAutoRenewSettings"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.BatchGetAutoRenewSettingsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.BatchGetAutoRenewSettingsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("BatchGetAutoRenewSettings"))
              .build();
        }
      }
    }
    return getBatchGetAutoRenewSettingsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.SetAutoRenewRequest,
      io.ecsd.v1.SetAutoRenewResponse> getSetAutoRenewMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetAutoRenew",
      requestType = io.ecsd.v1.SetAutoRenewRequest.class,
      responseType = io.ecsd.v1.SetAutoRenewResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.SetAutoRenewRequest,
      io.ecsd.v1.SetAutoRenewResponse> getSetAutoRenewMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.SetAutoRenewRequest, io.ecsd.v1.SetAutoRenewResponse> getSetAutoRenewMethod;
    if ((getSetAutoRenewMethod = RenewalServiceGrpc.getSetAutoRenewMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getSetAutoRenewMethod = RenewalServiceGrpc.getSetAutoRenewMethod) == null) {
          RenewalServiceGrpc.getSetAutoRenewMethod = getSetAutoRenewMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.SetAutoRenewRequest, io.ecsd.v1.SetAutoRenewResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetAutoRenew"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.SetAutoRenewRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.SetAutoRenewResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("SetAutoRenew"))
              .build();
        }
      }
    }
    return getSetAutoRenewMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static RenewalServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RenewalServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RenewalServiceStub>() {
        @java.lang.Override
        public RenewalServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RenewalServiceStub(channel, callOptions);
        }
      };
    return RenewalServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static RenewalServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RenewalServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RenewalServiceBlockingV2Stub>() {
        @java.lang.Override
        public RenewalServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RenewalServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return RenewalServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static RenewalServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RenewalServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RenewalServiceBlockingStub>() {
        @java.lang.Override
        public RenewalServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RenewalServiceBlockingStub(channel, callOptions);
        }
      };
    return RenewalServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static RenewalServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<RenewalServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<RenewalServiceFutureStub>() {
        @java.lang.Override
        public RenewalServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new RenewalServiceFutureStub(channel, callOptions);
        }
      };
    return RenewalServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * RenewalService finds subscriptions that expire, prices their renewal, renews them and sets what the cloud
   * does with them by itself.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * ListExpiringInstances returns the subscriptions of one or many regions that expire in a window of time, a
     * page at a time, read from the cloud now. Pay-as-you-go instances are never in it. It costs what
     * InstanceService.ListInstances costs.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    default void listExpiringInstances(io.ecsd.v1.ListExpiringInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListExpiringInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListExpiringInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * QuoteRenewals prices the renewal of up to 1,000 instances of a region and adds the prices up. Nothing is
     * paid. An id that fails fails alone and is not in the totals. It costs one cloud call an instance
     * (DescribeRenewalPrice) and one for each 100 ids (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE. Errors of a single id: INSTANCE_NOT_FOUND,
     * NOT_SUBSCRIPTION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, and those of every call.
     * </pre>
     */
    default void quoteRenewals(io.ecsd.v1.QuoteRenewalsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.QuoteRenewalsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getQuoteRenewalsMethod(), responseObserver);
    }

    /**
     * <pre>
     * RenewInstance renews one instance and pays for it, at most once for each request_id. It reads the instance
     * again before it pays, pays, and waits until the cloud shows the new expiry, which takes up to about 10
     * seconds: allow a minute. Where the caller's deadline passes first, the answer is DEADLINE_EXCEEDED, the
     * renewal goes on, and the same request with the same request_id tells what came of it. It costs one paid
     * cloud call (RenewInstance), one for the price (DescribeRenewalPrice) where the cloud prices the period, and
     * a share of a DescribeInstances call before and some after.
     * The answer is OK where money was paid: state RENEWED, or UNVERIFIED where the new expiry was not seen in
     * time. Where nothing was paid it is an error.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, REQUEST_ID_REUSED, INSTANCE_NOT_FOUND, RESOURCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS, OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT,
     * PRICE_UNAVAILABLE, PERIOD_NOT_SOLD, EXPIRY_TOO_FAR, CURRENCY_MISMATCH, INSUFFICIENT_BALANCE, UNPAID_ORDER,
     * ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    default void renewInstance(io.ecsd.v1.RenewInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.RenewInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRenewInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * BatchGetAutoRenewSettings returns the auto-renew settings of up to 1,000 instances of a region, one result
     * an id, read from the cloud now. It costs about two cloud calls for each 100 ids (DescribeInstances,
     * DescribeInstanceAutoRenewAttribute). An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION, and those of every
     * call.
     * </pre>
     */
    default void batchGetAutoRenewSettings(io.ecsd.v1.BatchGetAutoRenewSettingsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.BatchGetAutoRenewSettingsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchGetAutoRenewSettingsMethod(), responseObserver);
    }

    /**
     * <pre>
     * SetAutoRenew sets what the cloud does with up to 1,000 instances of a region when their end is near, reads
     * the settings back and returns what the cloud then holds. Asking again changes nothing more, so it takes no
     * request_id. Turning auto-renew off keeps the period. It costs about four cloud calls for each 100 ids:
     * DescribeInstances, DescribeInstanceAutoRenewAttribute before and after, and
     * ModifyInstanceAutoRenewAttribute, the last once more for each further period among them. An id that fails
     * fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED (auto-renew cannot be switched on then), INCORRECT_INSTANCE_STATUS, PERIOD_NOT_SOLD,
     * SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    default void setAutoRenew(io.ecsd.v1.SetAutoRenewRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.SetAutoRenewResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetAutoRenewMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service RenewalService.
   * <pre>
   * RenewalService finds subscriptions that expire, prices their renewal, renews them and sets what the cloud
   * does with them by itself.
   * </pre>
   */
  public static abstract class RenewalServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return RenewalServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service RenewalService.
   * <pre>
   * RenewalService finds subscriptions that expire, prices their renewal, renews them and sets what the cloud
   * does with them by itself.
   * </pre>
   */
  public static final class RenewalServiceStub
      extends io.grpc.stub.AbstractAsyncStub<RenewalServiceStub> {
    private RenewalServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RenewalServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RenewalServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListExpiringInstances returns the subscriptions of one or many regions that expire in a window of time, a
     * page at a time, read from the cloud now. Pay-as-you-go instances are never in it. It costs what
     * InstanceService.ListInstances costs.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public void listExpiringInstances(io.ecsd.v1.ListExpiringInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListExpiringInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListExpiringInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * QuoteRenewals prices the renewal of up to 1,000 instances of a region and adds the prices up. Nothing is
     * paid. An id that fails fails alone and is not in the totals. It costs one cloud call an instance
     * (DescribeRenewalPrice) and one for each 100 ids (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE. Errors of a single id: INSTANCE_NOT_FOUND,
     * NOT_SUBSCRIPTION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, and those of every call.
     * </pre>
     */
    public void quoteRenewals(io.ecsd.v1.QuoteRenewalsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.QuoteRenewalsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getQuoteRenewalsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RenewInstance renews one instance and pays for it, at most once for each request_id. It reads the instance
     * again before it pays, pays, and waits until the cloud shows the new expiry, which takes up to about 10
     * seconds: allow a minute. Where the caller's deadline passes first, the answer is DEADLINE_EXCEEDED, the
     * renewal goes on, and the same request with the same request_id tells what came of it. It costs one paid
     * cloud call (RenewInstance), one for the price (DescribeRenewalPrice) where the cloud prices the period, and
     * a share of a DescribeInstances call before and some after.
     * The answer is OK where money was paid: state RENEWED, or UNVERIFIED where the new expiry was not seen in
     * time. Where nothing was paid it is an error.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, REQUEST_ID_REUSED, INSTANCE_NOT_FOUND, RESOURCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS, OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT,
     * PRICE_UNAVAILABLE, PERIOD_NOT_SOLD, EXPIRY_TOO_FAR, CURRENCY_MISMATCH, INSUFFICIENT_BALANCE, UNPAID_ORDER,
     * ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    public void renewInstance(io.ecsd.v1.RenewInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.RenewInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRenewInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * BatchGetAutoRenewSettings returns the auto-renew settings of up to 1,000 instances of a region, one result
     * an id, read from the cloud now. It costs about two cloud calls for each 100 ids (DescribeInstances,
     * DescribeInstanceAutoRenewAttribute). An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION, and those of every
     * call.
     * </pre>
     */
    public void batchGetAutoRenewSettings(io.ecsd.v1.BatchGetAutoRenewSettingsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.BatchGetAutoRenewSettingsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchGetAutoRenewSettingsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SetAutoRenew sets what the cloud does with up to 1,000 instances of a region when their end is near, reads
     * the settings back and returns what the cloud then holds. Asking again changes nothing more, so it takes no
     * request_id. Turning auto-renew off keeps the period. It costs about four cloud calls for each 100 ids:
     * DescribeInstances, DescribeInstanceAutoRenewAttribute before and after, and
     * ModifyInstanceAutoRenewAttribute, the last once more for each further period among them. An id that fails
     * fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED (auto-renew cannot be switched on then), INCORRECT_INSTANCE_STATUS, PERIOD_NOT_SOLD,
     * SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public void setAutoRenew(io.ecsd.v1.SetAutoRenewRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.SetAutoRenewResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetAutoRenewMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service RenewalService.
   * <pre>
   * RenewalService finds subscriptions that expire, prices their renewal, renews them and sets what the cloud
   * does with them by itself.
   * </pre>
   */
  public static final class RenewalServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<RenewalServiceBlockingV2Stub> {
    private RenewalServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RenewalServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RenewalServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * ListExpiringInstances returns the subscriptions of one or many regions that expire in a window of time, a
     * page at a time, read from the cloud now. Pay-as-you-go instances are never in it. It costs what
     * InstanceService.ListInstances costs.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListExpiringInstancesResponse listExpiringInstances(io.ecsd.v1.ListExpiringInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListExpiringInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * QuoteRenewals prices the renewal of up to 1,000 instances of a region and adds the prices up. Nothing is
     * paid. An id that fails fails alone and is not in the totals. It costs one cloud call an instance
     * (DescribeRenewalPrice) and one for each 100 ids (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE. Errors of a single id: INSTANCE_NOT_FOUND,
     * NOT_SUBSCRIPTION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.QuoteRenewalsResponse quoteRenewals(io.ecsd.v1.QuoteRenewalsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getQuoteRenewalsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenewInstance renews one instance and pays for it, at most once for each request_id. It reads the instance
     * again before it pays, pays, and waits until the cloud shows the new expiry, which takes up to about 10
     * seconds: allow a minute. Where the caller's deadline passes first, the answer is DEADLINE_EXCEEDED, the
     * renewal goes on, and the same request with the same request_id tells what came of it. It costs one paid
     * cloud call (RenewInstance), one for the price (DescribeRenewalPrice) where the cloud prices the period, and
     * a share of a DescribeInstances call before and some after.
     * The answer is OK where money was paid: state RENEWED, or UNVERIFIED where the new expiry was not seen in
     * time. Where nothing was paid it is an error.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, REQUEST_ID_REUSED, INSTANCE_NOT_FOUND, RESOURCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS, OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT,
     * PRICE_UNAVAILABLE, PERIOD_NOT_SOLD, EXPIRY_TOO_FAR, CURRENCY_MISMATCH, INSUFFICIENT_BALANCE, UNPAID_ORDER,
     * ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    public io.ecsd.v1.RenewInstanceResponse renewInstance(io.ecsd.v1.RenewInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRenewInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * BatchGetAutoRenewSettings returns the auto-renew settings of up to 1,000 instances of a region, one result
     * an id, read from the cloud now. It costs about two cloud calls for each 100 ids (DescribeInstances,
     * DescribeInstanceAutoRenewAttribute). An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION, and those of every
     * call.
     * </pre>
     */
    public io.ecsd.v1.BatchGetAutoRenewSettingsResponse batchGetAutoRenewSettings(io.ecsd.v1.BatchGetAutoRenewSettingsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchGetAutoRenewSettingsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetAutoRenew sets what the cloud does with up to 1,000 instances of a region when their end is near, reads
     * the settings back and returns what the cloud then holds. Asking again changes nothing more, so it takes no
     * request_id. Turning auto-renew off keeps the period. It costs about four cloud calls for each 100 ids:
     * DescribeInstances, DescribeInstanceAutoRenewAttribute before and after, and
     * ModifyInstanceAutoRenewAttribute, the last once more for each further period among them. An id that fails
     * fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED (auto-renew cannot be switched on then), INCORRECT_INSTANCE_STATUS, PERIOD_NOT_SOLD,
     * SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.SetAutoRenewResponse setAutoRenew(io.ecsd.v1.SetAutoRenewRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetAutoRenewMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service RenewalService.
   * <pre>
   * RenewalService finds subscriptions that expire, prices their renewal, renews them and sets what the cloud
   * does with them by itself.
   * </pre>
   */
  public static final class RenewalServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<RenewalServiceBlockingStub> {
    private RenewalServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RenewalServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RenewalServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListExpiringInstances returns the subscriptions of one or many regions that expire in a window of time, a
     * page at a time, read from the cloud now. Pay-as-you-go instances are never in it. It costs what
     * InstanceService.ListInstances costs.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListExpiringInstancesResponse listExpiringInstances(io.ecsd.v1.ListExpiringInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListExpiringInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * QuoteRenewals prices the renewal of up to 1,000 instances of a region and adds the prices up. Nothing is
     * paid. An id that fails fails alone and is not in the totals. It costs one cloud call an instance
     * (DescribeRenewalPrice) and one for each 100 ids (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE. Errors of a single id: INSTANCE_NOT_FOUND,
     * NOT_SUBSCRIPTION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.QuoteRenewalsResponse quoteRenewals(io.ecsd.v1.QuoteRenewalsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getQuoteRenewalsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenewInstance renews one instance and pays for it, at most once for each request_id. It reads the instance
     * again before it pays, pays, and waits until the cloud shows the new expiry, which takes up to about 10
     * seconds: allow a minute. Where the caller's deadline passes first, the answer is DEADLINE_EXCEEDED, the
     * renewal goes on, and the same request with the same request_id tells what came of it. It costs one paid
     * cloud call (RenewInstance), one for the price (DescribeRenewalPrice) where the cloud prices the period, and
     * a share of a DescribeInstances call before and some after.
     * The answer is OK where money was paid: state RENEWED, or UNVERIFIED where the new expiry was not seen in
     * time. Where nothing was paid it is an error.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, REQUEST_ID_REUSED, INSTANCE_NOT_FOUND, RESOURCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS, OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT,
     * PRICE_UNAVAILABLE, PERIOD_NOT_SOLD, EXPIRY_TOO_FAR, CURRENCY_MISMATCH, INSUFFICIENT_BALANCE, UNPAID_ORDER,
     * ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    public io.ecsd.v1.RenewInstanceResponse renewInstance(io.ecsd.v1.RenewInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRenewInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * BatchGetAutoRenewSettings returns the auto-renew settings of up to 1,000 instances of a region, one result
     * an id, read from the cloud now. It costs about two cloud calls for each 100 ids (DescribeInstances,
     * DescribeInstanceAutoRenewAttribute). An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION, and those of every
     * call.
     * </pre>
     */
    public io.ecsd.v1.BatchGetAutoRenewSettingsResponse batchGetAutoRenewSettings(io.ecsd.v1.BatchGetAutoRenewSettingsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchGetAutoRenewSettingsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetAutoRenew sets what the cloud does with up to 1,000 instances of a region when their end is near, reads
     * the settings back and returns what the cloud then holds. Asking again changes nothing more, so it takes no
     * request_id. Turning auto-renew off keeps the period. It costs about four cloud calls for each 100 ids:
     * DescribeInstances, DescribeInstanceAutoRenewAttribute before and after, and
     * ModifyInstanceAutoRenewAttribute, the last once more for each further period among them. An id that fails
     * fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED (auto-renew cannot be switched on then), INCORRECT_INSTANCE_STATUS, PERIOD_NOT_SOLD,
     * SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.SetAutoRenewResponse setAutoRenew(io.ecsd.v1.SetAutoRenewRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetAutoRenewMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service RenewalService.
   * <pre>
   * RenewalService finds subscriptions that expire, prices their renewal, renews them and sets what the cloud
   * does with them by itself.
   * </pre>
   */
  public static final class RenewalServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<RenewalServiceFutureStub> {
    private RenewalServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected RenewalServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new RenewalServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListExpiringInstances returns the subscriptions of one or many regions that expire in a window of time, a
     * page at a time, read from the cloud now. Pay-as-you-go instances are never in it. It costs what
     * InstanceService.ListInstances costs.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListExpiringInstancesResponse> listExpiringInstances(
        io.ecsd.v1.ListExpiringInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListExpiringInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * QuoteRenewals prices the renewal of up to 1,000 instances of a region and adds the prices up. Nothing is
     * paid. An id that fails fails alone and is not in the totals. It costs one cloud call an instance
     * (DescribeRenewalPrice) and one for each 100 ids (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE. Errors of a single id: INSTANCE_NOT_FOUND,
     * NOT_SUBSCRIPTION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, and those of every call.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.QuoteRenewalsResponse> quoteRenewals(
        io.ecsd.v1.QuoteRenewalsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getQuoteRenewalsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RenewInstance renews one instance and pays for it, at most once for each request_id. It reads the instance
     * again before it pays, pays, and waits until the cloud shows the new expiry, which takes up to about 10
     * seconds: allow a minute. Where the caller's deadline passes first, the answer is DEADLINE_EXCEEDED, the
     * renewal goes on, and the same request with the same request_id tells what came of it. It costs one paid
     * cloud call (RenewInstance), one for the price (DescribeRenewalPrice) where the cloud prices the period, and
     * a share of a DescribeInstances call before and some after.
     * The answer is OK where money was paid: state RENEWED, or UNVERIFIED where the new expiry was not seen in
     * time. Where nothing was paid it is an error.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, REQUEST_ID_REUSED, INSTANCE_NOT_FOUND, RESOURCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS, OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT,
     * PRICE_UNAVAILABLE, PERIOD_NOT_SOLD, EXPIRY_TOO_FAR, CURRENCY_MISMATCH, INSUFFICIENT_BALANCE, UNPAID_ORDER,
     * ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.RenewInstanceResponse> renewInstance(
        io.ecsd.v1.RenewInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRenewInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * BatchGetAutoRenewSettings returns the auto-renew settings of up to 1,000 instances of a region, one result
     * an id, read from the cloud now. It costs about two cloud calls for each 100 ids (DescribeInstances,
     * DescribeInstanceAutoRenewAttribute). An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION, and those of every
     * call.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.BatchGetAutoRenewSettingsResponse> batchGetAutoRenewSettings(
        io.ecsd.v1.BatchGetAutoRenewSettingsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchGetAutoRenewSettingsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SetAutoRenew sets what the cloud does with up to 1,000 instances of a region when their end is near, reads
     * the settings back and returns what the cloud then holds. Asking again changes nothing more, so it takes no
     * request_id. Turning auto-renew off keeps the period. It costs about four cloud calls for each 100 ids:
     * DescribeInstances, DescribeInstanceAutoRenewAttribute before and after, and
     * ModifyInstanceAutoRenewAttribute, the last once more for each further period among them. An id that fails
     * fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD. Errors of a single id: INSTANCE_NOT_FOUND, NOT_SUBSCRIPTION,
     * INSTANCE_EXPIRED (auto-renew cannot be switched on then), INCORRECT_INSTANCE_STATUS, PERIOD_NOT_SOLD,
     * SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.SetAutoRenewResponse> setAutoRenew(
        io.ecsd.v1.SetAutoRenewRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetAutoRenewMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_EXPIRING_INSTANCES = 0;
  private static final int METHODID_QUOTE_RENEWALS = 1;
  private static final int METHODID_RENEW_INSTANCE = 2;
  private static final int METHODID_BATCH_GET_AUTO_RENEW_SETTINGS = 3;
  private static final int METHODID_SET_AUTO_RENEW = 4;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_LIST_EXPIRING_INSTANCES:
          serviceImpl.listExpiringInstances((io.ecsd.v1.ListExpiringInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListExpiringInstancesResponse>) responseObserver);
          break;
        case METHODID_QUOTE_RENEWALS:
          serviceImpl.quoteRenewals((io.ecsd.v1.QuoteRenewalsRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.QuoteRenewalsResponse>) responseObserver);
          break;
        case METHODID_RENEW_INSTANCE:
          serviceImpl.renewInstance((io.ecsd.v1.RenewInstanceRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.RenewInstanceResponse>) responseObserver);
          break;
        case METHODID_BATCH_GET_AUTO_RENEW_SETTINGS:
          serviceImpl.batchGetAutoRenewSettings((io.ecsd.v1.BatchGetAutoRenewSettingsRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.BatchGetAutoRenewSettingsResponse>) responseObserver);
          break;
        case METHODID_SET_AUTO_RENEW:
          serviceImpl.setAutoRenew((io.ecsd.v1.SetAutoRenewRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.SetAutoRenewResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getListExpiringInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListExpiringInstancesRequest,
              io.ecsd.v1.ListExpiringInstancesResponse>(
                service, METHODID_LIST_EXPIRING_INSTANCES)))
        .addMethod(
          getQuoteRenewalsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.QuoteRenewalsRequest,
              io.ecsd.v1.QuoteRenewalsResponse>(
                service, METHODID_QUOTE_RENEWALS)))
        .addMethod(
          getRenewInstanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.RenewInstanceRequest,
              io.ecsd.v1.RenewInstanceResponse>(
                service, METHODID_RENEW_INSTANCE)))
        .addMethod(
          getBatchGetAutoRenewSettingsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.BatchGetAutoRenewSettingsRequest,
              io.ecsd.v1.BatchGetAutoRenewSettingsResponse>(
                service, METHODID_BATCH_GET_AUTO_RENEW_SETTINGS)))
        .addMethod(
          getSetAutoRenewMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.SetAutoRenewRequest,
              io.ecsd.v1.SetAutoRenewResponse>(
                service, METHODID_SET_AUTO_RENEW)))
        .build();
  }

  private static abstract class RenewalServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    RenewalServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.ecsd.v1.RenewalServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("RenewalService");
    }
  }

  private static final class RenewalServiceFileDescriptorSupplier
      extends RenewalServiceBaseDescriptorSupplier {
    RenewalServiceFileDescriptorSupplier() {}
  }

  private static final class RenewalServiceMethodDescriptorSupplier
      extends RenewalServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    RenewalServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (RenewalServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new RenewalServiceFileDescriptorSupplier())
              .addMethod(getListExpiringInstancesMethod())
              .addMethod(getQuoteRenewalsMethod())
              .addMethod(getRenewInstanceMethod())
              .addMethod(getBatchGetAutoRenewSettingsMethod())
              .addMethod(getSetAutoRenewMethod())
              .build();
        }
      }
    }
    return result;
  }
}
