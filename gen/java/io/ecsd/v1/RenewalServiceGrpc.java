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

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.CreateRenewalJobRequest,
      io.ecsd.v1.CreateRenewalJobResponse> getCreateRenewalJobMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateRenewalJob",
      requestType = io.ecsd.v1.CreateRenewalJobRequest.class,
      responseType = io.ecsd.v1.CreateRenewalJobResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.CreateRenewalJobRequest,
      io.ecsd.v1.CreateRenewalJobResponse> getCreateRenewalJobMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.CreateRenewalJobRequest, io.ecsd.v1.CreateRenewalJobResponse> getCreateRenewalJobMethod;
    if ((getCreateRenewalJobMethod = RenewalServiceGrpc.getCreateRenewalJobMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getCreateRenewalJobMethod = RenewalServiceGrpc.getCreateRenewalJobMethod) == null) {
          RenewalServiceGrpc.getCreateRenewalJobMethod = getCreateRenewalJobMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.CreateRenewalJobRequest, io.ecsd.v1.CreateRenewalJobResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateRenewalJob"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.CreateRenewalJobRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.CreateRenewalJobResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("CreateRenewalJob"))
              .build();
        }
      }
    }
    return getCreateRenewalJobMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.GetRenewalJobRequest,
      io.ecsd.v1.GetRenewalJobResponse> getGetRenewalJobMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRenewalJob",
      requestType = io.ecsd.v1.GetRenewalJobRequest.class,
      responseType = io.ecsd.v1.GetRenewalJobResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.GetRenewalJobRequest,
      io.ecsd.v1.GetRenewalJobResponse> getGetRenewalJobMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.GetRenewalJobRequest, io.ecsd.v1.GetRenewalJobResponse> getGetRenewalJobMethod;
    if ((getGetRenewalJobMethod = RenewalServiceGrpc.getGetRenewalJobMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getGetRenewalJobMethod = RenewalServiceGrpc.getGetRenewalJobMethod) == null) {
          RenewalServiceGrpc.getGetRenewalJobMethod = getGetRenewalJobMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.GetRenewalJobRequest, io.ecsd.v1.GetRenewalJobResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRenewalJob"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.GetRenewalJobRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.GetRenewalJobResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("GetRenewalJob"))
              .build();
        }
      }
    }
    return getGetRenewalJobMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListRenewalJobsRequest,
      io.ecsd.v1.ListRenewalJobsResponse> getListRenewalJobsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRenewalJobs",
      requestType = io.ecsd.v1.ListRenewalJobsRequest.class,
      responseType = io.ecsd.v1.ListRenewalJobsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListRenewalJobsRequest,
      io.ecsd.v1.ListRenewalJobsResponse> getListRenewalJobsMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListRenewalJobsRequest, io.ecsd.v1.ListRenewalJobsResponse> getListRenewalJobsMethod;
    if ((getListRenewalJobsMethod = RenewalServiceGrpc.getListRenewalJobsMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getListRenewalJobsMethod = RenewalServiceGrpc.getListRenewalJobsMethod) == null) {
          RenewalServiceGrpc.getListRenewalJobsMethod = getListRenewalJobsMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListRenewalJobsRequest, io.ecsd.v1.ListRenewalJobsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRenewalJobs"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListRenewalJobsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListRenewalJobsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("ListRenewalJobs"))
              .build();
        }
      }
    }
    return getListRenewalJobsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.CancelRenewalJobRequest,
      io.ecsd.v1.CancelRenewalJobResponse> getCancelRenewalJobMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelRenewalJob",
      requestType = io.ecsd.v1.CancelRenewalJobRequest.class,
      responseType = io.ecsd.v1.CancelRenewalJobResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.CancelRenewalJobRequest,
      io.ecsd.v1.CancelRenewalJobResponse> getCancelRenewalJobMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.CancelRenewalJobRequest, io.ecsd.v1.CancelRenewalJobResponse> getCancelRenewalJobMethod;
    if ((getCancelRenewalJobMethod = RenewalServiceGrpc.getCancelRenewalJobMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getCancelRenewalJobMethod = RenewalServiceGrpc.getCancelRenewalJobMethod) == null) {
          RenewalServiceGrpc.getCancelRenewalJobMethod = getCancelRenewalJobMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.CancelRenewalJobRequest, io.ecsd.v1.CancelRenewalJobResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelRenewalJob"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.CancelRenewalJobRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.CancelRenewalJobResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("CancelRenewalJob"))
              .build();
        }
      }
    }
    return getCancelRenewalJobMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.WatchRenewalJobRequest,
      io.ecsd.v1.WatchRenewalJobResponse> getWatchRenewalJobMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchRenewalJob",
      requestType = io.ecsd.v1.WatchRenewalJobRequest.class,
      responseType = io.ecsd.v1.WatchRenewalJobResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.WatchRenewalJobRequest,
      io.ecsd.v1.WatchRenewalJobResponse> getWatchRenewalJobMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.WatchRenewalJobRequest, io.ecsd.v1.WatchRenewalJobResponse> getWatchRenewalJobMethod;
    if ((getWatchRenewalJobMethod = RenewalServiceGrpc.getWatchRenewalJobMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getWatchRenewalJobMethod = RenewalServiceGrpc.getWatchRenewalJobMethod) == null) {
          RenewalServiceGrpc.getWatchRenewalJobMethod = getWatchRenewalJobMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.WatchRenewalJobRequest, io.ecsd.v1.WatchRenewalJobResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchRenewalJob"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.WatchRenewalJobRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.WatchRenewalJobResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("WatchRenewalJob"))
              .build();
        }
      }
    }
    return getWatchRenewalJobMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ListRenewalsRequest,
      io.ecsd.v1.ListRenewalsResponse> getListRenewalsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRenewals",
      requestType = io.ecsd.v1.ListRenewalsRequest.class,
      responseType = io.ecsd.v1.ListRenewalsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ListRenewalsRequest,
      io.ecsd.v1.ListRenewalsResponse> getListRenewalsMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ListRenewalsRequest, io.ecsd.v1.ListRenewalsResponse> getListRenewalsMethod;
    if ((getListRenewalsMethod = RenewalServiceGrpc.getListRenewalsMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getListRenewalsMethod = RenewalServiceGrpc.getListRenewalsMethod) == null) {
          RenewalServiceGrpc.getListRenewalsMethod = getListRenewalsMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ListRenewalsRequest, io.ecsd.v1.ListRenewalsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRenewals"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListRenewalsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ListRenewalsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("ListRenewals"))
              .build();
        }
      }
    }
    return getListRenewalsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ResolveRenewalRequest,
      io.ecsd.v1.ResolveRenewalResponse> getResolveRenewalMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResolveRenewal",
      requestType = io.ecsd.v1.ResolveRenewalRequest.class,
      responseType = io.ecsd.v1.ResolveRenewalResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ResolveRenewalRequest,
      io.ecsd.v1.ResolveRenewalResponse> getResolveRenewalMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ResolveRenewalRequest, io.ecsd.v1.ResolveRenewalResponse> getResolveRenewalMethod;
    if ((getResolveRenewalMethod = RenewalServiceGrpc.getResolveRenewalMethod) == null) {
      synchronized (RenewalServiceGrpc.class) {
        if ((getResolveRenewalMethod = RenewalServiceGrpc.getResolveRenewalMethod) == null) {
          RenewalServiceGrpc.getResolveRenewalMethod = getResolveRenewalMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ResolveRenewalRequest, io.ecsd.v1.ResolveRenewalResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResolveRenewal"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ResolveRenewalRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ResolveRenewalResponse.getDefaultInstance()))
              .setSchemaDescriptor(new RenewalServiceMethodDescriptorSupplier("ResolveRenewal"))
              .build();
        }
      }
    }
    return getResolveRenewalMethod;
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
     * page at a time, read from the cloud now, each with how its automatic renewal goes. Pay-as-you-go instances are
     * never in it. Each page is in the order of expiry, the pages are not: whoever needs all in order sorts them after the
     * last page, and whoever needs what expires first asks for a shorter window. It costs what
     * InstanceService.ListInstances costs, and a call (DescribeInstanceAutoRenewAttribute) for each 100 instances.
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
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED, SET_NOT_TO_RENEW, ALREADY_RENEWED.
     * If nothing was paid, the same request_id tries again. An error that is returned from the ledger without a new try
     * carries the metadata replayed ("true") and original_time, when it was first returned: use a new request_id to try
     * again.
     * </pre>
     */
    default void renewInstance(io.ecsd.v1.RenewInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.RenewInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRenewInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateRenewalJob renews many instances: those that are named, or those that expire in a window of time, of one
     * or many regions, under one budget. It answers as soon as the job is stored; WatchRenewalJob tells how it goes on.
     * Each instance is read and priced once more just before it is paid, and is paid at most once for each request_id,
     * whatever crashes; one that was renewed meanwhile, by whomever, is SKIPPED. A job outlives its caller, and goes on
     * after a restart of the server. It costs one paid cloud call an instance (RenewInstance), one for its price
     * (DescribeRenewalPrice) where the cloud prices the period, and about four for each 100 instances
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE (a budget over a period that the cloud does not price),
     * REQUEST_ID_REUSED, NOTHING_TO_RENEW, JOB_TOO_LARGE. Nothing is stored then, and nothing paid. Reasons of single
     * renewals: ALREADY_RENEWED, RENEWAL_IN_PROGRESS, NOT_SUBSCRIPTION, OUTSIDE_WINDOW, BUDGET_EXCEEDED,
     * SET_NOT_TO_RENEW, LOCKED and CANCELLED of those SKIPPED, EXPIRY_UNVERIFIED of those UNVERIFIED, OUTCOME_UNKNOWN and INSTANCE_NOT_FOUND of those
     * that need attention, and what RenewInstance answers with of those FAILED.
     * </pre>
     */
    default void createRenewalJob(io.ecsd.v1.CreateRenewalJobRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.CreateRenewalJobResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateRenewalJobMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetRenewalJob returns a job with how far it is. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND.
     * </pre>
     */
    default void getRenewalJob(io.ecsd.v1.GetRenewalJobRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.GetRenewalJobResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRenewalJobMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListRenewalJobs lists jobs, the newest first, a page at a time. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void listRenewalJobs(io.ecsd.v1.ListRenewalJobsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListRenewalJobsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRenewalJobsMethod(), responseObserver);
    }

    /**
     * <pre>
     * CancelRenewalJob ends the renewals of a job that are PLANNED: they are SKIPPED, reason CANCELLED. What was sent to
     * the cloud is carried to its end, so that the job may be RUNNING for a while yet. Cancelling again changes
     * nothing more. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND,
     * JOB_FINISHED.
     * </pre>
     */
    default void cancelRenewalJob(io.ecsd.v1.CancelRenewalJobRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.CancelRenewalJobResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelRenewalJobMethod(), responseObserver);
    }

    /**
     * <pre>
     * WatchRenewalJob streams a job and its renewals: first as they are, then as they change, each at its latest state,
     * and ends with OK when the job has ended and all of it was sent. After a break, resume_token goes on without
     * missing a change; a renewal may be sent again. It costs no cloud call. A message comes at least every
     * heartbeat_interval. The watch counts like one of instances (--max-watches).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND,
     * INVALID_RESUME_TOKEN, TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER.
     * </pre>
     */
    default void watchRenewalJob(io.ecsd.v1.WatchRenewalJobRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.WatchRenewalJobResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchRenewalJobMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListRenewals lists renewals with all that was sent for them, the newest first, a page at a time: the audit of
     * what was paid, when, for whom and why. Those of RenewInstance are in it. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    default void listRenewals(io.ecsd.v1.ListRenewalsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListRenewalsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRenewalsMethod(), responseObserver);
    }

    /**
     * <pre>
     * ResolveRenewal writes a person's decision about a renewal that NEEDS_ATTENTION: look at the orders in the cloud's
     * console first. It answers at once; WatchRenewalJob and ListRenewals tell what came of it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, RENEWAL_NOT_FOUND,
     * RENEWAL_SETTLED, RENEWAL_IN_PROGRESS.
     * </pre>
     */
    default void resolveRenewal(io.ecsd.v1.ResolveRenewalRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ResolveRenewalResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResolveRenewalMethod(), responseObserver);
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
     * the settings back and returns what the cloud then holds. What was asked is remembered: where the cloud later
     * holds another setting, BatchGetAutoRenewSettings and ListExpiringInstances tell of the drift. Asking again changes nothing more, so it takes no
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
     * page at a time, read from the cloud now, each with how its automatic renewal goes. Pay-as-you-go instances are
     * never in it. Each page is in the order of expiry, the pages are not: whoever needs all in order sorts them after the
     * last page, and whoever needs what expires first asks for a shorter window. It costs what
     * InstanceService.ListInstances costs, and a call (DescribeInstanceAutoRenewAttribute) for each 100 instances.
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
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED, SET_NOT_TO_RENEW, ALREADY_RENEWED.
     * If nothing was paid, the same request_id tries again. An error that is returned from the ledger without a new try
     * carries the metadata replayed ("true") and original_time, when it was first returned: use a new request_id to try
     * again.
     * </pre>
     */
    public void renewInstance(io.ecsd.v1.RenewInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.RenewInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRenewInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateRenewalJob renews many instances: those that are named, or those that expire in a window of time, of one
     * or many regions, under one budget. It answers as soon as the job is stored; WatchRenewalJob tells how it goes on.
     * Each instance is read and priced once more just before it is paid, and is paid at most once for each request_id,
     * whatever crashes; one that was renewed meanwhile, by whomever, is SKIPPED. A job outlives its caller, and goes on
     * after a restart of the server. It costs one paid cloud call an instance (RenewInstance), one for its price
     * (DescribeRenewalPrice) where the cloud prices the period, and about four for each 100 instances
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE (a budget over a period that the cloud does not price),
     * REQUEST_ID_REUSED, NOTHING_TO_RENEW, JOB_TOO_LARGE. Nothing is stored then, and nothing paid. Reasons of single
     * renewals: ALREADY_RENEWED, RENEWAL_IN_PROGRESS, NOT_SUBSCRIPTION, OUTSIDE_WINDOW, BUDGET_EXCEEDED,
     * SET_NOT_TO_RENEW, LOCKED and CANCELLED of those SKIPPED, EXPIRY_UNVERIFIED of those UNVERIFIED, OUTCOME_UNKNOWN and INSTANCE_NOT_FOUND of those
     * that need attention, and what RenewInstance answers with of those FAILED.
     * </pre>
     */
    public void createRenewalJob(io.ecsd.v1.CreateRenewalJobRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.CreateRenewalJobResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateRenewalJobMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetRenewalJob returns a job with how far it is. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND.
     * </pre>
     */
    public void getRenewalJob(io.ecsd.v1.GetRenewalJobRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.GetRenewalJobResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRenewalJobMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListRenewalJobs lists jobs, the newest first, a page at a time. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void listRenewalJobs(io.ecsd.v1.ListRenewalJobsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListRenewalJobsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRenewalJobsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CancelRenewalJob ends the renewals of a job that are PLANNED: they are SKIPPED, reason CANCELLED. What was sent to
     * the cloud is carried to its end, so that the job may be RUNNING for a while yet. Cancelling again changes
     * nothing more. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND,
     * JOB_FINISHED.
     * </pre>
     */
    public void cancelRenewalJob(io.ecsd.v1.CancelRenewalJobRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.CancelRenewalJobResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelRenewalJobMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WatchRenewalJob streams a job and its renewals: first as they are, then as they change, each at its latest state,
     * and ends with OK when the job has ended and all of it was sent. After a break, resume_token goes on without
     * missing a change; a renewal may be sent again. It costs no cloud call. A message comes at least every
     * heartbeat_interval. The watch counts like one of instances (--max-watches).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND,
     * INVALID_RESUME_TOKEN, TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER.
     * </pre>
     */
    public void watchRenewalJob(io.ecsd.v1.WatchRenewalJobRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.WatchRenewalJobResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchRenewalJobMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListRenewals lists renewals with all that was sent for them, the newest first, a page at a time: the audit of
     * what was paid, when, for whom and why. Those of RenewInstance are in it. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public void listRenewals(io.ecsd.v1.ListRenewalsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListRenewalsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRenewalsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ResolveRenewal writes a person's decision about a renewal that NEEDS_ATTENTION: look at the orders in the cloud's
     * console first. It answers at once; WatchRenewalJob and ListRenewals tell what came of it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, RENEWAL_NOT_FOUND,
     * RENEWAL_SETTLED, RENEWAL_IN_PROGRESS.
     * </pre>
     */
    public void resolveRenewal(io.ecsd.v1.ResolveRenewalRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ResolveRenewalResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResolveRenewalMethod(), getCallOptions()), request, responseObserver);
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
     * the settings back and returns what the cloud then holds. What was asked is remembered: where the cloud later
     * holds another setting, BatchGetAutoRenewSettings and ListExpiringInstances tell of the drift. Asking again changes nothing more, so it takes no
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
     * page at a time, read from the cloud now, each with how its automatic renewal goes. Pay-as-you-go instances are
     * never in it. Each page is in the order of expiry, the pages are not: whoever needs all in order sorts them after the
     * last page, and whoever needs what expires first asks for a shorter window. It costs what
     * InstanceService.ListInstances costs, and a call (DescribeInstanceAutoRenewAttribute) for each 100 instances.
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
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED, SET_NOT_TO_RENEW, ALREADY_RENEWED.
     * If nothing was paid, the same request_id tries again. An error that is returned from the ledger without a new try
     * carries the metadata replayed ("true") and original_time, when it was first returned: use a new request_id to try
     * again.
     * </pre>
     */
    public io.ecsd.v1.RenewInstanceResponse renewInstance(io.ecsd.v1.RenewInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRenewInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateRenewalJob renews many instances: those that are named, or those that expire in a window of time, of one
     * or many regions, under one budget. It answers as soon as the job is stored; WatchRenewalJob tells how it goes on.
     * Each instance is read and priced once more just before it is paid, and is paid at most once for each request_id,
     * whatever crashes; one that was renewed meanwhile, by whomever, is SKIPPED. A job outlives its caller, and goes on
     * after a restart of the server. It costs one paid cloud call an instance (RenewInstance), one for its price
     * (DescribeRenewalPrice) where the cloud prices the period, and about four for each 100 instances
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE (a budget over a period that the cloud does not price),
     * REQUEST_ID_REUSED, NOTHING_TO_RENEW, JOB_TOO_LARGE. Nothing is stored then, and nothing paid. Reasons of single
     * renewals: ALREADY_RENEWED, RENEWAL_IN_PROGRESS, NOT_SUBSCRIPTION, OUTSIDE_WINDOW, BUDGET_EXCEEDED,
     * SET_NOT_TO_RENEW, LOCKED and CANCELLED of those SKIPPED, EXPIRY_UNVERIFIED of those UNVERIFIED, OUTCOME_UNKNOWN and INSTANCE_NOT_FOUND of those
     * that need attention, and what RenewInstance answers with of those FAILED.
     * </pre>
     */
    public io.ecsd.v1.CreateRenewalJobResponse createRenewalJob(io.ecsd.v1.CreateRenewalJobRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateRenewalJobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetRenewalJob returns a job with how far it is. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.GetRenewalJobResponse getRenewalJob(io.ecsd.v1.GetRenewalJobRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRenewalJobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListRenewalJobs lists jobs, the newest first, a page at a time. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public io.ecsd.v1.ListRenewalJobsResponse listRenewalJobs(io.ecsd.v1.ListRenewalJobsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRenewalJobsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CancelRenewalJob ends the renewals of a job that are PLANNED: they are SKIPPED, reason CANCELLED. What was sent to
     * the cloud is carried to its end, so that the job may be RUNNING for a while yet. Cancelling again changes
     * nothing more. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND,
     * JOB_FINISHED.
     * </pre>
     */
    public io.ecsd.v1.CancelRenewalJobResponse cancelRenewalJob(io.ecsd.v1.CancelRenewalJobRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelRenewalJobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchRenewalJob streams a job and its renewals: first as they are, then as they change, each at its latest state,
     * and ends with OK when the job has ended and all of it was sent. After a break, resume_token goes on without
     * missing a change; a renewal may be sent again. It costs no cloud call. A message comes at least every
     * heartbeat_interval. The watch counts like one of instances (--max-watches).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND,
     * INVALID_RESUME_TOKEN, TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.ecsd.v1.WatchRenewalJobResponse>
        watchRenewalJob(io.ecsd.v1.WatchRenewalJobRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchRenewalJobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListRenewals lists renewals with all that was sent for them, the newest first, a page at a time: the audit of
     * what was paid, when, for whom and why. Those of RenewInstance are in it. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public io.ecsd.v1.ListRenewalsResponse listRenewals(io.ecsd.v1.ListRenewalsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRenewalsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ResolveRenewal writes a person's decision about a renewal that NEEDS_ATTENTION: look at the orders in the cloud's
     * console first. It answers at once; WatchRenewalJob and ListRenewals tell what came of it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, RENEWAL_NOT_FOUND,
     * RENEWAL_SETTLED, RENEWAL_IN_PROGRESS.
     * </pre>
     */
    public io.ecsd.v1.ResolveRenewalResponse resolveRenewal(io.ecsd.v1.ResolveRenewalRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResolveRenewalMethod(), getCallOptions(), request);
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
     * the settings back and returns what the cloud then holds. What was asked is remembered: where the cloud later
     * holds another setting, BatchGetAutoRenewSettings and ListExpiringInstances tell of the drift. Asking again changes nothing more, so it takes no
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
     * page at a time, read from the cloud now, each with how its automatic renewal goes. Pay-as-you-go instances are
     * never in it. Each page is in the order of expiry, the pages are not: whoever needs all in order sorts them after the
     * last page, and whoever needs what expires first asks for a shorter window. It costs what
     * InstanceService.ListInstances costs, and a call (DescribeInstanceAutoRenewAttribute) for each 100 instances.
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
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED, SET_NOT_TO_RENEW, ALREADY_RENEWED.
     * If nothing was paid, the same request_id tries again. An error that is returned from the ledger without a new try
     * carries the metadata replayed ("true") and original_time, when it was first returned: use a new request_id to try
     * again.
     * </pre>
     */
    public io.ecsd.v1.RenewInstanceResponse renewInstance(io.ecsd.v1.RenewInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRenewInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateRenewalJob renews many instances: those that are named, or those that expire in a window of time, of one
     * or many regions, under one budget. It answers as soon as the job is stored; WatchRenewalJob tells how it goes on.
     * Each instance is read and priced once more just before it is paid, and is paid at most once for each request_id,
     * whatever crashes; one that was renewed meanwhile, by whomever, is SKIPPED. A job outlives its caller, and goes on
     * after a restart of the server. It costs one paid cloud call an instance (RenewInstance), one for its price
     * (DescribeRenewalPrice) where the cloud prices the period, and about four for each 100 instances
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE (a budget over a period that the cloud does not price),
     * REQUEST_ID_REUSED, NOTHING_TO_RENEW, JOB_TOO_LARGE. Nothing is stored then, and nothing paid. Reasons of single
     * renewals: ALREADY_RENEWED, RENEWAL_IN_PROGRESS, NOT_SUBSCRIPTION, OUTSIDE_WINDOW, BUDGET_EXCEEDED,
     * SET_NOT_TO_RENEW, LOCKED and CANCELLED of those SKIPPED, EXPIRY_UNVERIFIED of those UNVERIFIED, OUTCOME_UNKNOWN and INSTANCE_NOT_FOUND of those
     * that need attention, and what RenewInstance answers with of those FAILED.
     * </pre>
     */
    public io.ecsd.v1.CreateRenewalJobResponse createRenewalJob(io.ecsd.v1.CreateRenewalJobRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateRenewalJobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetRenewalJob returns a job with how far it is. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND.
     * </pre>
     */
    public io.ecsd.v1.GetRenewalJobResponse getRenewalJob(io.ecsd.v1.GetRenewalJobRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRenewalJobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListRenewalJobs lists jobs, the newest first, a page at a time. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public io.ecsd.v1.ListRenewalJobsResponse listRenewalJobs(io.ecsd.v1.ListRenewalJobsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRenewalJobsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CancelRenewalJob ends the renewals of a job that are PLANNED: they are SKIPPED, reason CANCELLED. What was sent to
     * the cloud is carried to its end, so that the job may be RUNNING for a while yet. Cancelling again changes
     * nothing more. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND,
     * JOB_FINISHED.
     * </pre>
     */
    public io.ecsd.v1.CancelRenewalJobResponse cancelRenewalJob(io.ecsd.v1.CancelRenewalJobRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelRenewalJobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchRenewalJob streams a job and its renewals: first as they are, then as they change, each at its latest state,
     * and ends with OK when the job has ended and all of it was sent. After a break, resume_token goes on without
     * missing a change; a renewal may be sent again. It costs no cloud call. A message comes at least every
     * heartbeat_interval. The watch counts like one of instances (--max-watches).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND,
     * INVALID_RESUME_TOKEN, TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER.
     * </pre>
     */
    public java.util.Iterator<io.ecsd.v1.WatchRenewalJobResponse> watchRenewalJob(
        io.ecsd.v1.WatchRenewalJobRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchRenewalJobMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListRenewals lists renewals with all that was sent for them, the newest first, a page at a time: the audit of
     * what was paid, when, for whom and why. Those of RenewInstance are in it. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public io.ecsd.v1.ListRenewalsResponse listRenewals(io.ecsd.v1.ListRenewalsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRenewalsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ResolveRenewal writes a person's decision about a renewal that NEEDS_ATTENTION: look at the orders in the cloud's
     * console first. It answers at once; WatchRenewalJob and ListRenewals tell what came of it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, RENEWAL_NOT_FOUND,
     * RENEWAL_SETTLED, RENEWAL_IN_PROGRESS.
     * </pre>
     */
    public io.ecsd.v1.ResolveRenewalResponse resolveRenewal(io.ecsd.v1.ResolveRenewalRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResolveRenewalMethod(), getCallOptions(), request);
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
     * the settings back and returns what the cloud then holds. What was asked is remembered: where the cloud later
     * holds another setting, BatchGetAutoRenewSettings and ListExpiringInstances tell of the drift. Asking again changes nothing more, so it takes no
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
     * page at a time, read from the cloud now, each with how its automatic renewal goes. Pay-as-you-go instances are
     * never in it. Each page is in the order of expiry, the pages are not: whoever needs all in order sorts them after the
     * last page, and whoever needs what expires first asks for a shorter window. It costs what
     * InstanceService.ListInstances costs, and a call (DescribeInstanceAutoRenewAttribute) for each 100 instances.
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
     * RENEWAL_IN_PROGRESS, CLIENT_TOKEN_REJECTED, SET_NOT_TO_RENEW, ALREADY_RENEWED.
     * If nothing was paid, the same request_id tries again. An error that is returned from the ledger without a new try
     * carries the metadata replayed ("true") and original_time, when it was first returned: use a new request_id to try
     * again.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.RenewInstanceResponse> renewInstance(
        io.ecsd.v1.RenewInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRenewInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateRenewalJob renews many instances: those that are named, or those that expire in a window of time, of one
     * or many regions, under one budget. It answers as soon as the job is stored; WatchRenewalJob tells how it goes on.
     * Each instance is read and priced once more just before it is paid, and is paid at most once for each request_id,
     * whatever crashes; one that was renewed meanwhile, by whomever, is SKIPPED. A job outlives its caller, and goes on
     * after a restart of the server. It costs one paid cloud call an instance (RenewInstance), one for its price
     * (DescribeRenewalPrice) where the cloud prices the period, and about four for each 100 instances
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE (a budget over a period that the cloud does not price),
     * REQUEST_ID_REUSED, NOTHING_TO_RENEW, JOB_TOO_LARGE. Nothing is stored then, and nothing paid. Reasons of single
     * renewals: ALREADY_RENEWED, RENEWAL_IN_PROGRESS, NOT_SUBSCRIPTION, OUTSIDE_WINDOW, BUDGET_EXCEEDED,
     * SET_NOT_TO_RENEW, LOCKED and CANCELLED of those SKIPPED, EXPIRY_UNVERIFIED of those UNVERIFIED, OUTCOME_UNKNOWN and INSTANCE_NOT_FOUND of those
     * that need attention, and what RenewInstance answers with of those FAILED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.CreateRenewalJobResponse> createRenewalJob(
        io.ecsd.v1.CreateRenewalJobRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateRenewalJobMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetRenewalJob returns a job with how far it is. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.GetRenewalJobResponse> getRenewalJob(
        io.ecsd.v1.GetRenewalJobRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRenewalJobMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListRenewalJobs lists jobs, the newest first, a page at a time. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListRenewalJobsResponse> listRenewalJobs(
        io.ecsd.v1.ListRenewalJobsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRenewalJobsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CancelRenewalJob ends the renewals of a job that are PLANNED: they are SKIPPED, reason CANCELLED. What was sent to
     * the cloud is carried to its end, so that the job may be RUNNING for a while yet. Cancelling again changes
     * nothing more. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, JOB_NOT_FOUND,
     * JOB_FINISHED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.CancelRenewalJobResponse> cancelRenewalJob(
        io.ecsd.v1.CancelRenewalJobRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelRenewalJobMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListRenewals lists renewals with all that was sent for them, the newest first, a page at a time: the audit of
     * what was paid, when, for whom and why. Those of RenewInstance are in it. It costs no cloud call.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListRenewalsResponse> listRenewals(
        io.ecsd.v1.ListRenewalsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRenewalsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ResolveRenewal writes a person's decision about a renewal that NEEDS_ATTENTION: look at the orders in the cloud's
     * console first. It answers at once; WatchRenewalJob and ListRenewals tell what came of it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, RENEWAL_NOT_FOUND,
     * RENEWAL_SETTLED, RENEWAL_IN_PROGRESS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ResolveRenewalResponse> resolveRenewal(
        io.ecsd.v1.ResolveRenewalRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResolveRenewalMethod(), getCallOptions()), request);
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
     * the settings back and returns what the cloud then holds. What was asked is remembered: where the cloud later
     * holds another setting, BatchGetAutoRenewSettings and ListExpiringInstances tell of the drift. Asking again changes nothing more, so it takes no
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
  private static final int METHODID_CREATE_RENEWAL_JOB = 3;
  private static final int METHODID_GET_RENEWAL_JOB = 4;
  private static final int METHODID_LIST_RENEWAL_JOBS = 5;
  private static final int METHODID_CANCEL_RENEWAL_JOB = 6;
  private static final int METHODID_WATCH_RENEWAL_JOB = 7;
  private static final int METHODID_LIST_RENEWALS = 8;
  private static final int METHODID_RESOLVE_RENEWAL = 9;
  private static final int METHODID_BATCH_GET_AUTO_RENEW_SETTINGS = 10;
  private static final int METHODID_SET_AUTO_RENEW = 11;

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
        case METHODID_CREATE_RENEWAL_JOB:
          serviceImpl.createRenewalJob((io.ecsd.v1.CreateRenewalJobRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.CreateRenewalJobResponse>) responseObserver);
          break;
        case METHODID_GET_RENEWAL_JOB:
          serviceImpl.getRenewalJob((io.ecsd.v1.GetRenewalJobRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.GetRenewalJobResponse>) responseObserver);
          break;
        case METHODID_LIST_RENEWAL_JOBS:
          serviceImpl.listRenewalJobs((io.ecsd.v1.ListRenewalJobsRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListRenewalJobsResponse>) responseObserver);
          break;
        case METHODID_CANCEL_RENEWAL_JOB:
          serviceImpl.cancelRenewalJob((io.ecsd.v1.CancelRenewalJobRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.CancelRenewalJobResponse>) responseObserver);
          break;
        case METHODID_WATCH_RENEWAL_JOB:
          serviceImpl.watchRenewalJob((io.ecsd.v1.WatchRenewalJobRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.WatchRenewalJobResponse>) responseObserver);
          break;
        case METHODID_LIST_RENEWALS:
          serviceImpl.listRenewals((io.ecsd.v1.ListRenewalsRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ListRenewalsResponse>) responseObserver);
          break;
        case METHODID_RESOLVE_RENEWAL:
          serviceImpl.resolveRenewal((io.ecsd.v1.ResolveRenewalRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ResolveRenewalResponse>) responseObserver);
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
          getCreateRenewalJobMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.CreateRenewalJobRequest,
              io.ecsd.v1.CreateRenewalJobResponse>(
                service, METHODID_CREATE_RENEWAL_JOB)))
        .addMethod(
          getGetRenewalJobMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.GetRenewalJobRequest,
              io.ecsd.v1.GetRenewalJobResponse>(
                service, METHODID_GET_RENEWAL_JOB)))
        .addMethod(
          getListRenewalJobsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListRenewalJobsRequest,
              io.ecsd.v1.ListRenewalJobsResponse>(
                service, METHODID_LIST_RENEWAL_JOBS)))
        .addMethod(
          getCancelRenewalJobMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.CancelRenewalJobRequest,
              io.ecsd.v1.CancelRenewalJobResponse>(
                service, METHODID_CANCEL_RENEWAL_JOB)))
        .addMethod(
          getWatchRenewalJobMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.ecsd.v1.WatchRenewalJobRequest,
              io.ecsd.v1.WatchRenewalJobResponse>(
                service, METHODID_WATCH_RENEWAL_JOB)))
        .addMethod(
          getListRenewalsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ListRenewalsRequest,
              io.ecsd.v1.ListRenewalsResponse>(
                service, METHODID_LIST_RENEWALS)))
        .addMethod(
          getResolveRenewalMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ResolveRenewalRequest,
              io.ecsd.v1.ResolveRenewalResponse>(
                service, METHODID_RESOLVE_RENEWAL)))
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
              .addMethod(getCreateRenewalJobMethod())
              .addMethod(getGetRenewalJobMethod())
              .addMethod(getListRenewalJobsMethod())
              .addMethod(getCancelRenewalJobMethod())
              .addMethod(getWatchRenewalJobMethod())
              .addMethod(getListRenewalsMethod())
              .addMethod(getResolveRenewalMethod())
              .addMethod(getBatchGetAutoRenewSettingsMethod())
              .addMethod(getSetAutoRenewMethod())
              .build();
        }
      }
    }
    return result;
  }
}
