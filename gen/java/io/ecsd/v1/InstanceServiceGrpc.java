package io.ecsd.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * InstanceService reads instances.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class InstanceServiceGrpc {

  private InstanceServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "ecsd.v1.InstanceService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.GetInstanceRequest,
      io.ecsd.v1.GetInstanceResponse> getGetInstanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetInstance",
      requestType = io.ecsd.v1.GetInstanceRequest.class,
      responseType = io.ecsd.v1.GetInstanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.GetInstanceRequest,
      io.ecsd.v1.GetInstanceResponse> getGetInstanceMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.GetInstanceRequest, io.ecsd.v1.GetInstanceResponse> getGetInstanceMethod;
    if ((getGetInstanceMethod = InstanceServiceGrpc.getGetInstanceMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getGetInstanceMethod = InstanceServiceGrpc.getGetInstanceMethod) == null) {
          InstanceServiceGrpc.getGetInstanceMethod = getGetInstanceMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.GetInstanceRequest, io.ecsd.v1.GetInstanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetInstance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.GetInstanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.GetInstanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("GetInstance"))
              .build();
        }
      }
    }
    return getGetInstanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.BatchGetInstancesRequest,
      io.ecsd.v1.BatchGetInstancesResponse> getBatchGetInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BatchGetInstances",
      requestType = io.ecsd.v1.BatchGetInstancesRequest.class,
      responseType = io.ecsd.v1.BatchGetInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.BatchGetInstancesRequest,
      io.ecsd.v1.BatchGetInstancesResponse> getBatchGetInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.BatchGetInstancesRequest, io.ecsd.v1.BatchGetInstancesResponse> getBatchGetInstancesMethod;
    if ((getBatchGetInstancesMethod = InstanceServiceGrpc.getBatchGetInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getBatchGetInstancesMethod = InstanceServiceGrpc.getBatchGetInstancesMethod) == null) {
          InstanceServiceGrpc.getBatchGetInstancesMethod = getBatchGetInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.BatchGetInstancesRequest, io.ecsd.v1.BatchGetInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BatchGetInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.BatchGetInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.BatchGetInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("BatchGetInstances"))
              .build();
        }
      }
    }
    return getBatchGetInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListInstancesRequest,
      io.ecsd.v1.ListInstancesResponse> getListInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListInstances",
      requestType = io.ecsd.v1.ListInstancesRequest.class,
      responseType = io.ecsd.v1.ListInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListInstancesRequest,
      io.ecsd.v1.ListInstancesResponse> getListInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListInstancesRequest, io.ecsd.v1.ListInstancesResponse> getListInstancesMethod;
    if ((getListInstancesMethod = InstanceServiceGrpc.getListInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getListInstancesMethod = InstanceServiceGrpc.getListInstancesMethod) == null) {
          InstanceServiceGrpc.getListInstancesMethod = getListInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListInstancesRequest, io.ecsd.v1.ListInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("ListInstances"))
              .build();
        }
      }
    }
    return getListInstancesMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static InstanceServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<InstanceServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<InstanceServiceStub>() {
        @java.lang.Override
        public InstanceServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new InstanceServiceStub(channel, callOptions);
        }
      };
    return InstanceServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static InstanceServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<InstanceServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<InstanceServiceBlockingV2Stub>() {
        @java.lang.Override
        public InstanceServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new InstanceServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return InstanceServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static InstanceServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<InstanceServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<InstanceServiceBlockingStub>() {
        @java.lang.Override
        public InstanceServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new InstanceServiceBlockingStub(channel, callOptions);
        }
      };
    return InstanceServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static InstanceServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<InstanceServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<InstanceServiceFutureStub>() {
        @java.lang.Override
        public InstanceServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new InstanceServiceFutureStub(channel, callOptions);
        }
      };
    return InstanceServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * InstanceService reads instances.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * GetInstance returns one instance, read from the cloud now. Concurrent calls are merged: up to 100 instances
     * of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND.
     * </pre>
     */
    default void getInstance(io.ecsd.v1.GetInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.GetInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now. It
     * costs one cloud call (DescribeInstances) for each 100 ids. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, and those of every call where the
     * cloud call that the id was part of failed.
     * </pre>
     */
    default void batchGetInstances(io.ecsd.v1.BatchGetInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.BatchGetInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchGetInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from
     * the cloud now. It costs one cloud call (DescribeInstances) for each 100 instances returned and each region
     * begun, and one more for a region where nothing matches, to tell "none" from "not allowed to see any".
     * What is created or released while the pages are read may be missed; nothing that stays is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    default void listInstances(io.ecsd.v1.ListInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListInstancesMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service InstanceService.
   * <pre>
   * InstanceService reads instances.
   * </pre>
   */
  public static abstract class InstanceServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return InstanceServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service InstanceService.
   * <pre>
   * InstanceService reads instances.
   * </pre>
   */
  public static final class InstanceServiceStub
      extends io.grpc.stub.AbstractAsyncStub<InstanceServiceStub> {
    private InstanceServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected InstanceServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new InstanceServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * GetInstance returns one instance, read from the cloud now. Concurrent calls are merged: up to 100 instances
     * of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND.
     * </pre>
     */
    public void getInstance(io.ecsd.v1.GetInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.GetInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now. It
     * costs one cloud call (DescribeInstances) for each 100 ids. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, and those of every call where the
     * cloud call that the id was part of failed.
     * </pre>
     */
    public void batchGetInstances(io.ecsd.v1.BatchGetInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.BatchGetInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchGetInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from
     * the cloud now. It costs one cloud call (DescribeInstances) for each 100 instances returned and each region
     * begun, and one more for a region where nothing matches, to tell "none" from "not allowed to see any".
     * What is created or released while the pages are read may be missed; nothing that stays is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public void listInstances(io.ecsd.v1.ListInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListInstancesMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service InstanceService.
   * <pre>
   * InstanceService reads instances.
   * </pre>
   */
  public static final class InstanceServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<InstanceServiceBlockingV2Stub> {
    private InstanceServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected InstanceServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new InstanceServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * GetInstance returns one instance, read from the cloud now. Concurrent calls are merged: up to 100 instances
     * of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.GetInstanceResponse getInstance(io.ecsd.v1.GetInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now. It
     * costs one cloud call (DescribeInstances) for each 100 ids. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, and those of every call where the
     * cloud call that the id was part of failed.
     * </pre>
     */
    public io.ecsd.v1.BatchGetInstancesResponse batchGetInstances(io.ecsd.v1.BatchGetInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchGetInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from
     * the cloud now. It costs one cloud call (DescribeInstances) for each 100 instances returned and each region
     * begun, and one more for a region where nothing matches, to tell "none" from "not allowed to see any".
     * What is created or released while the pages are read may be missed; nothing that stays is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListInstancesResponse listInstances(io.ecsd.v1.ListInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListInstancesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service InstanceService.
   * <pre>
   * InstanceService reads instances.
   * </pre>
   */
  public static final class InstanceServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<InstanceServiceBlockingStub> {
    private InstanceServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected InstanceServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new InstanceServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * GetInstance returns one instance, read from the cloud now. Concurrent calls are merged: up to 100 instances
     * of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.GetInstanceResponse getInstance(io.ecsd.v1.GetInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now. It
     * costs one cloud call (DescribeInstances) for each 100 ids. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, and those of every call where the
     * cloud call that the id was part of failed.
     * </pre>
     */
    public io.ecsd.v1.BatchGetInstancesResponse batchGetInstances(io.ecsd.v1.BatchGetInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchGetInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from
     * the cloud now. It costs one cloud call (DescribeInstances) for each 100 instances returned and each region
     * begun, and one more for a region where nothing matches, to tell "none" from "not allowed to see any".
     * What is created or released while the pages are read may be missed; nothing that stays is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListInstancesResponse listInstances(io.ecsd.v1.ListInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListInstancesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service InstanceService.
   * <pre>
   * InstanceService reads instances.
   * </pre>
   */
  public static final class InstanceServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<InstanceServiceFutureStub> {
    private InstanceServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected InstanceServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new InstanceServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * GetInstance returns one instance, read from the cloud now. Concurrent calls are merged: up to 100 instances
     * of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.GetInstanceResponse> getInstance(
        io.ecsd.v1.GetInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now. It
     * costs one cloud call (DescribeInstances) for each 100 ids. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION. Errors of a single id: INSTANCE_NOT_FOUND, and those of every call where the
     * cloud call that the id was part of failed.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.BatchGetInstancesResponse> batchGetInstances(
        io.ecsd.v1.BatchGetInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchGetInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from
     * the cloud now. It costs one cloud call (DescribeInstances) for each 100 instances returned and each region
     * begun, and one more for a region where nothing matches, to tell "none" from "not allowed to see any".
     * What is created or released while the pages are read may be missed; nothing that stays is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListInstancesResponse> listInstances(
        io.ecsd.v1.ListInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListInstancesMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_INSTANCE = 0;
  private static final int METHODID_BATCH_GET_INSTANCES = 1;
  private static final int METHODID_LIST_INSTANCES = 2;

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
        case METHODID_GET_INSTANCE:
          serviceImpl.getInstance((io.ecsd.v1.GetInstanceRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.GetInstanceResponse>) responseObserver);
          break;
        case METHODID_BATCH_GET_INSTANCES:
          serviceImpl.batchGetInstances((io.ecsd.v1.BatchGetInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.BatchGetInstancesResponse>) responseObserver);
          break;
        case METHODID_LIST_INSTANCES:
          serviceImpl.listInstances((io.ecsd.v1.ListInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListInstancesResponse>) responseObserver);
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
          getGetInstanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.GetInstanceRequest,
              io.ecsd.v1.GetInstanceResponse>(
                service, METHODID_GET_INSTANCE)))
        .addMethod(
          getBatchGetInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.BatchGetInstancesRequest,
              io.ecsd.v1.BatchGetInstancesResponse>(
                service, METHODID_BATCH_GET_INSTANCES)))
        .addMethod(
          getListInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListInstancesRequest,
              io.ecsd.v1.ListInstancesResponse>(
                service, METHODID_LIST_INSTANCES)))
        .build();
  }

  private static abstract class InstanceServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    InstanceServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.ecsd.v1.InstanceServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("InstanceService");
    }
  }

  private static final class InstanceServiceFileDescriptorSupplier
      extends InstanceServiceBaseDescriptorSupplier {
    InstanceServiceFileDescriptorSupplier() {}
  }

  private static final class InstanceServiceMethodDescriptorSupplier
      extends InstanceServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    InstanceServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (InstanceServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new InstanceServiceFileDescriptorSupplier())
              .addMethod(getGetInstanceMethod())
              .addMethod(getBatchGetInstancesMethod())
              .addMethod(getListInstancesMethod())
              .build();
        }
      }
    }
    return result;
  }
}
