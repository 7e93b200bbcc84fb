package io.ecsd.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * DiskService reads disks and makes snapshots of them.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class DiskServiceGrpc {

  private DiskServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "ecsd.v1.DiskService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListDisksRequest,
      io.ecsd.v1.ListDisksResponse> getListDisksMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListDisks",
      requestType = io.ecsd.v1.ListDisksRequest.class,
      responseType = io.ecsd.v1.ListDisksResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListDisksRequest,
      io.ecsd.v1.ListDisksResponse> getListDisksMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListDisksRequest, io.ecsd.v1.ListDisksResponse> getListDisksMethod;
    if ((getListDisksMethod = DiskServiceGrpc.getListDisksMethod) == null) {
      synchronized (DiskServiceGrpc.class) {
        if ((getListDisksMethod = DiskServiceGrpc.getListDisksMethod) == null) {
          DiskServiceGrpc.getListDisksMethod = getListDisksMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListDisksRequest, io.ecsd.v1.ListDisksResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListDisks"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListDisksRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListDisksResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DiskServiceMethodDescriptorSupplier("ListDisks"))
              .build();
        }
      }
    }
    return getListDisksMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.CreateSnapshotsRequest,
      io.ecsd.v1.CreateSnapshotsResponse> getCreateSnapshotsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSnapshots",
      requestType = io.ecsd.v1.CreateSnapshotsRequest.class,
      responseType = io.ecsd.v1.CreateSnapshotsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.CreateSnapshotsRequest,
      io.ecsd.v1.CreateSnapshotsResponse> getCreateSnapshotsMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.CreateSnapshotsRequest, io.ecsd.v1.CreateSnapshotsResponse> getCreateSnapshotsMethod;
    if ((getCreateSnapshotsMethod = DiskServiceGrpc.getCreateSnapshotsMethod) == null) {
      synchronized (DiskServiceGrpc.class) {
        if ((getCreateSnapshotsMethod = DiskServiceGrpc.getCreateSnapshotsMethod) == null) {
          DiskServiceGrpc.getCreateSnapshotsMethod = getCreateSnapshotsMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.CreateSnapshotsRequest, io.ecsd.v1.CreateSnapshotsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSnapshots"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.CreateSnapshotsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.CreateSnapshotsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DiskServiceMethodDescriptorSupplier("CreateSnapshots"))
              .build();
        }
      }
    }
    return getCreateSnapshotsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListSnapshotsRequest,
      io.ecsd.v1.ListSnapshotsResponse> getListSnapshotsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSnapshots",
      requestType = io.ecsd.v1.ListSnapshotsRequest.class,
      responseType = io.ecsd.v1.ListSnapshotsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListSnapshotsRequest,
      io.ecsd.v1.ListSnapshotsResponse> getListSnapshotsMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListSnapshotsRequest, io.ecsd.v1.ListSnapshotsResponse> getListSnapshotsMethod;
    if ((getListSnapshotsMethod = DiskServiceGrpc.getListSnapshotsMethod) == null) {
      synchronized (DiskServiceGrpc.class) {
        if ((getListSnapshotsMethod = DiskServiceGrpc.getListSnapshotsMethod) == null) {
          DiskServiceGrpc.getListSnapshotsMethod = getListSnapshotsMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListSnapshotsRequest, io.ecsd.v1.ListSnapshotsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSnapshots"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListSnapshotsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListSnapshotsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new DiskServiceMethodDescriptorSupplier("ListSnapshots"))
              .build();
        }
      }
    }
    return getListSnapshotsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static DiskServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DiskServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DiskServiceStub>() {
        @java.lang.Override
        public DiskServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DiskServiceStub(channel, callOptions);
        }
      };
    return DiskServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static DiskServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DiskServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DiskServiceBlockingV2Stub>() {
        @java.lang.Override
        public DiskServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DiskServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return DiskServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static DiskServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DiskServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DiskServiceBlockingStub>() {
        @java.lang.Override
        public DiskServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DiskServiceBlockingStub(channel, callOptions);
        }
      };
    return DiskServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static DiskServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<DiskServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<DiskServiceFutureStub>() {
        @java.lang.Override
        public DiskServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new DiskServiceFutureStub(channel, callOptions);
        }
      };
    return DiskServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * DiskService reads disks and makes snapshots of them.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * ListDisks returns the disks of one or many regions that match, a page at a time, read from the cloud now. It
     * costs one cloud call (DescribeDisks) for each 500 disks returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    default void listDisks(io.ecsd.v1.ListDisksRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListDisksResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListDisksMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateSnapshots begins a snapshot of each of up to 1,000 disks of a region, one result a disk. It does not wait
     * until they are complete: ListSnapshots shows their progress. A disk whose instance was never started has
     * nothing to save yet and is refused. A disk that fails fails alone. It costs one cloud call a disk
     * (CreateSnapshot).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single disk: RESOURCE_NOT_FOUND, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, OPERATION_IN_PROGRESS, QUOTA_EXCEEDED, ACCOUNT_RESTRICTED, UNSUPPORTED_OPERATION,
     * CLIENT_TOKEN_REJECTED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    default void createSnapshots(io.ecsd.v1.CreateSnapshotsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.CreateSnapshotsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSnapshotsMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSnapshots returns the snapshots of one or many regions that match, a page at a time, read from the cloud
     * now. It costs one cloud call (DescribeSnapshots) for each 100 snapshots returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    default void listSnapshots(io.ecsd.v1.ListSnapshotsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListSnapshotsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSnapshotsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service DiskService.
   * <pre>
   * DiskService reads disks and makes snapshots of them.
   * </pre>
   */
  public static abstract class DiskServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return DiskServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service DiskService.
   * <pre>
   * DiskService reads disks and makes snapshots of them.
   * </pre>
   */
  public static final class DiskServiceStub
      extends io.grpc.stub.AbstractAsyncStub<DiskServiceStub> {
    private DiskServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DiskServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DiskServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListDisks returns the disks of one or many regions that match, a page at a time, read from the cloud now. It
     * costs one cloud call (DescribeDisks) for each 500 disks returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public void listDisks(io.ecsd.v1.ListDisksRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListDisksResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListDisksMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateSnapshots begins a snapshot of each of up to 1,000 disks of a region, one result a disk. It does not wait
     * until they are complete: ListSnapshots shows their progress. A disk whose instance was never started has
     * nothing to save yet and is refused. A disk that fails fails alone. It costs one cloud call a disk
     * (CreateSnapshot).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single disk: RESOURCE_NOT_FOUND, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, OPERATION_IN_PROGRESS, QUOTA_EXCEEDED, ACCOUNT_RESTRICTED, UNSUPPORTED_OPERATION,
     * CLIENT_TOKEN_REJECTED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public void createSnapshots(io.ecsd.v1.CreateSnapshotsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.CreateSnapshotsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSnapshotsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSnapshots returns the snapshots of one or many regions that match, a page at a time, read from the cloud
     * now. It costs one cloud call (DescribeSnapshots) for each 100 snapshots returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public void listSnapshots(io.ecsd.v1.ListSnapshotsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListSnapshotsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSnapshotsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service DiskService.
   * <pre>
   * DiskService reads disks and makes snapshots of them.
   * </pre>
   */
  public static final class DiskServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<DiskServiceBlockingV2Stub> {
    private DiskServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DiskServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DiskServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * ListDisks returns the disks of one or many regions that match, a page at a time, read from the cloud now. It
     * costs one cloud call (DescribeDisks) for each 500 disks returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListDisksResponse listDisks(io.ecsd.v1.ListDisksRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListDisksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateSnapshots begins a snapshot of each of up to 1,000 disks of a region, one result a disk. It does not wait
     * until they are complete: ListSnapshots shows their progress. A disk whose instance was never started has
     * nothing to save yet and is refused. A disk that fails fails alone. It costs one cloud call a disk
     * (CreateSnapshot).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single disk: RESOURCE_NOT_FOUND, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, OPERATION_IN_PROGRESS, QUOTA_EXCEEDED, ACCOUNT_RESTRICTED, UNSUPPORTED_OPERATION,
     * CLIENT_TOKEN_REJECTED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.CreateSnapshotsResponse createSnapshots(io.ecsd.v1.CreateSnapshotsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSnapshotsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSnapshots returns the snapshots of one or many regions that match, a page at a time, read from the cloud
     * now. It costs one cloud call (DescribeSnapshots) for each 100 snapshots returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListSnapshotsResponse listSnapshots(io.ecsd.v1.ListSnapshotsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSnapshotsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service DiskService.
   * <pre>
   * DiskService reads disks and makes snapshots of them.
   * </pre>
   */
  public static final class DiskServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<DiskServiceBlockingStub> {
    private DiskServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DiskServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DiskServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListDisks returns the disks of one or many regions that match, a page at a time, read from the cloud now. It
     * costs one cloud call (DescribeDisks) for each 500 disks returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListDisksResponse listDisks(io.ecsd.v1.ListDisksRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListDisksMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateSnapshots begins a snapshot of each of up to 1,000 disks of a region, one result a disk. It does not wait
     * until they are complete: ListSnapshots shows their progress. A disk whose instance was never started has
     * nothing to save yet and is refused. A disk that fails fails alone. It costs one cloud call a disk
     * (CreateSnapshot).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single disk: RESOURCE_NOT_FOUND, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, OPERATION_IN_PROGRESS, QUOTA_EXCEEDED, ACCOUNT_RESTRICTED, UNSUPPORTED_OPERATION,
     * CLIENT_TOKEN_REJECTED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.CreateSnapshotsResponse createSnapshots(io.ecsd.v1.CreateSnapshotsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSnapshotsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSnapshots returns the snapshots of one or many regions that match, a page at a time, read from the cloud
     * now. It costs one cloud call (DescribeSnapshots) for each 100 snapshots returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListSnapshotsResponse listSnapshots(io.ecsd.v1.ListSnapshotsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSnapshotsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service DiskService.
   * <pre>
   * DiskService reads disks and makes snapshots of them.
   * </pre>
   */
  public static final class DiskServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<DiskServiceFutureStub> {
    private DiskServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected DiskServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new DiskServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListDisks returns the disks of one or many regions that match, a page at a time, read from the cloud now. It
     * costs one cloud call (DescribeDisks) for each 500 disks returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListDisksResponse> listDisks(
        io.ecsd.v1.ListDisksRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListDisksMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateSnapshots begins a snapshot of each of up to 1,000 disks of a region, one result a disk. It does not wait
     * until they are complete: ListSnapshots shows their progress. A disk whose instance was never started has
     * nothing to save yet and is refused. A disk that fails fails alone. It costs one cloud call a disk
     * (CreateSnapshot).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single disk: RESOURCE_NOT_FOUND, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, OPERATION_IN_PROGRESS, QUOTA_EXCEEDED, ACCOUNT_RESTRICTED, UNSUPPORTED_OPERATION,
     * CLIENT_TOKEN_REJECTED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.CreateSnapshotsResponse> createSnapshots(
        io.ecsd.v1.CreateSnapshotsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSnapshotsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSnapshots returns the snapshots of one or many regions that match, a page at a time, read from the cloud
     * now. It costs one cloud call (DescribeSnapshots) for each 100 snapshots returned and each region begun.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListSnapshotsResponse> listSnapshots(
        io.ecsd.v1.ListSnapshotsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSnapshotsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_DISKS = 0;
  private static final int METHODID_CREATE_SNAPSHOTS = 1;
  private static final int METHODID_LIST_SNAPSHOTS = 2;

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
        case METHODID_LIST_DISKS:
          serviceImpl.listDisks((io.ecsd.v1.ListDisksRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListDisksResponse>) responseObserver);
          break;
        case METHODID_CREATE_SNAPSHOTS:
          serviceImpl.createSnapshots((io.ecsd.v1.CreateSnapshotsRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.CreateSnapshotsResponse>) responseObserver);
          break;
        case METHODID_LIST_SNAPSHOTS:
          serviceImpl.listSnapshots((io.ecsd.v1.ListSnapshotsRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListSnapshotsResponse>) responseObserver);
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
          getListDisksMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListDisksRequest,
              io.ecsd.v1.ListDisksResponse>(
                service, METHODID_LIST_DISKS)))
        .addMethod(
          getCreateSnapshotsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.CreateSnapshotsRequest,
              io.ecsd.v1.CreateSnapshotsResponse>(
                service, METHODID_CREATE_SNAPSHOTS)))
        .addMethod(
          getListSnapshotsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListSnapshotsRequest,
              io.ecsd.v1.ListSnapshotsResponse>(
                service, METHODID_LIST_SNAPSHOTS)))
        .build();
  }

  private static abstract class DiskServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    DiskServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.ecsd.v1.DiskServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("DiskService");
    }
  }

  private static final class DiskServiceFileDescriptorSupplier
      extends DiskServiceBaseDescriptorSupplier {
    DiskServiceFileDescriptorSupplier() {}
  }

  private static final class DiskServiceMethodDescriptorSupplier
      extends DiskServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    DiskServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (DiskServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new DiskServiceFileDescriptorSupplier())
              .addMethod(getListDisksMethod())
              .addMethod(getCreateSnapshotsMethod())
              .addMethod(getListSnapshotsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
