package io.ecsd.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * CatalogService tells what the cloud offers.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CatalogServiceGrpc {

  private CatalogServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "ecsd.v1.CatalogService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListRegionsRequest,
      io.ecsd.v1.ListRegionsResponse> getListRegionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRegions",
      requestType = io.ecsd.v1.ListRegionsRequest.class,
      responseType = io.ecsd.v1.ListRegionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListRegionsRequest,
      io.ecsd.v1.ListRegionsResponse> getListRegionsMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListRegionsRequest, io.ecsd.v1.ListRegionsResponse> getListRegionsMethod;
    if ((getListRegionsMethod = CatalogServiceGrpc.getListRegionsMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getListRegionsMethod = CatalogServiceGrpc.getListRegionsMethod) == null) {
          CatalogServiceGrpc.getListRegionsMethod = getListRegionsMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListRegionsRequest, io.ecsd.v1.ListRegionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRegions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListRegionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListRegionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("ListRegions"))
              .build();
        }
      }
    }
    return getListRegionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListZonesRequest,
      io.ecsd.v1.ListZonesResponse> getListZonesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListZones",
      requestType = io.ecsd.v1.ListZonesRequest.class,
      responseType = io.ecsd.v1.ListZonesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListZonesRequest,
      io.ecsd.v1.ListZonesResponse> getListZonesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListZonesRequest, io.ecsd.v1.ListZonesResponse> getListZonesMethod;
    if ((getListZonesMethod = CatalogServiceGrpc.getListZonesMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getListZonesMethod = CatalogServiceGrpc.getListZonesMethod) == null) {
          CatalogServiceGrpc.getListZonesMethod = getListZonesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListZonesRequest, io.ecsd.v1.ListZonesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListZones"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListZonesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListZonesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("ListZones"))
              .build();
        }
      }
    }
    return getListZonesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListInstanceTypesRequest,
      io.ecsd.v1.ListInstanceTypesResponse> getListInstanceTypesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListInstanceTypes",
      requestType = io.ecsd.v1.ListInstanceTypesRequest.class,
      responseType = io.ecsd.v1.ListInstanceTypesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListInstanceTypesRequest,
      io.ecsd.v1.ListInstanceTypesResponse> getListInstanceTypesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListInstanceTypesRequest, io.ecsd.v1.ListInstanceTypesResponse> getListInstanceTypesMethod;
    if ((getListInstanceTypesMethod = CatalogServiceGrpc.getListInstanceTypesMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getListInstanceTypesMethod = CatalogServiceGrpc.getListInstanceTypesMethod) == null) {
          CatalogServiceGrpc.getListInstanceTypesMethod = getListInstanceTypesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListInstanceTypesRequest, io.ecsd.v1.ListInstanceTypesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListInstanceTypes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListInstanceTypesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListInstanceTypesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("ListInstanceTypes"))
              .build();
        }
      }
    }
    return getListInstanceTypesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListStockRequest,
      io.ecsd.v1.ListStockResponse> getListStockMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListStock",
      requestType = io.ecsd.v1.ListStockRequest.class,
      responseType = io.ecsd.v1.ListStockResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListStockRequest,
      io.ecsd.v1.ListStockResponse> getListStockMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListStockRequest, io.ecsd.v1.ListStockResponse> getListStockMethod;
    if ((getListStockMethod = CatalogServiceGrpc.getListStockMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getListStockMethod = CatalogServiceGrpc.getListStockMethod) == null) {
          CatalogServiceGrpc.getListStockMethod = getListStockMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListStockRequest, io.ecsd.v1.ListStockResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListStock"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListStockRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListStockResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("ListStock"))
              .build();
        }
      }
    }
    return getListStockMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CatalogServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceStub>() {
        @java.lang.Override
        public CatalogServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceStub(channel, callOptions);
        }
      };
    return CatalogServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CatalogServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingV2Stub>() {
        @java.lang.Override
        public CatalogServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return CatalogServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CatalogServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingStub>() {
        @java.lang.Override
        public CatalogServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceBlockingStub(channel, callOptions);
        }
      };
    return CatalogServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CatalogServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceFutureStub>() {
        @java.lang.Override
        public CatalogServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceFutureStub(channel, callOptions);
        }
      };
    return CatalogServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * CatalogService tells what the cloud offers.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * ListRegions returns the regions of the cloud, in the order that the cloud lists them, and which of them
     * this server serves. There are no pages. The answer comes from memory; the cloud is called once where that is
     * older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, and STORE_UNAVAILABLE
     * where the call is remembered): none.
     * </pre>
     */
    default void listRegions(io.ecsd.v1.ListRegionsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListRegionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRegionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListZones returns the zones of a region with the instance types and disk categories that they know. There are no
     * pages. The answer comes from memory; the cloud is called once (DescribeZones) where that is older than an hour, and
     * where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    default void listZones(io.ecsd.v1.ListZonesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListZonesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListZonesMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListInstanceTypes returns the instance types that the cloud sells, a page at a time, with what they are. Whether
     * one can be bought now is for ListStock to tell. A page comes from memory; the cloud is called once
     * (DescribeInstanceTypes) where that is older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    default void listInstanceTypes(io.ecsd.v1.ListInstanceTypesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListInstanceTypesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListInstanceTypesMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListStock returns which instance types can be bought in which zones now, give or take half a minute: the same
     * question is answered from memory for so long, else it costs one cloud call (DescribeAvailableResource). There are
     * no pages. Stock may be gone a moment later.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION, RESOURCE_NOT_FOUND.
     * </pre>
     */
    default void listStock(io.ecsd.v1.ListStockRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListStockResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListStockMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CatalogService.
   * <pre>
   * CatalogService tells what the cloud offers.
   * </pre>
   */
  public static abstract class CatalogServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CatalogServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CatalogService.
   * <pre>
   * CatalogService tells what the cloud offers.
   * </pre>
   */
  public static final class CatalogServiceStub
      extends io.grpc.stub.AbstractAsyncStub<CatalogServiceStub> {
    private CatalogServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListRegions returns the regions of the cloud, in the order that the cloud lists them, and which of them
     * this server serves. There are no pages. The answer comes from memory; the cloud is called once where that is
     * older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, and STORE_UNAVAILABLE
     * where the call is remembered): none.
     * </pre>
     */
    public void listRegions(io.ecsd.v1.ListRegionsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListRegionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRegionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListZones returns the zones of a region with the instance types and disk categories that they know. There are no
     * pages. The answer comes from memory; the cloud is called once (DescribeZones) where that is older than an hour, and
     * where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    public void listZones(io.ecsd.v1.ListZonesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListZonesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListZonesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListInstanceTypes returns the instance types that the cloud sells, a page at a time, with what they are. Whether
     * one can be bought now is for ListStock to tell. A page comes from memory; the cloud is called once
     * (DescribeInstanceTypes) where that is older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public void listInstanceTypes(io.ecsd.v1.ListInstanceTypesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListInstanceTypesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListInstanceTypesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListStock returns which instance types can be bought in which zones now, give or take half a minute: the same
     * question is answered from memory for so long, else it costs one cloud call (DescribeAvailableResource). There are
     * no pages. Stock may be gone a moment later.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION, RESOURCE_NOT_FOUND.
     * </pre>
     */
    public void listStock(io.ecsd.v1.ListStockRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListStockResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListStockMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CatalogService.
   * <pre>
   * CatalogService tells what the cloud offers.
   * </pre>
   */
  public static final class CatalogServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CatalogServiceBlockingV2Stub> {
    private CatalogServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * ListRegions returns the regions of the cloud, in the order that the cloud lists them, and which of them
     * this server serves. There are no pages. The answer comes from memory; the cloud is called once where that is
     * older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, and STORE_UNAVAILABLE
     * where the call is remembered): none.
     * </pre>
     */
    public io.ecsd.v1.ListRegionsResponse listRegions(io.ecsd.v1.ListRegionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRegionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListZones returns the zones of a region with the instance types and disk categories that they know. There are no
     * pages. The answer comes from memory; the cloud is called once (DescribeZones) where that is older than an hour, and
     * where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListZonesResponse listZones(io.ecsd.v1.ListZonesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListZonesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListInstanceTypes returns the instance types that the cloud sells, a page at a time, with what they are. Whether
     * one can be bought now is for ListStock to tell. A page comes from memory; the cloud is called once
     * (DescribeInstanceTypes) where that is older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListInstanceTypesResponse listInstanceTypes(io.ecsd.v1.ListInstanceTypesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListInstanceTypesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListStock returns which instance types can be bought in which zones now, give or take half a minute: the same
     * question is answered from memory for so long, else it costs one cloud call (DescribeAvailableResource). There are
     * no pages. Stock may be gone a moment later.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION, RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.ListStockResponse listStock(io.ecsd.v1.ListStockRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListStockMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CatalogService.
   * <pre>
   * CatalogService tells what the cloud offers.
   * </pre>
   */
  public static final class CatalogServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CatalogServiceBlockingStub> {
    private CatalogServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListRegions returns the regions of the cloud, in the order that the cloud lists them, and which of them
     * this server serves. There are no pages. The answer comes from memory; the cloud is called once where that is
     * older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, and STORE_UNAVAILABLE
     * where the call is remembered): none.
     * </pre>
     */
    public io.ecsd.v1.ListRegionsResponse listRegions(io.ecsd.v1.ListRegionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRegionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListZones returns the zones of a region with the instance types and disk categories that they know. There are no
     * pages. The answer comes from memory; the cloud is called once (DescribeZones) where that is older than an hour, and
     * where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListZonesResponse listZones(io.ecsd.v1.ListZonesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListZonesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListInstanceTypes returns the instance types that the cloud sells, a page at a time, with what they are. Whether
     * one can be bought now is for ListStock to tell. A page comes from memory; the cloud is called once
     * (DescribeInstanceTypes) where that is older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListInstanceTypesResponse listInstanceTypes(io.ecsd.v1.ListInstanceTypesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListInstanceTypesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListStock returns which instance types can be bought in which zones now, give or take half a minute: the same
     * question is answered from memory for so long, else it costs one cloud call (DescribeAvailableResource). There are
     * no pages. Stock may be gone a moment later.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION, RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.ListStockResponse listStock(io.ecsd.v1.ListStockRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListStockMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CatalogService.
   * <pre>
   * CatalogService tells what the cloud offers.
   * </pre>
   */
  public static final class CatalogServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<CatalogServiceFutureStub> {
    private CatalogServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListRegions returns the regions of the cloud, in the order that the cloud lists them, and which of them
     * this server serves. There are no pages. The answer comes from memory; the cloud is called once where that is
     * older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL, and STORE_UNAVAILABLE
     * where the call is remembered): none.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListRegionsResponse> listRegions(
        io.ecsd.v1.ListRegionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRegionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListZones returns the zones of a region with the instance types and disk categories that they know. There are no
     * pages. The answer comes from memory; the cloud is called once (DescribeZones) where that is older than an hour, and
     * where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListZonesResponse> listZones(
        io.ecsd.v1.ListZonesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListZonesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListInstanceTypes returns the instance types that the cloud sells, a page at a time, with what they are. Whether
     * one can be bought now is for ListStock to tell. A page comes from memory; the cloud is called once
     * (DescribeInstanceTypes) where that is older than an hour, and where it does not answer, what is known is given.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListInstanceTypesResponse> listInstanceTypes(
        io.ecsd.v1.ListInstanceTypesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListInstanceTypesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListStock returns which instance types can be bought in which zones now, give or take half a minute: the same
     * question is answered from memory for so long, else it costs one cloud call (DescribeAvailableResource). There are
     * no pages. Stock may be gone a moment later.
     * Errors beyond those of every call, which ListRegions lists: INVALID_FIELD, UNKNOWN_REGION, RESOURCE_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListStockResponse> listStock(
        io.ecsd.v1.ListStockRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListStockMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_REGIONS = 0;
  private static final int METHODID_LIST_ZONES = 1;
  private static final int METHODID_LIST_INSTANCE_TYPES = 2;
  private static final int METHODID_LIST_STOCK = 3;

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
        case METHODID_LIST_REGIONS:
          serviceImpl.listRegions((io.ecsd.v1.ListRegionsRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListRegionsResponse>) responseObserver);
          break;
        case METHODID_LIST_ZONES:
          serviceImpl.listZones((io.ecsd.v1.ListZonesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListZonesResponse>) responseObserver);
          break;
        case METHODID_LIST_INSTANCE_TYPES:
          serviceImpl.listInstanceTypes((io.ecsd.v1.ListInstanceTypesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListInstanceTypesResponse>) responseObserver);
          break;
        case METHODID_LIST_STOCK:
          serviceImpl.listStock((io.ecsd.v1.ListStockRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListStockResponse>) responseObserver);
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
          getListRegionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListRegionsRequest,
              io.ecsd.v1.ListRegionsResponse>(
                service, METHODID_LIST_REGIONS)))
        .addMethod(
          getListZonesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListZonesRequest,
              io.ecsd.v1.ListZonesResponse>(
                service, METHODID_LIST_ZONES)))
        .addMethod(
          getListInstanceTypesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListInstanceTypesRequest,
              io.ecsd.v1.ListInstanceTypesResponse>(
                service, METHODID_LIST_INSTANCE_TYPES)))
        .addMethod(
          getListStockMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListStockRequest,
              io.ecsd.v1.ListStockResponse>(
                service, METHODID_LIST_STOCK)))
        .build();
  }

  private static abstract class CatalogServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CatalogServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.ecsd.v1.CatalogServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CatalogService");
    }
  }

  private static final class CatalogServiceFileDescriptorSupplier
      extends CatalogServiceBaseDescriptorSupplier {
    CatalogServiceFileDescriptorSupplier() {}
  }

  private static final class CatalogServiceMethodDescriptorSupplier
      extends CatalogServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CatalogServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CatalogServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CatalogServiceFileDescriptorSupplier())
              .addMethod(getListRegionsMethod())
              .addMethod(getListZonesMethod())
              .addMethod(getListInstanceTypesMethod())
              .addMethod(getListStockMethod())
              .build();
        }
      }
    }
    return result;
  }
}
