package io.ecsd.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * SpotService tells where spot instances are sold, what they cost and how long they last.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SpotServiceGrpc {

  private SpotServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "ecsd.v1.SpotService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListSpotZonesRequest,
      io.ecsd.v1.ListSpotZonesResponse> getListSpotZonesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSpotZones",
      requestType = io.ecsd.v1.ListSpotZonesRequest.class,
      responseType = io.ecsd.v1.ListSpotZonesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListSpotZonesRequest,
      io.ecsd.v1.ListSpotZonesResponse> getListSpotZonesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListSpotZonesRequest, io.ecsd.v1.ListSpotZonesResponse> getListSpotZonesMethod;
    if ((getListSpotZonesMethod = SpotServiceGrpc.getListSpotZonesMethod) == null) {
      synchronized (SpotServiceGrpc.class) {
        if ((getListSpotZonesMethod = SpotServiceGrpc.getListSpotZonesMethod) == null) {
          SpotServiceGrpc.getListSpotZonesMethod = getListSpotZonesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListSpotZonesRequest, io.ecsd.v1.ListSpotZonesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSpotZones"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListSpotZonesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListSpotZonesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SpotServiceMethodDescriptorSupplier("ListSpotZones"))
              .build();
        }
      }
    }
    return getListSpotZonesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListSpotPricesRequest,
      io.ecsd.v1.ListSpotPricesResponse> getListSpotPricesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSpotPrices",
      requestType = io.ecsd.v1.ListSpotPricesRequest.class,
      responseType = io.ecsd.v1.ListSpotPricesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListSpotPricesRequest,
      io.ecsd.v1.ListSpotPricesResponse> getListSpotPricesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListSpotPricesRequest, io.ecsd.v1.ListSpotPricesResponse> getListSpotPricesMethod;
    if ((getListSpotPricesMethod = SpotServiceGrpc.getListSpotPricesMethod) == null) {
      synchronized (SpotServiceGrpc.class) {
        if ((getListSpotPricesMethod = SpotServiceGrpc.getListSpotPricesMethod) == null) {
          SpotServiceGrpc.getListSpotPricesMethod = getListSpotPricesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListSpotPricesRequest, io.ecsd.v1.ListSpotPricesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSpotPrices"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListSpotPricesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListSpotPricesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SpotServiceMethodDescriptorSupplier("ListSpotPrices"))
              .build();
        }
      }
    }
    return getListSpotPricesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListSpotAdviceRequest,
      io.ecsd.v1.ListSpotAdviceResponse> getListSpotAdviceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSpotAdvice",
      requestType = io.ecsd.v1.ListSpotAdviceRequest.class,
      responseType = io.ecsd.v1.ListSpotAdviceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListSpotAdviceRequest,
      io.ecsd.v1.ListSpotAdviceResponse> getListSpotAdviceMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListSpotAdviceRequest, io.ecsd.v1.ListSpotAdviceResponse> getListSpotAdviceMethod;
    if ((getListSpotAdviceMethod = SpotServiceGrpc.getListSpotAdviceMethod) == null) {
      synchronized (SpotServiceGrpc.class) {
        if ((getListSpotAdviceMethod = SpotServiceGrpc.getListSpotAdviceMethod) == null) {
          SpotServiceGrpc.getListSpotAdviceMethod = getListSpotAdviceMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListSpotAdviceRequest, io.ecsd.v1.ListSpotAdviceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSpotAdvice"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListSpotAdviceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListSpotAdviceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SpotServiceMethodDescriptorSupplier("ListSpotAdvice"))
              .build();
        }
      }
    }
    return getListSpotAdviceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.WatchReclaimsRequest,
      io.ecsd.v1.WatchReclaimsResponse> getWatchReclaimsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchReclaims",
      requestType = io.ecsd.v1.WatchReclaimsRequest.class,
      responseType = io.ecsd.v1.WatchReclaimsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.WatchReclaimsRequest,
      io.ecsd.v1.WatchReclaimsResponse> getWatchReclaimsMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.WatchReclaimsRequest, io.ecsd.v1.WatchReclaimsResponse> getWatchReclaimsMethod;
    if ((getWatchReclaimsMethod = SpotServiceGrpc.getWatchReclaimsMethod) == null) {
      synchronized (SpotServiceGrpc.class) {
        if ((getWatchReclaimsMethod = SpotServiceGrpc.getWatchReclaimsMethod) == null) {
          SpotServiceGrpc.getWatchReclaimsMethod = getWatchReclaimsMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.WatchReclaimsRequest, io.ecsd.v1.WatchReclaimsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchReclaims"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.WatchReclaimsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.WatchReclaimsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SpotServiceMethodDescriptorSupplier("WatchReclaims"))
              .build();
        }
      }
    }
    return getWatchReclaimsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SpotServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SpotServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SpotServiceStub>() {
        @java.lang.Override
        public SpotServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SpotServiceStub(channel, callOptions);
        }
      };
    return SpotServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SpotServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SpotServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SpotServiceBlockingV2Stub>() {
        @java.lang.Override
        public SpotServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SpotServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SpotServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SpotServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SpotServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SpotServiceBlockingStub>() {
        @java.lang.Override
        public SpotServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SpotServiceBlockingStub(channel, callOptions);
        }
      };
    return SpotServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SpotServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SpotServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SpotServiceFutureStub>() {
        @java.lang.Override
        public SpotServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SpotServiceFutureStub(channel, callOptions);
        }
      };
    return SpotServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * SpotService tells where spot instances are sold, what they cost and how long they last.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * ListSpotZones returns the zones of a region that sell spot instances now, with the types that they sell. There are
     * no pages. It costs one cloud call (DescribeZones) and one for each type named, or one for all
     * (DescribeAvailableResource).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    default void listSpotZones(io.ecsd.v1.ListSpotZonesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListSpotZonesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSpotZonesMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSpotPrices returns the spot prices of an instance type over up to 30 days, zone by zone, with a summary of
     * each and the zone that is cheapest now. There are no pages: all pages of the cloud are read, the zones side by
     * side. It costs as many cloud calls (DescribeSpotPriceHistory) as the cloud has pages, and two more (DescribeZones,
     * DescribeAvailableResource) where zone_ids is empty.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    default void listSpotPrices(io.ecsd.v1.ListSpotPricesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListSpotPricesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSpotPricesMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSpotAdvice returns how instance types did as spot over the last 30 days: what they cost of the list price
     * and how many were reclaimed. There are no pages. It costs one cloud call (DescribeSpotAdvice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    default void listSpotAdvice(io.ecsd.v1.ListSpotAdviceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListSpotAdviceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSpotAdviceMethod(), responseObserver);
    }

    /**
     * <pre>
     * WatchReclaims reports the spot instances that the cloud will reclaim: a notice for each reclaim that is announced
     * when the watch begins, then a notice for each new one, at most six seconds after the lock appears. The server lists
     * locked instances every 5 seconds, at one cloud call per region and 100 of them, and at none in a region without
     * spot instances; the watch itself costs none. Each notice is followed by one outcome: the instance was released, it
     * was stopped according to its interruption behavior, or the reclaim was withdrawn. A checkpoint follows each batch
     * and comes at least once per heartbeat_interval; a watch can resume from it as in InstanceService.WatchInstances.
     * The stream ends with an error only, one of those of InstanceService.WatchInstances.
     * </pre>
     */
    default void watchReclaims(io.ecsd.v1.WatchReclaimsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.WatchReclaimsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchReclaimsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SpotService.
   * <pre>
   * SpotService tells where spot instances are sold, what they cost and how long they last.
   * </pre>
   */
  public static abstract class SpotServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SpotServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SpotService.
   * <pre>
   * SpotService tells where spot instances are sold, what they cost and how long they last.
   * </pre>
   */
  public static final class SpotServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SpotServiceStub> {
    private SpotServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SpotServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SpotServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListSpotZones returns the zones of a region that sell spot instances now, with the types that they sell. There are
     * no pages. It costs one cloud call (DescribeZones) and one for each type named, or one for all
     * (DescribeAvailableResource).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    public void listSpotZones(io.ecsd.v1.ListSpotZonesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListSpotZonesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSpotZonesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSpotPrices returns the spot prices of an instance type over up to 30 days, zone by zone, with a summary of
     * each and the zone that is cheapest now. There are no pages: all pages of the cloud are read, the zones side by
     * side. It costs as many cloud calls (DescribeSpotPriceHistory) as the cloud has pages, and two more (DescribeZones,
     * DescribeAvailableResource) where zone_ids is empty.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    public void listSpotPrices(io.ecsd.v1.ListSpotPricesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListSpotPricesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSpotPricesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSpotAdvice returns how instance types did as spot over the last 30 days: what they cost of the list price
     * and how many were reclaimed. There are no pages. It costs one cloud call (DescribeSpotAdvice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    public void listSpotAdvice(io.ecsd.v1.ListSpotAdviceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListSpotAdviceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSpotAdviceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WatchReclaims reports the spot instances that the cloud will reclaim: a notice for each reclaim that is announced
     * when the watch begins, then a notice for each new one, at most six seconds after the lock appears. The server lists
     * locked instances every 5 seconds, at one cloud call per region and 100 of them, and at none in a region without
     * spot instances; the watch itself costs none. Each notice is followed by one outcome: the instance was released, it
     * was stopped according to its interruption behavior, or the reclaim was withdrawn. A checkpoint follows each batch
     * and comes at least once per heartbeat_interval; a watch can resume from it as in InstanceService.WatchInstances.
     * The stream ends with an error only, one of those of InstanceService.WatchInstances.
     * </pre>
     */
    public void watchReclaims(io.ecsd.v1.WatchReclaimsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.WatchReclaimsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchReclaimsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SpotService.
   * <pre>
   * SpotService tells where spot instances are sold, what they cost and how long they last.
   * </pre>
   */
  public static final class SpotServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SpotServiceBlockingV2Stub> {
    private SpotServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SpotServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SpotServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * ListSpotZones returns the zones of a region that sell spot instances now, with the types that they sell. There are
     * no pages. It costs one cloud call (DescribeZones) and one for each type named, or one for all
     * (DescribeAvailableResource).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListSpotZonesResponse listSpotZones(io.ecsd.v1.ListSpotZonesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSpotZonesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSpotPrices returns the spot prices of an instance type over up to 30 days, zone by zone, with a summary of
     * each and the zone that is cheapest now. There are no pages: all pages of the cloud are read, the zones side by
     * side. It costs as many cloud calls (DescribeSpotPriceHistory) as the cloud has pages, and two more (DescribeZones,
     * DescribeAvailableResource) where zone_ids is empty.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.ListSpotPricesResponse listSpotPrices(io.ecsd.v1.ListSpotPricesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSpotPricesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSpotAdvice returns how instance types did as spot over the last 30 days: what they cost of the list price
     * and how many were reclaimed. There are no pages. It costs one cloud call (DescribeSpotAdvice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.ListSpotAdviceResponse listSpotAdvice(io.ecsd.v1.ListSpotAdviceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSpotAdviceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchReclaims reports the spot instances that the cloud will reclaim: a notice for each reclaim that is announced
     * when the watch begins, then a notice for each new one, at most six seconds after the lock appears. The server lists
     * locked instances every 5 seconds, at one cloud call per region and 100 of them, and at none in a region without
     * spot instances; the watch itself costs none. Each notice is followed by one outcome: the instance was released, it
     * was stopped according to its interruption behavior, or the reclaim was withdrawn. A checkpoint follows each batch
     * and comes at least once per heartbeat_interval; a watch can resume from it as in InstanceService.WatchInstances.
     * The stream ends with an error only, one of those of InstanceService.WatchInstances.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.ecsd.v1.WatchReclaimsResponse>
        watchReclaims(io.ecsd.v1.WatchReclaimsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchReclaimsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SpotService.
   * <pre>
   * SpotService tells where spot instances are sold, what they cost and how long they last.
   * </pre>
   */
  public static final class SpotServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SpotServiceBlockingStub> {
    private SpotServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SpotServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SpotServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListSpotZones returns the zones of a region that sell spot instances now, with the types that they sell. There are
     * no pages. It costs one cloud call (DescribeZones) and one for each type named, or one for all
     * (DescribeAvailableResource).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListSpotZonesResponse listSpotZones(io.ecsd.v1.ListSpotZonesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSpotZonesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSpotPrices returns the spot prices of an instance type over up to 30 days, zone by zone, with a summary of
     * each and the zone that is cheapest now. There are no pages: all pages of the cloud are read, the zones side by
     * side. It costs as many cloud calls (DescribeSpotPriceHistory) as the cloud has pages, and two more (DescribeZones,
     * DescribeAvailableResource) where zone_ids is empty.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.ListSpotPricesResponse listSpotPrices(io.ecsd.v1.ListSpotPricesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSpotPricesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSpotAdvice returns how instance types did as spot over the last 30 days: what they cost of the list price
     * and how many were reclaimed. There are no pages. It costs one cloud call (DescribeSpotAdvice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.ListSpotAdviceResponse listSpotAdvice(io.ecsd.v1.ListSpotAdviceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSpotAdviceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchReclaims reports the spot instances that the cloud will reclaim: a notice for each reclaim that is announced
     * when the watch begins, then a notice for each new one, at most six seconds after the lock appears. The server lists
     * locked instances every 5 seconds, at one cloud call per region and 100 of them, and at none in a region without
     * spot instances; the watch itself costs none. Each notice is followed by one outcome: the instance was released, it
     * was stopped according to its interruption behavior, or the reclaim was withdrawn. A checkpoint follows each batch
     * and comes at least once per heartbeat_interval; a watch can resume from it as in InstanceService.WatchInstances.
     * The stream ends with an error only, one of those of InstanceService.WatchInstances.
     * </pre>
     */
    public java.util.Iterator<io.ecsd.v1.WatchReclaimsResponse> watchReclaims(
        io.ecsd.v1.WatchReclaimsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchReclaimsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SpotService.
   * <pre>
   * SpotService tells where spot instances are sold, what they cost and how long they last.
   * </pre>
   */
  public static final class SpotServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SpotServiceFutureStub> {
    private SpotServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SpotServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SpotServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListSpotZones returns the zones of a region that sell spot instances now, with the types that they sell. There are
     * no pages. It costs one cloud call (DescribeZones) and one for each type named, or one for all
     * (DescribeAvailableResource).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListSpotZonesResponse> listSpotZones(
        io.ecsd.v1.ListSpotZonesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSpotZonesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSpotPrices returns the spot prices of an instance type over up to 30 days, zone by zone, with a summary of
     * each and the zone that is cheapest now. There are no pages: all pages of the cloud are read, the zones side by
     * side. It costs as many cloud calls (DescribeSpotPriceHistory) as the cloud has pages, and two more (DescribeZones,
     * DescribeAvailableResource) where zone_ids is empty.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListSpotPricesResponse> listSpotPrices(
        io.ecsd.v1.ListSpotPricesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSpotPricesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSpotAdvice returns how instance types did as spot over the last 30 days: what they cost of the list price
     * and how many were reclaimed. There are no pages. It costs one cloud call (DescribeSpotAdvice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * RESOURCE_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListSpotAdviceResponse> listSpotAdvice(
        io.ecsd.v1.ListSpotAdviceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSpotAdviceMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_SPOT_ZONES = 0;
  private static final int METHODID_LIST_SPOT_PRICES = 1;
  private static final int METHODID_LIST_SPOT_ADVICE = 2;
  private static final int METHODID_WATCH_RECLAIMS = 3;

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
        case METHODID_LIST_SPOT_ZONES:
          serviceImpl.listSpotZones((io.ecsd.v1.ListSpotZonesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListSpotZonesResponse>) responseObserver);
          break;
        case METHODID_LIST_SPOT_PRICES:
          serviceImpl.listSpotPrices((io.ecsd.v1.ListSpotPricesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListSpotPricesResponse>) responseObserver);
          break;
        case METHODID_LIST_SPOT_ADVICE:
          serviceImpl.listSpotAdvice((io.ecsd.v1.ListSpotAdviceRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListSpotAdviceResponse>) responseObserver);
          break;
        case METHODID_WATCH_RECLAIMS:
          serviceImpl.watchReclaims((io.ecsd.v1.WatchReclaimsRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.WatchReclaimsResponse>) responseObserver);
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
          getListSpotZonesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListSpotZonesRequest,
              io.ecsd.v1.ListSpotZonesResponse>(
                service, METHODID_LIST_SPOT_ZONES)))
        .addMethod(
          getListSpotPricesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListSpotPricesRequest,
              io.ecsd.v1.ListSpotPricesResponse>(
                service, METHODID_LIST_SPOT_PRICES)))
        .addMethod(
          getListSpotAdviceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListSpotAdviceRequest,
              io.ecsd.v1.ListSpotAdviceResponse>(
                service, METHODID_LIST_SPOT_ADVICE)))
        .addMethod(
          getWatchReclaimsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.ecsd.v1.WatchReclaimsRequest,
              io.ecsd.v1.WatchReclaimsResponse>(
                service, METHODID_WATCH_RECLAIMS)))
        .build();
  }

  private static abstract class SpotServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SpotServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.ecsd.v1.SpotServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SpotService");
    }
  }

  private static final class SpotServiceFileDescriptorSupplier
      extends SpotServiceBaseDescriptorSupplier {
    SpotServiceFileDescriptorSupplier() {}
  }

  private static final class SpotServiceMethodDescriptorSupplier
      extends SpotServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SpotServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (SpotServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SpotServiceFileDescriptorSupplier())
              .addMethod(getListSpotZonesMethod())
              .addMethod(getListSpotPricesMethod())
              .addMethod(getListSpotAdviceMethod())
              .addMethod(getWatchReclaimsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
