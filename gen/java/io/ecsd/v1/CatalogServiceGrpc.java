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
     * older than 10 minutes, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL): none.
     * </pre>
     */
    default void listRegions(io.ecsd.v1.ListRegionsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListRegionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRegionsMethod(), responseObserver);
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
     * older than 10 minutes, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL): none.
     * </pre>
     */
    public void listRegions(io.ecsd.v1.ListRegionsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListRegionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRegionsMethod(), getCallOptions()), request, responseObserver);
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
     * older than 10 minutes, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL): none.
     * </pre>
     */
    public io.ecsd.v1.ListRegionsResponse listRegions(io.ecsd.v1.ListRegionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRegionsMethod(), getCallOptions(), request);
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
     * older than 10 minutes, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL): none.
     * </pre>
     */
    public io.ecsd.v1.ListRegionsResponse listRegions(io.ecsd.v1.ListRegionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRegionsMethod(), getCallOptions(), request);
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
     * older than 10 minutes, and where it does not answer, what is known is given.
     * Errors beyond those of every call (THROTTLED, RATE_BUDGET_EXHAUSTED, PERMISSION_DENIED,
     * CREDENTIALS_INVALID, CREDENTIALS_UNAVAILABLE, CLOUD_UNAVAILABLE, CLOUD_UNREACHABLE, CLOUD_INTERNAL_ERROR,
     * CLOUD_REJECTED, SERVER_DRAINING, SERVER_OVERLOADED, DEADLINE_EXCEEDED, CANCELLED, INTERNAL): none.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListRegionsResponse> listRegions(
        io.ecsd.v1.ListRegionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRegionsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_REGIONS = 0;

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
              .build();
        }
      }
    }
    return result;
  }
}
