package io.ecsd.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * InstanceService reads, makes, starts, stops, changes and releases instances.
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

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.RunInstancesRequest,
      io.ecsd.v1.RunInstancesResponse> getRunInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RunInstances",
      requestType = io.ecsd.v1.RunInstancesRequest.class,
      responseType = io.ecsd.v1.RunInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.RunInstancesRequest,
      io.ecsd.v1.RunInstancesResponse> getRunInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.RunInstancesRequest, io.ecsd.v1.RunInstancesResponse> getRunInstancesMethod;
    if ((getRunInstancesMethod = InstanceServiceGrpc.getRunInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getRunInstancesMethod = InstanceServiceGrpc.getRunInstancesMethod) == null) {
          InstanceServiceGrpc.getRunInstancesMethod = getRunInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.RunInstancesRequest, io.ecsd.v1.RunInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RunInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.RunInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.RunInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("RunInstances"))
              .build();
        }
      }
    }
    return getRunInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.CreateInstanceRequest,
      io.ecsd.v1.CreateInstanceResponse> getCreateInstanceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateInstance",
      requestType = io.ecsd.v1.CreateInstanceRequest.class,
      responseType = io.ecsd.v1.CreateInstanceResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.CreateInstanceRequest,
      io.ecsd.v1.CreateInstanceResponse> getCreateInstanceMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.CreateInstanceRequest, io.ecsd.v1.CreateInstanceResponse> getCreateInstanceMethod;
    if ((getCreateInstanceMethod = InstanceServiceGrpc.getCreateInstanceMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getCreateInstanceMethod = InstanceServiceGrpc.getCreateInstanceMethod) == null) {
          InstanceServiceGrpc.getCreateInstanceMethod = getCreateInstanceMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.CreateInstanceRequest, io.ecsd.v1.CreateInstanceResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateInstance"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.CreateInstanceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.CreateInstanceResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("CreateInstance"))
              .build();
        }
      }
    }
    return getCreateInstanceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.QuoteInstancesRequest,
      io.ecsd.v1.QuoteInstancesResponse> getQuoteInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "QuoteInstances",
      requestType = io.ecsd.v1.QuoteInstancesRequest.class,
      responseType = io.ecsd.v1.QuoteInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.QuoteInstancesRequest,
      io.ecsd.v1.QuoteInstancesResponse> getQuoteInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.QuoteInstancesRequest, io.ecsd.v1.QuoteInstancesResponse> getQuoteInstancesMethod;
    if ((getQuoteInstancesMethod = InstanceServiceGrpc.getQuoteInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getQuoteInstancesMethod = InstanceServiceGrpc.getQuoteInstancesMethod) == null) {
          InstanceServiceGrpc.getQuoteInstancesMethod = getQuoteInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.QuoteInstancesRequest, io.ecsd.v1.QuoteInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "QuoteInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.QuoteInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.QuoteInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("QuoteInstances"))
              .build();
        }
      }
    }
    return getQuoteInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.StartInstancesRequest,
      io.ecsd.v1.StartInstancesResponse> getStartInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StartInstances",
      requestType = io.ecsd.v1.StartInstancesRequest.class,
      responseType = io.ecsd.v1.StartInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.StartInstancesRequest,
      io.ecsd.v1.StartInstancesResponse> getStartInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.StartInstancesRequest, io.ecsd.v1.StartInstancesResponse> getStartInstancesMethod;
    if ((getStartInstancesMethod = InstanceServiceGrpc.getStartInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getStartInstancesMethod = InstanceServiceGrpc.getStartInstancesMethod) == null) {
          InstanceServiceGrpc.getStartInstancesMethod = getStartInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.StartInstancesRequest, io.ecsd.v1.StartInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StartInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.StartInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.StartInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("StartInstances"))
              .build();
        }
      }
    }
    return getStartInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.StopInstancesRequest,
      io.ecsd.v1.StopInstancesResponse> getStopInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StopInstances",
      requestType = io.ecsd.v1.StopInstancesRequest.class,
      responseType = io.ecsd.v1.StopInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.StopInstancesRequest,
      io.ecsd.v1.StopInstancesResponse> getStopInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.StopInstancesRequest, io.ecsd.v1.StopInstancesResponse> getStopInstancesMethod;
    if ((getStopInstancesMethod = InstanceServiceGrpc.getStopInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getStopInstancesMethod = InstanceServiceGrpc.getStopInstancesMethod) == null) {
          InstanceServiceGrpc.getStopInstancesMethod = getStopInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.StopInstancesRequest, io.ecsd.v1.StopInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StopInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.StopInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.StopInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("StopInstances"))
              .build();
        }
      }
    }
    return getStopInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.RebootInstancesRequest,
      io.ecsd.v1.RebootInstancesResponse> getRebootInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RebootInstances",
      requestType = io.ecsd.v1.RebootInstancesRequest.class,
      responseType = io.ecsd.v1.RebootInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.RebootInstancesRequest,
      io.ecsd.v1.RebootInstancesResponse> getRebootInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.RebootInstancesRequest, io.ecsd.v1.RebootInstancesResponse> getRebootInstancesMethod;
    if ((getRebootInstancesMethod = InstanceServiceGrpc.getRebootInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getRebootInstancesMethod = InstanceServiceGrpc.getRebootInstancesMethod) == null) {
          InstanceServiceGrpc.getRebootInstancesMethod = getRebootInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.RebootInstancesRequest, io.ecsd.v1.RebootInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RebootInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.RebootInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.RebootInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("RebootInstances"))
              .build();
        }
      }
    }
    return getRebootInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.ReleaseInstancesRequest,
      io.ecsd.v1.ReleaseInstancesResponse> getReleaseInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReleaseInstances",
      requestType = io.ecsd.v1.ReleaseInstancesRequest.class,
      responseType = io.ecsd.v1.ReleaseInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.ReleaseInstancesRequest,
      io.ecsd.v1.ReleaseInstancesResponse> getReleaseInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.ReleaseInstancesRequest, io.ecsd.v1.ReleaseInstancesResponse> getReleaseInstancesMethod;
    if ((getReleaseInstancesMethod = InstanceServiceGrpc.getReleaseInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getReleaseInstancesMethod = InstanceServiceGrpc.getReleaseInstancesMethod) == null) {
          InstanceServiceGrpc.getReleaseInstancesMethod = getReleaseInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.ReleaseInstancesRequest, io.ecsd.v1.ReleaseInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReleaseInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ReleaseInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.ReleaseInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("ReleaseInstances"))
              .build();
        }
      }
    }
    return getReleaseInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.SetAutoReleaseTimeRequest,
      io.ecsd.v1.SetAutoReleaseTimeResponse> getSetAutoReleaseTimeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetAutoReleaseTime",
      requestType = io.ecsd.v1.SetAutoReleaseTimeRequest.class,
      responseType = io.ecsd.v1.SetAutoReleaseTimeResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.SetAutoReleaseTimeRequest,
      io.ecsd.v1.SetAutoReleaseTimeResponse> getSetAutoReleaseTimeMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.SetAutoReleaseTimeRequest, io.ecsd.v1.SetAutoReleaseTimeResponse> getSetAutoReleaseTimeMethod;
    if ((getSetAutoReleaseTimeMethod = InstanceServiceGrpc.getSetAutoReleaseTimeMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getSetAutoReleaseTimeMethod = InstanceServiceGrpc.getSetAutoReleaseTimeMethod) == null) {
          InstanceServiceGrpc.getSetAutoReleaseTimeMethod = getSetAutoReleaseTimeMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.SetAutoReleaseTimeRequest, io.ecsd.v1.SetAutoReleaseTimeResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetAutoReleaseTime"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.SetAutoReleaseTimeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.SetAutoReleaseTimeResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("SetAutoReleaseTime"))
              .build();
        }
      }
    }
    return getSetAutoReleaseTimeMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.AllocatePublicIpAddressRequest,
      io.ecsd.v1.AllocatePublicIpAddressResponse> getAllocatePublicIpAddressMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AllocatePublicIpAddress",
      requestType = io.ecsd.v1.AllocatePublicIpAddressRequest.class,
      responseType = io.ecsd.v1.AllocatePublicIpAddressResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.AllocatePublicIpAddressRequest,
      io.ecsd.v1.AllocatePublicIpAddressResponse> getAllocatePublicIpAddressMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.AllocatePublicIpAddressRequest, io.ecsd.v1.AllocatePublicIpAddressResponse> getAllocatePublicIpAddressMethod;
    if ((getAllocatePublicIpAddressMethod = InstanceServiceGrpc.getAllocatePublicIpAddressMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getAllocatePublicIpAddressMethod = InstanceServiceGrpc.getAllocatePublicIpAddressMethod) == null) {
          InstanceServiceGrpc.getAllocatePublicIpAddressMethod = getAllocatePublicIpAddressMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.AllocatePublicIpAddressRequest, io.ecsd.v1.AllocatePublicIpAddressResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AllocatePublicIpAddress"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.AllocatePublicIpAddressRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.AllocatePublicIpAddressResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("AllocatePublicIpAddress"))
              .build();
        }
      }
    }
    return getAllocatePublicIpAddressMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.SetDeletionProtectionRequest,
      io.ecsd.v1.SetDeletionProtectionResponse> getSetDeletionProtectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetDeletionProtection",
      requestType = io.ecsd.v1.SetDeletionProtectionRequest.class,
      responseType = io.ecsd.v1.SetDeletionProtectionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.SetDeletionProtectionRequest,
      io.ecsd.v1.SetDeletionProtectionResponse> getSetDeletionProtectionMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.SetDeletionProtectionRequest, io.ecsd.v1.SetDeletionProtectionResponse> getSetDeletionProtectionMethod;
    if ((getSetDeletionProtectionMethod = InstanceServiceGrpc.getSetDeletionProtectionMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getSetDeletionProtectionMethod = InstanceServiceGrpc.getSetDeletionProtectionMethod) == null) {
          InstanceServiceGrpc.getSetDeletionProtectionMethod = getSetDeletionProtectionMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.SetDeletionProtectionRequest, io.ecsd.v1.SetDeletionProtectionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetDeletionProtection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.SetDeletionProtectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.SetDeletionProtectionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("SetDeletionProtection"))
              .build();
        }
      }
    }
    return getSetDeletionProtectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.SetTagsRequest,
      io.ecsd.v1.SetTagsResponse> getSetTagsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SetTags",
      requestType = io.ecsd.v1.SetTagsRequest.class,
      responseType = io.ecsd.v1.SetTagsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.SetTagsRequest,
      io.ecsd.v1.SetTagsResponse> getSetTagsMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.SetTagsRequest, io.ecsd.v1.SetTagsResponse> getSetTagsMethod;
    if ((getSetTagsMethod = InstanceServiceGrpc.getSetTagsMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getSetTagsMethod = InstanceServiceGrpc.getSetTagsMethod) == null) {
          InstanceServiceGrpc.getSetTagsMethod = getSetTagsMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.SetTagsRequest, io.ecsd.v1.SetTagsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SetTags"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.SetTagsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.SetTagsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("SetTags"))
              .build();
        }
      }
    }
    return getSetTagsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.WatchInstancesRequest,
      io.ecsd.v1.WatchInstancesResponse> getWatchInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchInstances",
      requestType = io.ecsd.v1.WatchInstancesRequest.class,
      responseType = io.ecsd.v1.WatchInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.WatchInstancesRequest,
      io.ecsd.v1.WatchInstancesResponse> getWatchInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.WatchInstancesRequest, io.ecsd.v1.WatchInstancesResponse> getWatchInstancesMethod;
    if ((getWatchInstancesMethod = InstanceServiceGrpc.getWatchInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getWatchInstancesMethod = InstanceServiceGrpc.getWatchInstancesMethod) == null) {
          InstanceServiceGrpc.getWatchInstancesMethod = getWatchInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.WatchInstancesRequest, io.ecsd.v1.WatchInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.WatchInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.WatchInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("WatchInstances"))
              .build();
        }
      }
    }
    return getWatchInstancesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.ecsd.v1.WaitInstancesRequest,
      io.ecsd.v1.WaitInstancesResponse> getWaitInstancesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WaitInstances",
      requestType = io.ecsd.v1.WaitInstancesRequest.class,
      responseType = io.ecsd.v1.WaitInstancesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.ecsd.v1.WaitInstancesRequest,
      io.ecsd.v1.WaitInstancesResponse> getWaitInstancesMethod() {
    io.grpc.MethodDescriptor<io.ecsd.v1.WaitInstancesRequest, io.ecsd.v1.WaitInstancesResponse> getWaitInstancesMethod;
    if ((getWaitInstancesMethod = InstanceServiceGrpc.getWaitInstancesMethod) == null) {
      synchronized (InstanceServiceGrpc.class) {
        if ((getWaitInstancesMethod = InstanceServiceGrpc.getWaitInstancesMethod) == null) {
          InstanceServiceGrpc.getWaitInstancesMethod = getWaitInstancesMethod =
              io.grpc.MethodDescriptor.<io.ecsd.v1.WaitInstancesRequest, io.ecsd.v1.WaitInstancesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WaitInstances"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.WaitInstancesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.ecsd.v1.WaitInstancesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new InstanceServiceMethodDescriptorSupplier("WaitInstances"))
              .build();
        }
      }
    }
    return getWaitInstancesMethod;
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
   * InstanceService reads, makes, starts, stops, changes and releases instances.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * GetInstance returns one instance, read from the cloud now unless max_staleness allows what was seen before.
     * Concurrent calls are merged: up to 100 instances of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET.
     * </pre>
     */
    default void getInstance(io.ecsd.v1.GetInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.GetInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now unless
     * max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each 100 ids that are
     * read. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, and those of every call where the cloud call that the id
     * was part of failed.
     * </pre>
     */
    default void batchGetInstances(io.ecsd.v1.BatchGetInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.BatchGetInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchGetInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from the
     * cloud now unless max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each
     * 100 instances returned and each region begun, and one more for a region where nothing matches, to tell "none" from
     * "not allowed to see any". What is created or released while the pages are read may be missed; nothing that stays
     * is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    default void listInstances(io.ecsd.v1.ListInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * RunInstances makes 1 to 100 instances of one kind and starts them, at most once for each request_id. It returns
     * when the cloud has made them; they go on to RUNNING by themselves, mostly within a minute, which GetInstance and
     * BatchGetInstances show. Where the caller's deadline passes first, or the answer is OUTCOME_UNKNOWN, the same
     * request with the same request_id finds what was made instead of making more. It costs one cloud call that may
     * pay (RunInstances) and some reads until the cloud shows what it made (DescribeInstances), for 10 seconds at most.
     * A spot limit that names its currency costs one more (DescribePrice), to compare it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, REQUEST_ID_REUSED, RESOURCE_NOT_FOUND, INCORRECT_RESOURCE_STATUS,
     * OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT (of a spot instance), CURRENCY_MISMATCH, PRICE_UNAVAILABLE (to compare
     * it), INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    default void runInstances(io.ecsd.v1.RunInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.RunInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRunInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateInstance makes one instance and leaves it STOPPED, at most once for each request_id. It has no public
     * address then: AllocatePublicIpAddress gives it one, StartInstances starts it. It returns when the cloud has made
     * it; the instance goes on to STOPPED by itself. Where the caller's deadline passes first, or the answer is
     * OUTCOME_UNKNOWN, the same request with the same request_id finds what was made instead of making more. It costs
     * one cloud call that may pay (CreateInstance), and the reads that RunInstances costs.
     * Errors: those of RunInstances.
     * </pre>
     */
    default void createInstance(io.ecsd.v1.CreateInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.CreateInstanceResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateInstanceMethod(), responseObserver);
    }

    /**
     * <pre>
     * QuoteInstances prices what RunInstances would buy. Nothing is paid. It costs one cloud call (DescribePrice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, RESOURCE_NOT_FOUND, OUT_OF_STOCK.
     * </pre>
     */
    default void quoteInstances(io.ecsd.v1.QuoteInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.QuoteInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getQuoteInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * StartInstances starts up to 1,000 stopped instances of a region, one result an id. The cloud only accepts it; they
     * go on to RUNNING by themselves. An id that fails fails alone. One that is STARTING already is as asked. One that is
     * STOPPING or PENDING is waited for, for 2 minutes or almost to the deadline, and is OPERATION_IN_PROGRESS after
     * that. Pay-as-you-go instances whose account is in arrears are ACCOUNT_RESTRICTED. It costs one cloud call for each
     * 100 ids (StartInstances), and reads (DescribeInstances) if some of them fail.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, OPERATION_IN_PROGRESS, INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK,
     * PRICE_EXCEEDS_LIMIT (of a spot instance), INCORRECT_RESOURCE_STATUS (of a disk), RESOURCE_IN_USE,
     * UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    default void startInstances(io.ecsd.v1.StartInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.StartInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStartInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * StopInstances stops up to 1,000 running instances of a region, one result an id. The cloud only accepts it; they
     * go on to STOPPED by themselves. An id that fails fails alone. One that is STOPPING already is as asked; one that is
     * STARTING or PENDING is waited for as by StartInstances. It costs one cloud call for each 100 ids (StopInstances),
     * and reads (DescribeInstances) if some of them fail.
     * Errors: those of StartInstances.
     * </pre>
     */
    default void stopInstances(io.ecsd.v1.StopInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.StopInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStopInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * RebootInstances reboots up to 1,000 running instances of a region, one result an id. The cloud only accepts it;
     * they go through STARTING to RUNNING by themselves. An id that fails fails alone. One that is STARTING, STOPPING or
     * PENDING is waited for as by StartInstances. If no reply comes, the status and the start time are read for up to 30
     * seconds; if they show no reboot, the error is OUTCOME_UNKNOWN and not retryable, because a second call may reboot
     * twice. It costs one cloud call for each 100 ids to read them (DescribeInstances) and one to reboot them
     * (RebootInstances).
     * Errors: those of StartInstances.
     * </pre>
     */
    default void rebootInstances(io.ecsd.v1.RebootInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.RebootInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRebootInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * ReleaseInstances releases up to 1,000 instances of a region for good, one result an id. What would hurt by accident
     * is refused unless a field of its own says that it is meant: a running instance (force), a protected one
     * (override_deletion_protection), a subscription that has not ended (allow_unexpired_subscription), and more
     * instances at once than the server allows (max_instances), where nothing is released at all. With snapshot_disks
     * every disk is saved first, and an instance is released only where all its disks were. An instance that is STOPPING,
     * STARTING or PENDING, which the cloud releases neither with force nor without, is waited for, for 2 minutes or
     * almost to the deadline, and is OPERATION_IN_PROGRESS after that. An id that fails fails alone. It costs one cloud
     * call for each 100 ids to read them (DescribeInstances) and one to release them (DeleteInstances); with
     * snapshot_disks or validate_only one an instance to read its disks (DescribeDisks), and with snapshot_disks one a
     * disk (CreateSnapshot) and some to await them (DescribeSnapshots).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * REQUEST_ID_REUSED, RELEASE_LIMIT_EXCEEDED. Errors of a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET,
     * INCORRECT_INSTANCE_STATUS (it runs, or it is too new), DELETION_PROTECTED, SUBSCRIPTION_NOT_EXPIRED,
     * SNAPSHOT_FAILED, RESOURCE_IN_USE, INSTANCE_LOCKED, OPERATION_IN_PROGRESS, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * CLIENT_TOKEN_REJECTED, and those of every call. Where a guard refused, the error has the precondition that would
     * allow it.
     * </pre>
     */
    default void releaseInstances(io.ecsd.v1.ReleaseInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ReleaseInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReleaseInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * SetAutoReleaseTime sets or cancels when the cloud releases a pay-as-you-go instance by itself, reads it back and
     * returns what the cloud then holds. Deletion protection does not stop such a release. Asking again changes nothing
     * more, so it takes no request_id. It costs one cloud call (ModifyInstanceAutoReleaseTime) and one read
     * (DescribeInstances) before and after.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN.
     * </pre>
     */
    default void setAutoReleaseTime(io.ecsd.v1.SetAutoReleaseTimeRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.SetAutoReleaseTimeResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetAutoReleaseTimeMethod(), responseObserver);
    }

    /**
     * <pre>
     * AllocatePublicIpAddress gives an instance that is RUNNING or STOPPED a public address of its own. It must have
     * bandwidth to the internet (else it is UNSUPPORTED_OPERATION: raise its outbound bandwidth in the cloud's console,
     * or launch with internet_max_bandwidth_out_mbps over 0), and the address works from its next start or reboot on. An
     * instance takes one address: a second call is PUBLIC_IP_ALLOCATED. It costs one cloud call (AllocatePublicIpAddress)
     * and one read (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, PUBLIC_IP_ALLOCATED, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, RESOURCE_IN_USE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN.
     * </pre>
     */
    default void allocatePublicIpAddress(io.ecsd.v1.AllocatePublicIpAddressRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.AllocatePublicIpAddressResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAllocatePublicIpAddressMethod(), responseObserver);
    }

    /**
     * <pre>
     * SetDeletionProtection protects up to 1,000 pay-as-you-go instances of a region from release by hand, or takes the
     * protection off, reads it back and returns what the cloud then holds. Asking again changes nothing more, so it
     * takes no request_id. An id that fails fails alone. It costs one cloud call an instance that is not yet as asked
     * (ModifyInstanceAttribute), and one for each 100 ids before and after (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    default void setDeletionProtection(io.ecsd.v1.SetDeletionProtectionRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.SetDeletionProtectionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetDeletionProtectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * SetTags sets tags on up to 1,000 instances of a region and takes others off, reads them back and returns what the
     * cloud then holds. Tags that are not named stay. Asking again changes nothing more, so it takes no request_id. An
     * id that fails fails alone. It costs one cloud call for each 50 ids to set (TagResources) and one to take off
     * (UntagResources), a few more where some of them fail, and one for each 100 ids before and after
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, QUOTA_EXCEEDED (of tags), SETTING_NOT_APPLIED,
     * OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    default void setTags(io.ecsd.v1.SetTagsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.SetTagsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSetTagsMethod(), responseObserver);
    }

    /**
     * <pre>
     * WatchInstances reports the current state of instances and then each change, as the server's own polls of the cloud
     * observe them. There is one poller per region, so a watch costs no cloud call, however many there are. A watch
     * begins with snapshot messages and snapshot_complete, unless resume_token resumes an earlier one. Then changed and
     * removed messages follow, with a checkpoint after each batch of them and at least one per heartbeat_interval.
     * A revision is the number of a poll that found a change. Revisions never decrease on a stream. All changes that one
     * poll found have the same revision, and a checkpoint never splits it. At a checkpoint, the last message about each
     * instance is its state at the revision of the checkpoint. If the server has no complete view of a region yet, the
     * call waits for the first poll.
     * The stream ends with an error only. Errors beyond those of every call, which CatalogService.ListRegions lists:
     * INVALID_FIELD, UNKNOWN_REGION, INVALID_RESUME_TOKEN, RESUME_TOKEN_EXPIRED (watch again without a token),
     * TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER, TOO_MANY_WATCHED_IDS, SLOW_READER, and SERVER_DRAINING after a last
     * checkpoint (resume on another connection). If none of the watched regions was ever read, the error of the read.
     * </pre>
     */
    default void watchInstances(io.ecsd.v1.WatchInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.WatchInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchInstancesMethod(), responseObserver);
    }

    /**
     * <pre>
     * WaitInstances returns when each of up to 1,000 instances of a region has a status or can no longer reach it, with
     * one result per ID. A read of an instance counts only if it began after the call and after the last change that the
     * server made to the instance. It costs one cloud call (DescribeInstances) per second and 100 pending instances,
     * however many callers wait. An ID fails at once if the instance does not exist or was released, if a lock keeps it
     * from the status, or if its transition failed, such as STARTING and then STOPPED again. The call waits for an
     * instance that the server launched in the last minutes and that the cloud does not show yet; at the deadline it is
     * INSTANCE_NOT_VISIBLE_YET.
     * At the caller's deadline the error is DEADLINE_EXCEEDED. Its metadata has the number of pending instances
     * (pending_instances) and the first of their IDs (pending_instance_ids, separated by commas, up to 1 KB).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER, TOO_MANY_WATCHED_IDS, STORE_UNAVAILABLE. Errors of a single ID:
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS.
     * </pre>
     */
    default void waitInstances(io.ecsd.v1.WaitInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.WaitInstancesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWaitInstancesMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service InstanceService.
   * <pre>
   * InstanceService reads, makes, starts, stops, changes and releases instances.
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
   * InstanceService reads, makes, starts, stops, changes and releases instances.
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
     * GetInstance returns one instance, read from the cloud now unless max_staleness allows what was seen before.
     * Concurrent calls are merged: up to 100 instances of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET.
     * </pre>
     */
    public void getInstance(io.ecsd.v1.GetInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.GetInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now unless
     * max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each 100 ids that are
     * read. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, and those of every call where the cloud call that the id
     * was part of failed.
     * </pre>
     */
    public void batchGetInstances(io.ecsd.v1.BatchGetInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.BatchGetInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchGetInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from the
     * cloud now unless max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each
     * 100 instances returned and each region begun, and one more for a region where nothing matches, to tell "none" from
     * "not allowed to see any". What is created or released while the pages are read may be missed; nothing that stays
     * is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public void listInstances(io.ecsd.v1.ListInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ListInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RunInstances makes 1 to 100 instances of one kind and starts them, at most once for each request_id. It returns
     * when the cloud has made them; they go on to RUNNING by themselves, mostly within a minute, which GetInstance and
     * BatchGetInstances show. Where the caller's deadline passes first, or the answer is OUTCOME_UNKNOWN, the same
     * request with the same request_id finds what was made instead of making more. It costs one cloud call that may
     * pay (RunInstances) and some reads until the cloud shows what it made (DescribeInstances), for 10 seconds at most.
     * A spot limit that names its currency costs one more (DescribePrice), to compare it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, REQUEST_ID_REUSED, RESOURCE_NOT_FOUND, INCORRECT_RESOURCE_STATUS,
     * OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT (of a spot instance), CURRENCY_MISMATCH, PRICE_UNAVAILABLE (to compare
     * it), INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    public void runInstances(io.ecsd.v1.RunInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.RunInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRunInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateInstance makes one instance and leaves it STOPPED, at most once for each request_id. It has no public
     * address then: AllocatePublicIpAddress gives it one, StartInstances starts it. It returns when the cloud has made
     * it; the instance goes on to STOPPED by itself. Where the caller's deadline passes first, or the answer is
     * OUTCOME_UNKNOWN, the same request with the same request_id finds what was made instead of making more. It costs
     * one cloud call that may pay (CreateInstance), and the reads that RunInstances costs.
     * Errors: those of RunInstances.
     * </pre>
     */
    public void createInstance(io.ecsd.v1.CreateInstanceRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.CreateInstanceResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateInstanceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * QuoteInstances prices what RunInstances would buy. Nothing is paid. It costs one cloud call (DescribePrice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, RESOURCE_NOT_FOUND, OUT_OF_STOCK.
     * </pre>
     */
    public void quoteInstances(io.ecsd.v1.QuoteInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.QuoteInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getQuoteInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * StartInstances starts up to 1,000 stopped instances of a region, one result an id. The cloud only accepts it; they
     * go on to RUNNING by themselves. An id that fails fails alone. One that is STARTING already is as asked. One that is
     * STOPPING or PENDING is waited for, for 2 minutes or almost to the deadline, and is OPERATION_IN_PROGRESS after
     * that. Pay-as-you-go instances whose account is in arrears are ACCOUNT_RESTRICTED. It costs one cloud call for each
     * 100 ids (StartInstances), and reads (DescribeInstances) if some of them fail.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, OPERATION_IN_PROGRESS, INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK,
     * PRICE_EXCEEDS_LIMIT (of a spot instance), INCORRECT_RESOURCE_STATUS (of a disk), RESOURCE_IN_USE,
     * UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public void startInstances(io.ecsd.v1.StartInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.StartInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStartInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * StopInstances stops up to 1,000 running instances of a region, one result an id. The cloud only accepts it; they
     * go on to STOPPED by themselves. An id that fails fails alone. One that is STOPPING already is as asked; one that is
     * STARTING or PENDING is waited for as by StartInstances. It costs one cloud call for each 100 ids (StopInstances),
     * and reads (DescribeInstances) if some of them fail.
     * Errors: those of StartInstances.
     * </pre>
     */
    public void stopInstances(io.ecsd.v1.StopInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.StopInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getStopInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RebootInstances reboots up to 1,000 running instances of a region, one result an id. The cloud only accepts it;
     * they go through STARTING to RUNNING by themselves. An id that fails fails alone. One that is STARTING, STOPPING or
     * PENDING is waited for as by StartInstances. If no reply comes, the status and the start time are read for up to 30
     * seconds; if they show no reboot, the error is OUTCOME_UNKNOWN and not retryable, because a second call may reboot
     * twice. It costs one cloud call for each 100 ids to read them (DescribeInstances) and one to reboot them
     * (RebootInstances).
     * Errors: those of StartInstances.
     * </pre>
     */
    public void rebootInstances(io.ecsd.v1.RebootInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.RebootInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRebootInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ReleaseInstances releases up to 1,000 instances of a region for good, one result an id. What would hurt by accident
     * is refused unless a field of its own says that it is meant: a running instance (force), a protected one
     * (override_deletion_protection), a subscription that has not ended (allow_unexpired_subscription), and more
     * instances at once than the server allows (max_instances), where nothing is released at all. With snapshot_disks
     * every disk is saved first, and an instance is released only where all its disks were. An instance that is STOPPING,
     * STARTING or PENDING, which the cloud releases neither with force nor without, is waited for, for 2 minutes or
     * almost to the deadline, and is OPERATION_IN_PROGRESS after that. An id that fails fails alone. It costs one cloud
     * call for each 100 ids to read them (DescribeInstances) and one to release them (DeleteInstances); with
     * snapshot_disks or validate_only one an instance to read its disks (DescribeDisks), and with snapshot_disks one a
     * disk (CreateSnapshot) and some to await them (DescribeSnapshots).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * REQUEST_ID_REUSED, RELEASE_LIMIT_EXCEEDED. Errors of a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET,
     * INCORRECT_INSTANCE_STATUS (it runs, or it is too new), DELETION_PROTECTED, SUBSCRIPTION_NOT_EXPIRED,
     * SNAPSHOT_FAILED, RESOURCE_IN_USE, INSTANCE_LOCKED, OPERATION_IN_PROGRESS, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * CLIENT_TOKEN_REJECTED, and those of every call. Where a guard refused, the error has the precondition that would
     * allow it.
     * </pre>
     */
    public void releaseInstances(io.ecsd.v1.ReleaseInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.ReleaseInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReleaseInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SetAutoReleaseTime sets or cancels when the cloud releases a pay-as-you-go instance by itself, reads it back and
     * returns what the cloud then holds. Deletion protection does not stop such a release. Asking again changes nothing
     * more, so it takes no request_id. It costs one cloud call (ModifyInstanceAutoReleaseTime) and one read
     * (DescribeInstances) before and after.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN.
     * </pre>
     */
    public void setAutoReleaseTime(io.ecsd.v1.SetAutoReleaseTimeRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.SetAutoReleaseTimeResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetAutoReleaseTimeMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * AllocatePublicIpAddress gives an instance that is RUNNING or STOPPED a public address of its own. It must have
     * bandwidth to the internet (else it is UNSUPPORTED_OPERATION: raise its outbound bandwidth in the cloud's console,
     * or launch with internet_max_bandwidth_out_mbps over 0), and the address works from its next start or reboot on. An
     * instance takes one address: a second call is PUBLIC_IP_ALLOCATED. It costs one cloud call (AllocatePublicIpAddress)
     * and one read (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, PUBLIC_IP_ALLOCATED, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, RESOURCE_IN_USE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN.
     * </pre>
     */
    public void allocatePublicIpAddress(io.ecsd.v1.AllocatePublicIpAddressRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.AllocatePublicIpAddressResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAllocatePublicIpAddressMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SetDeletionProtection protects up to 1,000 pay-as-you-go instances of a region from release by hand, or takes the
     * protection off, reads it back and returns what the cloud then holds. Asking again changes nothing more, so it
     * takes no request_id. An id that fails fails alone. It costs one cloud call an instance that is not yet as asked
     * (ModifyInstanceAttribute), and one for each 100 ids before and after (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public void setDeletionProtection(io.ecsd.v1.SetDeletionProtectionRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.SetDeletionProtectionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetDeletionProtectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SetTags sets tags on up to 1,000 instances of a region and takes others off, reads them back and returns what the
     * cloud then holds. Tags that are not named stay. Asking again changes nothing more, so it takes no request_id. An
     * id that fails fails alone. It costs one cloud call for each 50 ids to set (TagResources) and one to take off
     * (UntagResources), a few more where some of them fail, and one for each 100 ids before and after
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, QUOTA_EXCEEDED (of tags), SETTING_NOT_APPLIED,
     * OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public void setTags(io.ecsd.v1.SetTagsRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.SetTagsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSetTagsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WatchInstances reports the current state of instances and then each change, as the server's own polls of the cloud
     * observe them. There is one poller per region, so a watch costs no cloud call, however many there are. A watch
     * begins with snapshot messages and snapshot_complete, unless resume_token resumes an earlier one. Then changed and
     * removed messages follow, with a checkpoint after each batch of them and at least one per heartbeat_interval.
     * A revision is the number of a poll that found a change. Revisions never decrease on a stream. All changes that one
     * poll found have the same revision, and a checkpoint never splits it. At a checkpoint, the last message about each
     * instance is its state at the revision of the checkpoint. If the server has no complete view of a region yet, the
     * call waits for the first poll.
     * The stream ends with an error only. Errors beyond those of every call, which CatalogService.ListRegions lists:
     * INVALID_FIELD, UNKNOWN_REGION, INVALID_RESUME_TOKEN, RESUME_TOKEN_EXPIRED (watch again without a token),
     * TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER, TOO_MANY_WATCHED_IDS, SLOW_READER, and SERVER_DRAINING after a last
     * checkpoint (resume on another connection). If none of the watched regions was ever read, the error of the read.
     * </pre>
     */
    public void watchInstances(io.ecsd.v1.WatchInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.WatchInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchInstancesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WaitInstances returns when each of up to 1,000 instances of a region has a status or can no longer reach it, with
     * one result per ID. A read of an instance counts only if it began after the call and after the last change that the
     * server made to the instance. It costs one cloud call (DescribeInstances) per second and 100 pending instances,
     * however many callers wait. An ID fails at once if the instance does not exist or was released, if a lock keeps it
     * from the status, or if its transition failed, such as STARTING and then STOPPED again. The call waits for an
     * instance that the server launched in the last minutes and that the cloud does not show yet; at the deadline it is
     * INSTANCE_NOT_VISIBLE_YET.
     * At the caller's deadline the error is DEADLINE_EXCEEDED. Its metadata has the number of pending instances
     * (pending_instances) and the first of their IDs (pending_instance_ids, separated by commas, up to 1 KB).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER, TOO_MANY_WATCHED_IDS, STORE_UNAVAILABLE. Errors of a single ID:
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS.
     * </pre>
     */
    public void waitInstances(io.ecsd.v1.WaitInstancesRequest request,
        io.grpc.stub.StreamObserver<io.ecsd.v1.WaitInstancesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getWaitInstancesMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service InstanceService.
   * <pre>
   * InstanceService reads, makes, starts, stops, changes and releases instances.
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
     * GetInstance returns one instance, read from the cloud now unless max_staleness allows what was seen before.
     * Concurrent calls are merged: up to 100 instances of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET.
     * </pre>
     */
    public io.ecsd.v1.GetInstanceResponse getInstance(io.ecsd.v1.GetInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now unless
     * max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each 100 ids that are
     * read. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, and those of every call where the cloud call that the id
     * was part of failed.
     * </pre>
     */
    public io.ecsd.v1.BatchGetInstancesResponse batchGetInstances(io.ecsd.v1.BatchGetInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchGetInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from the
     * cloud now unless max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each
     * 100 instances returned and each region begun, and one more for a region where nothing matches, to tell "none" from
     * "not allowed to see any". What is created or released while the pages are read may be missed; nothing that stays
     * is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListInstancesResponse listInstances(io.ecsd.v1.ListInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RunInstances makes 1 to 100 instances of one kind and starts them, at most once for each request_id. It returns
     * when the cloud has made them; they go on to RUNNING by themselves, mostly within a minute, which GetInstance and
     * BatchGetInstances show. Where the caller's deadline passes first, or the answer is OUTCOME_UNKNOWN, the same
     * request with the same request_id finds what was made instead of making more. It costs one cloud call that may
     * pay (RunInstances) and some reads until the cloud shows what it made (DescribeInstances), for 10 seconds at most.
     * A spot limit that names its currency costs one more (DescribePrice), to compare it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, REQUEST_ID_REUSED, RESOURCE_NOT_FOUND, INCORRECT_RESOURCE_STATUS,
     * OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT (of a spot instance), CURRENCY_MISMATCH, PRICE_UNAVAILABLE (to compare
     * it), INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    public io.ecsd.v1.RunInstancesResponse runInstances(io.ecsd.v1.RunInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRunInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateInstance makes one instance and leaves it STOPPED, at most once for each request_id. It has no public
     * address then: AllocatePublicIpAddress gives it one, StartInstances starts it. It returns when the cloud has made
     * it; the instance goes on to STOPPED by itself. Where the caller's deadline passes first, or the answer is
     * OUTCOME_UNKNOWN, the same request with the same request_id finds what was made instead of making more. It costs
     * one cloud call that may pay (CreateInstance), and the reads that RunInstances costs.
     * Errors: those of RunInstances.
     * </pre>
     */
    public io.ecsd.v1.CreateInstanceResponse createInstance(io.ecsd.v1.CreateInstanceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * QuoteInstances prices what RunInstances would buy. Nothing is paid. It costs one cloud call (DescribePrice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, RESOURCE_NOT_FOUND, OUT_OF_STOCK.
     * </pre>
     */
    public io.ecsd.v1.QuoteInstancesResponse quoteInstances(io.ecsd.v1.QuoteInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getQuoteInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StartInstances starts up to 1,000 stopped instances of a region, one result an id. The cloud only accepts it; they
     * go on to RUNNING by themselves. An id that fails fails alone. One that is STARTING already is as asked. One that is
     * STOPPING or PENDING is waited for, for 2 minutes or almost to the deadline, and is OPERATION_IN_PROGRESS after
     * that. Pay-as-you-go instances whose account is in arrears are ACCOUNT_RESTRICTED. It costs one cloud call for each
     * 100 ids (StartInstances), and reads (DescribeInstances) if some of them fail.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, OPERATION_IN_PROGRESS, INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK,
     * PRICE_EXCEEDS_LIMIT (of a spot instance), INCORRECT_RESOURCE_STATUS (of a disk), RESOURCE_IN_USE,
     * UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.StartInstancesResponse startInstances(io.ecsd.v1.StartInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStartInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StopInstances stops up to 1,000 running instances of a region, one result an id. The cloud only accepts it; they
     * go on to STOPPED by themselves. An id that fails fails alone. One that is STOPPING already is as asked; one that is
     * STARTING or PENDING is waited for as by StartInstances. It costs one cloud call for each 100 ids (StopInstances),
     * and reads (DescribeInstances) if some of them fail.
     * Errors: those of StartInstances.
     * </pre>
     */
    public io.ecsd.v1.StopInstancesResponse stopInstances(io.ecsd.v1.StopInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getStopInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RebootInstances reboots up to 1,000 running instances of a region, one result an id. The cloud only accepts it;
     * they go through STARTING to RUNNING by themselves. An id that fails fails alone. One that is STARTING, STOPPING or
     * PENDING is waited for as by StartInstances. If no reply comes, the status and the start time are read for up to 30
     * seconds; if they show no reboot, the error is OUTCOME_UNKNOWN and not retryable, because a second call may reboot
     * twice. It costs one cloud call for each 100 ids to read them (DescribeInstances) and one to reboot them
     * (RebootInstances).
     * Errors: those of StartInstances.
     * </pre>
     */
    public io.ecsd.v1.RebootInstancesResponse rebootInstances(io.ecsd.v1.RebootInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRebootInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ReleaseInstances releases up to 1,000 instances of a region for good, one result an id. What would hurt by accident
     * is refused unless a field of its own says that it is meant: a running instance (force), a protected one
     * (override_deletion_protection), a subscription that has not ended (allow_unexpired_subscription), and more
     * instances at once than the server allows (max_instances), where nothing is released at all. With snapshot_disks
     * every disk is saved first, and an instance is released only where all its disks were. An instance that is STOPPING,
     * STARTING or PENDING, which the cloud releases neither with force nor without, is waited for, for 2 minutes or
     * almost to the deadline, and is OPERATION_IN_PROGRESS after that. An id that fails fails alone. It costs one cloud
     * call for each 100 ids to read them (DescribeInstances) and one to release them (DeleteInstances); with
     * snapshot_disks or validate_only one an instance to read its disks (DescribeDisks), and with snapshot_disks one a
     * disk (CreateSnapshot) and some to await them (DescribeSnapshots).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * REQUEST_ID_REUSED, RELEASE_LIMIT_EXCEEDED. Errors of a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET,
     * INCORRECT_INSTANCE_STATUS (it runs, or it is too new), DELETION_PROTECTED, SUBSCRIPTION_NOT_EXPIRED,
     * SNAPSHOT_FAILED, RESOURCE_IN_USE, INSTANCE_LOCKED, OPERATION_IN_PROGRESS, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * CLIENT_TOKEN_REJECTED, and those of every call. Where a guard refused, the error has the precondition that would
     * allow it.
     * </pre>
     */
    public io.ecsd.v1.ReleaseInstancesResponse releaseInstances(io.ecsd.v1.ReleaseInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReleaseInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetAutoReleaseTime sets or cancels when the cloud releases a pay-as-you-go instance by itself, reads it back and
     * returns what the cloud then holds. Deletion protection does not stop such a release. Asking again changes nothing
     * more, so it takes no request_id. It costs one cloud call (ModifyInstanceAutoReleaseTime) and one read
     * (DescribeInstances) before and after.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.ecsd.v1.SetAutoReleaseTimeResponse setAutoReleaseTime(io.ecsd.v1.SetAutoReleaseTimeRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetAutoReleaseTimeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AllocatePublicIpAddress gives an instance that is RUNNING or STOPPED a public address of its own. It must have
     * bandwidth to the internet (else it is UNSUPPORTED_OPERATION: raise its outbound bandwidth in the cloud's console,
     * or launch with internet_max_bandwidth_out_mbps over 0), and the address works from its next start or reboot on. An
     * instance takes one address: a second call is PUBLIC_IP_ALLOCATED. It costs one cloud call (AllocatePublicIpAddress)
     * and one read (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, PUBLIC_IP_ALLOCATED, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, RESOURCE_IN_USE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.ecsd.v1.AllocatePublicIpAddressResponse allocatePublicIpAddress(io.ecsd.v1.AllocatePublicIpAddressRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAllocatePublicIpAddressMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetDeletionProtection protects up to 1,000 pay-as-you-go instances of a region from release by hand, or takes the
     * protection off, reads it back and returns what the cloud then holds. Asking again changes nothing more, so it
     * takes no request_id. An id that fails fails alone. It costs one cloud call an instance that is not yet as asked
     * (ModifyInstanceAttribute), and one for each 100 ids before and after (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.SetDeletionProtectionResponse setDeletionProtection(io.ecsd.v1.SetDeletionProtectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetDeletionProtectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetTags sets tags on up to 1,000 instances of a region and takes others off, reads them back and returns what the
     * cloud then holds. Tags that are not named stay. Asking again changes nothing more, so it takes no request_id. An
     * id that fails fails alone. It costs one cloud call for each 50 ids to set (TagResources) and one to take off
     * (UntagResources), a few more where some of them fail, and one for each 100 ids before and after
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, QUOTA_EXCEEDED (of tags), SETTING_NOT_APPLIED,
     * OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.SetTagsResponse setTags(io.ecsd.v1.SetTagsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSetTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchInstances reports the current state of instances and then each change, as the server's own polls of the cloud
     * observe them. There is one poller per region, so a watch costs no cloud call, however many there are. A watch
     * begins with snapshot messages and snapshot_complete, unless resume_token resumes an earlier one. Then changed and
     * removed messages follow, with a checkpoint after each batch of them and at least one per heartbeat_interval.
     * A revision is the number of a poll that found a change. Revisions never decrease on a stream. All changes that one
     * poll found have the same revision, and a checkpoint never splits it. At a checkpoint, the last message about each
     * instance is its state at the revision of the checkpoint. If the server has no complete view of a region yet, the
     * call waits for the first poll.
     * The stream ends with an error only. Errors beyond those of every call, which CatalogService.ListRegions lists:
     * INVALID_FIELD, UNKNOWN_REGION, INVALID_RESUME_TOKEN, RESUME_TOKEN_EXPIRED (watch again without a token),
     * TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER, TOO_MANY_WATCHED_IDS, SLOW_READER, and SERVER_DRAINING after a last
     * checkpoint (resume on another connection). If none of the watched regions was ever read, the error of the read.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, io.ecsd.v1.WatchInstancesResponse>
        watchInstances(io.ecsd.v1.WatchInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WaitInstances returns when each of up to 1,000 instances of a region has a status or can no longer reach it, with
     * one result per ID. A read of an instance counts only if it began after the call and after the last change that the
     * server made to the instance. It costs one cloud call (DescribeInstances) per second and 100 pending instances,
     * however many callers wait. An ID fails at once if the instance does not exist or was released, if a lock keeps it
     * from the status, or if its transition failed, such as STARTING and then STOPPED again. The call waits for an
     * instance that the server launched in the last minutes and that the cloud does not show yet; at the deadline it is
     * INSTANCE_NOT_VISIBLE_YET.
     * At the caller's deadline the error is DEADLINE_EXCEEDED. Its metadata has the number of pending instances
     * (pending_instances) and the first of their IDs (pending_instance_ids, separated by commas, up to 1 KB).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER, TOO_MANY_WATCHED_IDS, STORE_UNAVAILABLE. Errors of a single ID:
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS.
     * </pre>
     */
    public io.ecsd.v1.WaitInstancesResponse waitInstances(io.ecsd.v1.WaitInstancesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getWaitInstancesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service InstanceService.
   * <pre>
   * InstanceService reads, makes, starts, stops, changes and releases instances.
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
     * GetInstance returns one instance, read from the cloud now unless max_staleness allows what was seen before.
     * Concurrent calls are merged: up to 100 instances of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET.
     * </pre>
     */
    public io.ecsd.v1.GetInstanceResponse getInstance(io.ecsd.v1.GetInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now unless
     * max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each 100 ids that are
     * read. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, and those of every call where the cloud call that the id
     * was part of failed.
     * </pre>
     */
    public io.ecsd.v1.BatchGetInstancesResponse batchGetInstances(io.ecsd.v1.BatchGetInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchGetInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from the
     * cloud now unless max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each
     * 100 instances returned and each region begun, and one more for a region where nothing matches, to tell "none" from
     * "not allowed to see any". What is created or released while the pages are read may be missed; nothing that stays
     * is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public io.ecsd.v1.ListInstancesResponse listInstances(io.ecsd.v1.ListInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RunInstances makes 1 to 100 instances of one kind and starts them, at most once for each request_id. It returns
     * when the cloud has made them; they go on to RUNNING by themselves, mostly within a minute, which GetInstance and
     * BatchGetInstances show. Where the caller's deadline passes first, or the answer is OUTCOME_UNKNOWN, the same
     * request with the same request_id finds what was made instead of making more. It costs one cloud call that may
     * pay (RunInstances) and some reads until the cloud shows what it made (DescribeInstances), for 10 seconds at most.
     * A spot limit that names its currency costs one more (DescribePrice), to compare it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, REQUEST_ID_REUSED, RESOURCE_NOT_FOUND, INCORRECT_RESOURCE_STATUS,
     * OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT (of a spot instance), CURRENCY_MISMATCH, PRICE_UNAVAILABLE (to compare
     * it), INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    public io.ecsd.v1.RunInstancesResponse runInstances(io.ecsd.v1.RunInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRunInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateInstance makes one instance and leaves it STOPPED, at most once for each request_id. It has no public
     * address then: AllocatePublicIpAddress gives it one, StartInstances starts it. It returns when the cloud has made
     * it; the instance goes on to STOPPED by itself. Where the caller's deadline passes first, or the answer is
     * OUTCOME_UNKNOWN, the same request with the same request_id finds what was made instead of making more. It costs
     * one cloud call that may pay (CreateInstance), and the reads that RunInstances costs.
     * Errors: those of RunInstances.
     * </pre>
     */
    public io.ecsd.v1.CreateInstanceResponse createInstance(io.ecsd.v1.CreateInstanceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateInstanceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * QuoteInstances prices what RunInstances would buy. Nothing is paid. It costs one cloud call (DescribePrice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, RESOURCE_NOT_FOUND, OUT_OF_STOCK.
     * </pre>
     */
    public io.ecsd.v1.QuoteInstancesResponse quoteInstances(io.ecsd.v1.QuoteInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getQuoteInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StartInstances starts up to 1,000 stopped instances of a region, one result an id. The cloud only accepts it; they
     * go on to RUNNING by themselves. An id that fails fails alone. One that is STARTING already is as asked. One that is
     * STOPPING or PENDING is waited for, for 2 minutes or almost to the deadline, and is OPERATION_IN_PROGRESS after
     * that. Pay-as-you-go instances whose account is in arrears are ACCOUNT_RESTRICTED. It costs one cloud call for each
     * 100 ids (StartInstances), and reads (DescribeInstances) if some of them fail.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, OPERATION_IN_PROGRESS, INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK,
     * PRICE_EXCEEDS_LIMIT (of a spot instance), INCORRECT_RESOURCE_STATUS (of a disk), RESOURCE_IN_USE,
     * UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.StartInstancesResponse startInstances(io.ecsd.v1.StartInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStartInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * StopInstances stops up to 1,000 running instances of a region, one result an id. The cloud only accepts it; they
     * go on to STOPPED by themselves. An id that fails fails alone. One that is STOPPING already is as asked; one that is
     * STARTING or PENDING is waited for as by StartInstances. It costs one cloud call for each 100 ids (StopInstances),
     * and reads (DescribeInstances) if some of them fail.
     * Errors: those of StartInstances.
     * </pre>
     */
    public io.ecsd.v1.StopInstancesResponse stopInstances(io.ecsd.v1.StopInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getStopInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RebootInstances reboots up to 1,000 running instances of a region, one result an id. The cloud only accepts it;
     * they go through STARTING to RUNNING by themselves. An id that fails fails alone. One that is STARTING, STOPPING or
     * PENDING is waited for as by StartInstances. If no reply comes, the status and the start time are read for up to 30
     * seconds; if they show no reboot, the error is OUTCOME_UNKNOWN and not retryable, because a second call may reboot
     * twice. It costs one cloud call for each 100 ids to read them (DescribeInstances) and one to reboot them
     * (RebootInstances).
     * Errors: those of StartInstances.
     * </pre>
     */
    public io.ecsd.v1.RebootInstancesResponse rebootInstances(io.ecsd.v1.RebootInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRebootInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ReleaseInstances releases up to 1,000 instances of a region for good, one result an id. What would hurt by accident
     * is refused unless a field of its own says that it is meant: a running instance (force), a protected one
     * (override_deletion_protection), a subscription that has not ended (allow_unexpired_subscription), and more
     * instances at once than the server allows (max_instances), where nothing is released at all. With snapshot_disks
     * every disk is saved first, and an instance is released only where all its disks were. An instance that is STOPPING,
     * STARTING or PENDING, which the cloud releases neither with force nor without, is waited for, for 2 minutes or
     * almost to the deadline, and is OPERATION_IN_PROGRESS after that. An id that fails fails alone. It costs one cloud
     * call for each 100 ids to read them (DescribeInstances) and one to release them (DeleteInstances); with
     * snapshot_disks or validate_only one an instance to read its disks (DescribeDisks), and with snapshot_disks one a
     * disk (CreateSnapshot) and some to await them (DescribeSnapshots).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * REQUEST_ID_REUSED, RELEASE_LIMIT_EXCEEDED. Errors of a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET,
     * INCORRECT_INSTANCE_STATUS (it runs, or it is too new), DELETION_PROTECTED, SUBSCRIPTION_NOT_EXPIRED,
     * SNAPSHOT_FAILED, RESOURCE_IN_USE, INSTANCE_LOCKED, OPERATION_IN_PROGRESS, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * CLIENT_TOKEN_REJECTED, and those of every call. Where a guard refused, the error has the precondition that would
     * allow it.
     * </pre>
     */
    public io.ecsd.v1.ReleaseInstancesResponse releaseInstances(io.ecsd.v1.ReleaseInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReleaseInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetAutoReleaseTime sets or cancels when the cloud releases a pay-as-you-go instance by itself, reads it back and
     * returns what the cloud then holds. Deletion protection does not stop such a release. Asking again changes nothing
     * more, so it takes no request_id. It costs one cloud call (ModifyInstanceAutoReleaseTime) and one read
     * (DescribeInstances) before and after.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.ecsd.v1.SetAutoReleaseTimeResponse setAutoReleaseTime(io.ecsd.v1.SetAutoReleaseTimeRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetAutoReleaseTimeMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AllocatePublicIpAddress gives an instance that is RUNNING or STOPPED a public address of its own. It must have
     * bandwidth to the internet (else it is UNSUPPORTED_OPERATION: raise its outbound bandwidth in the cloud's console,
     * or launch with internet_max_bandwidth_out_mbps over 0), and the address works from its next start or reboot on. An
     * instance takes one address: a second call is PUBLIC_IP_ALLOCATED. It costs one cloud call (AllocatePublicIpAddress)
     * and one read (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, PUBLIC_IP_ALLOCATED, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, RESOURCE_IN_USE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN.
     * </pre>
     */
    public io.ecsd.v1.AllocatePublicIpAddressResponse allocatePublicIpAddress(io.ecsd.v1.AllocatePublicIpAddressRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAllocatePublicIpAddressMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetDeletionProtection protects up to 1,000 pay-as-you-go instances of a region from release by hand, or takes the
     * protection off, reads it back and returns what the cloud then holds. Asking again changes nothing more, so it
     * takes no request_id. An id that fails fails alone. It costs one cloud call an instance that is not yet as asked
     * (ModifyInstanceAttribute), and one for each 100 ids before and after (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.SetDeletionProtectionResponse setDeletionProtection(io.ecsd.v1.SetDeletionProtectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetDeletionProtectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SetTags sets tags on up to 1,000 instances of a region and takes others off, reads them back and returns what the
     * cloud then holds. Tags that are not named stay. Asking again changes nothing more, so it takes no request_id. An
     * id that fails fails alone. It costs one cloud call for each 50 ids to set (TagResources) and one to take off
     * (UntagResources), a few more where some of them fail, and one for each 100 ids before and after
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, QUOTA_EXCEEDED (of tags), SETTING_NOT_APPLIED,
     * OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public io.ecsd.v1.SetTagsResponse setTags(io.ecsd.v1.SetTagsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSetTagsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchInstances reports the current state of instances and then each change, as the server's own polls of the cloud
     * observe them. There is one poller per region, so a watch costs no cloud call, however many there are. A watch
     * begins with snapshot messages and snapshot_complete, unless resume_token resumes an earlier one. Then changed and
     * removed messages follow, with a checkpoint after each batch of them and at least one per heartbeat_interval.
     * A revision is the number of a poll that found a change. Revisions never decrease on a stream. All changes that one
     * poll found have the same revision, and a checkpoint never splits it. At a checkpoint, the last message about each
     * instance is its state at the revision of the checkpoint. If the server has no complete view of a region yet, the
     * call waits for the first poll.
     * The stream ends with an error only. Errors beyond those of every call, which CatalogService.ListRegions lists:
     * INVALID_FIELD, UNKNOWN_REGION, INVALID_RESUME_TOKEN, RESUME_TOKEN_EXPIRED (watch again without a token),
     * TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER, TOO_MANY_WATCHED_IDS, SLOW_READER, and SERVER_DRAINING after a last
     * checkpoint (resume on another connection). If none of the watched regions was ever read, the error of the read.
     * </pre>
     */
    public java.util.Iterator<io.ecsd.v1.WatchInstancesResponse> watchInstances(
        io.ecsd.v1.WatchInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchInstancesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WaitInstances returns when each of up to 1,000 instances of a region has a status or can no longer reach it, with
     * one result per ID. A read of an instance counts only if it began after the call and after the last change that the
     * server made to the instance. It costs one cloud call (DescribeInstances) per second and 100 pending instances,
     * however many callers wait. An ID fails at once if the instance does not exist or was released, if a lock keeps it
     * from the status, or if its transition failed, such as STARTING and then STOPPED again. The call waits for an
     * instance that the server launched in the last minutes and that the cloud does not show yet; at the deadline it is
     * INSTANCE_NOT_VISIBLE_YET.
     * At the caller's deadline the error is DEADLINE_EXCEEDED. Its metadata has the number of pending instances
     * (pending_instances) and the first of their IDs (pending_instance_ids, separated by commas, up to 1 KB).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER, TOO_MANY_WATCHED_IDS, STORE_UNAVAILABLE. Errors of a single ID:
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS.
     * </pre>
     */
    public io.ecsd.v1.WaitInstancesResponse waitInstances(io.ecsd.v1.WaitInstancesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getWaitInstancesMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service InstanceService.
   * <pre>
   * InstanceService reads, makes, starts, stops, changes and releases instances.
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
     * GetInstance returns one instance, read from the cloud now unless max_staleness allows what was seen before.
     * Concurrent calls are merged: up to 100 instances of a region cost one cloud call (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.GetInstanceResponse> getInstance(
        io.ecsd.v1.GetInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * BatchGetInstances returns up to 1,000 instances of a region, one result an id, read from the cloud now unless
     * max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each 100 ids that are
     * read. An id that fails fails alone.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, and those of every call where the cloud call that the id
     * was part of failed.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.BatchGetInstancesResponse> batchGetInstances(
        io.ecsd.v1.BatchGetInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchGetInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListInstances returns the instances of one or many regions that match a filter, a page at a time, read from the
     * cloud now unless max_staleness allows what was seen before. It costs one cloud call (DescribeInstances) for each
     * 100 instances returned and each region begun, and one more for a region where nothing matches, to tell "none" from
     * "not allowed to see any". What is created or released while the pages are read may be missed; nothing that stays
     * is missed.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * INVALID_PAGE_TOKEN, UNKNOWN_REGION.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ListInstancesResponse> listInstances(
        io.ecsd.v1.ListInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RunInstances makes 1 to 100 instances of one kind and starts them, at most once for each request_id. It returns
     * when the cloud has made them; they go on to RUNNING by themselves, mostly within a minute, which GetInstance and
     * BatchGetInstances show. Where the caller's deadline passes first, or the answer is OUTCOME_UNKNOWN, the same
     * request with the same request_id finds what was made instead of making more. It costs one cloud call that may
     * pay (RunInstances) and some reads until the cloud shows what it made (DescribeInstances), for 10 seconds at most.
     * A spot limit that names its currency costs one more (DescribePrice), to compare it.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, REQUEST_ID_REUSED, RESOURCE_NOT_FOUND, INCORRECT_RESOURCE_STATUS,
     * OPERATION_IN_PROGRESS, PRICE_EXCEEDS_LIMIT (of a spot instance), CURRENCY_MISMATCH, PRICE_UNAVAILABLE (to compare
     * it), INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN, CLIENT_TOKEN_REJECTED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.RunInstancesResponse> runInstances(
        io.ecsd.v1.RunInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRunInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateInstance makes one instance and leaves it STOPPED, at most once for each request_id. It has no public
     * address then: AllocatePublicIpAddress gives it one, StartInstances starts it. It returns when the cloud has made
     * it; the instance goes on to STOPPED by itself. Where the caller's deadline passes first, or the answer is
     * OUTCOME_UNKNOWN, the same request with the same request_id finds what was made instead of making more. It costs
     * one cloud call that may pay (CreateInstance), and the reads that RunInstances costs.
     * Errors: those of RunInstances.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.CreateInstanceResponse> createInstance(
        io.ecsd.v1.CreateInstanceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateInstanceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * QuoteInstances prices what RunInstances would buy. Nothing is paid. It costs one cloud call (DescribePrice).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD,
     * UNKNOWN_REGION, PERIOD_NOT_SOLD, PRICE_UNAVAILABLE, RESOURCE_NOT_FOUND, OUT_OF_STOCK.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.QuoteInstancesResponse> quoteInstances(
        io.ecsd.v1.QuoteInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getQuoteInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * StartInstances starts up to 1,000 stopped instances of a region, one result an id. The cloud only accepts it; they
     * go on to RUNNING by themselves. An id that fails fails alone. One that is STARTING already is as asked. One that is
     * STOPPING or PENDING is waited for, for 2 minutes or almost to the deadline, and is OPERATION_IN_PROGRESS after
     * that. Pay-as-you-go instances whose account is in arrears are ACCOUNT_RESTRICTED. It costs one cloud call for each
     * 100 ids (StartInstances), and reads (DescribeInstances) if some of them fail.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, OPERATION_IN_PROGRESS, INSUFFICIENT_BALANCE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK,
     * PRICE_EXCEEDS_LIMIT (of a spot instance), INCORRECT_RESOURCE_STATUS (of a disk), RESOURCE_IN_USE,
     * UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.StartInstancesResponse> startInstances(
        io.ecsd.v1.StartInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStartInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * StopInstances stops up to 1,000 running instances of a region, one result an id. The cloud only accepts it; they
     * go on to STOPPED by themselves. An id that fails fails alone. One that is STOPPING already is as asked; one that is
     * STARTING or PENDING is waited for as by StartInstances. It costs one cloud call for each 100 ids (StopInstances),
     * and reads (DescribeInstances) if some of them fail.
     * Errors: those of StartInstances.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.StopInstancesResponse> stopInstances(
        io.ecsd.v1.StopInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getStopInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RebootInstances reboots up to 1,000 running instances of a region, one result an id. The cloud only accepts it;
     * they go through STARTING to RUNNING by themselves. An id that fails fails alone. One that is STARTING, STOPPING or
     * PENDING is waited for as by StartInstances. If no reply comes, the status and the start time are read for up to 30
     * seconds; if they show no reboot, the error is OUTCOME_UNKNOWN and not retryable, because a second call may reboot
     * twice. It costs one cloud call for each 100 ids to read them (DescribeInstances) and one to reboot them
     * (RebootInstances).
     * Errors: those of StartInstances.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.RebootInstancesResponse> rebootInstances(
        io.ecsd.v1.RebootInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRebootInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ReleaseInstances releases up to 1,000 instances of a region for good, one result an id. What would hurt by accident
     * is refused unless a field of its own says that it is meant: a running instance (force), a protected one
     * (override_deletion_protection), a subscription that has not ended (allow_unexpired_subscription), and more
     * instances at once than the server allows (max_instances), where nothing is released at all. With snapshot_disks
     * every disk is saved first, and an instance is released only where all its disks were. An instance that is STOPPING,
     * STARTING or PENDING, which the cloud releases neither with force nor without, is waited for, for 2 minutes or
     * almost to the deadline, and is OPERATION_IN_PROGRESS after that. An id that fails fails alone. It costs one cloud
     * call for each 100 ids to read them (DescribeInstances) and one to release them (DeleteInstances); with
     * snapshot_disks or validate_only one an instance to read its disks (DescribeDisks), and with snapshot_disks one a
     * disk (CreateSnapshot) and some to await them (DescribeSnapshots).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * REQUEST_ID_REUSED, RELEASE_LIMIT_EXCEEDED. Errors of a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET,
     * INCORRECT_INSTANCE_STATUS (it runs, or it is too new), DELETION_PROTECTED, SUBSCRIPTION_NOT_EXPIRED,
     * SNAPSHOT_FAILED, RESOURCE_IN_USE, INSTANCE_LOCKED, OPERATION_IN_PROGRESS, UNSUPPORTED_OPERATION, OUTCOME_UNKNOWN,
     * CLIENT_TOKEN_REJECTED, and those of every call. Where a guard refused, the error has the precondition that would
     * allow it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.ReleaseInstancesResponse> releaseInstances(
        io.ecsd.v1.ReleaseInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReleaseInstancesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SetAutoReleaseTime sets or cancels when the cloud releases a pay-as-you-go instance by itself, reads it back and
     * returns what the cloud then holds. Deletion protection does not stop such a release. Asking again changes nothing
     * more, so it takes no request_id. It costs one cloud call (ModifyInstanceAutoReleaseTime) and one read
     * (DescribeInstances) before and after.
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.SetAutoReleaseTimeResponse> setAutoReleaseTime(
        io.ecsd.v1.SetAutoReleaseTimeRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetAutoReleaseTimeMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * AllocatePublicIpAddress gives an instance that is RUNNING or STOPPED a public address of its own. It must have
     * bandwidth to the internet (else it is UNSUPPORTED_OPERATION: raise its outbound bandwidth in the cloud's console,
     * or launch with internet_max_bandwidth_out_mbps over 0), and the address works from its next start or reboot on. An
     * instance takes one address: a second call is PUBLIC_IP_ALLOCATED. It costs one cloud call (AllocatePublicIpAddress)
     * and one read (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, PUBLIC_IP_ALLOCATED, INCORRECT_INSTANCE_STATUS, INSTANCE_LOCKED,
     * INSTANCE_EXPIRED, RESOURCE_IN_USE, ACCOUNT_RESTRICTED, QUOTA_EXCEEDED, OUT_OF_STOCK, UNSUPPORTED_OPERATION,
     * OUTCOME_UNKNOWN.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.AllocatePublicIpAddressResponse> allocatePublicIpAddress(
        io.ecsd.v1.AllocatePublicIpAddressRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAllocatePublicIpAddressMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SetDeletionProtection protects up to 1,000 pay-as-you-go instances of a region from release by hand, or takes the
     * protection off, reads it back and returns what the cloud then holds. Asking again changes nothing more, so it
     * takes no request_id. An id that fails fails alone. It costs one cloud call an instance that is not yet as asked
     * (ModifyInstanceAttribute), and one for each 100 ids before and after (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, NOT_PAY_AS_YOU_GO, INCORRECT_INSTANCE_STATUS,
     * INSTANCE_LOCKED, UNSUPPORTED_OPERATION, SETTING_NOT_APPLIED, OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.SetDeletionProtectionResponse> setDeletionProtection(
        io.ecsd.v1.SetDeletionProtectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetDeletionProtectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SetTags sets tags on up to 1,000 instances of a region and takes others off, reads them back and returns what the
     * cloud then holds. Tags that are not named stay. Asking again changes nothing more, so it takes no request_id. An
     * id that fails fails alone. It costs one cloud call for each 50 ids to set (TagResources) and one to take off
     * (UntagResources), a few more where some of them fail, and one for each 100 ids before and after
     * (DescribeInstances).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION. Errors of
     * a single id: INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, QUOTA_EXCEEDED (of tags), SETTING_NOT_APPLIED,
     * OUTCOME_UNKNOWN, and those of every call.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.SetTagsResponse> setTags(
        io.ecsd.v1.SetTagsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSetTagsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * WaitInstances returns when each of up to 1,000 instances of a region has a status or can no longer reach it, with
     * one result per ID. A read of an instance counts only if it began after the call and after the last change that the
     * server made to the instance. It costs one cloud call (DescribeInstances) per second and 100 pending instances,
     * however many callers wait. An ID fails at once if the instance does not exist or was released, if a lock keeps it
     * from the status, or if its transition failed, such as STARTING and then STOPPED again. The call waits for an
     * instance that the server launched in the last minutes and that the cloud does not show yet; at the deadline it is
     * INSTANCE_NOT_VISIBLE_YET.
     * At the caller's deadline the error is DEADLINE_EXCEEDED. Its metadata has the number of pending instances
     * (pending_instances) and the first of their IDs (pending_instance_ids, separated by commas, up to 1 KB).
     * Errors beyond those of every call, which CatalogService.ListRegions lists: INVALID_FIELD, UNKNOWN_REGION,
     * TOO_MANY_WATCHES, TOO_MANY_WATCHES_OF_CALLER, TOO_MANY_WATCHED_IDS, STORE_UNAVAILABLE. Errors of a single ID:
     * INSTANCE_NOT_FOUND, INSTANCE_NOT_VISIBLE_YET, INSTANCE_LOCKED, INCORRECT_INSTANCE_STATUS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.ecsd.v1.WaitInstancesResponse> waitInstances(
        io.ecsd.v1.WaitInstancesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getWaitInstancesMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_INSTANCE = 0;
  private static final int METHODID_BATCH_GET_INSTANCES = 1;
  private static final int METHODID_LIST_INSTANCES = 2;
  private static final int METHODID_RUN_INSTANCES = 3;
  private static final int METHODID_CREATE_INSTANCE = 4;
  private static final int METHODID_QUOTE_INSTANCES = 5;
  private static final int METHODID_START_INSTANCES = 6;
  private static final int METHODID_STOP_INSTANCES = 7;
  private static final int METHODID_REBOOT_INSTANCES = 8;
  private static final int METHODID_RELEASE_INSTANCES = 9;
  private static final int METHODID_SET_AUTO_RELEASE_TIME = 10;
  private static final int METHODID_ALLOCATE_PUBLIC_IP_ADDRESS = 11;
  private static final int METHODID_SET_DELETION_PROTECTION = 12;
  private static final int METHODID_SET_TAGS = 13;
  private static final int METHODID_WATCH_INSTANCES = 14;
  private static final int METHODID_WAIT_INSTANCES = 15;

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
        case METHODID_RUN_INSTANCES:
          serviceImpl.runInstances((io.ecsd.v1.RunInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.RunInstancesResponse>) responseObserver);
          break;
        case METHODID_CREATE_INSTANCE:
          serviceImpl.createInstance((io.ecsd.v1.CreateInstanceRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.CreateInstanceResponse>) responseObserver);
          break;
        case METHODID_QUOTE_INSTANCES:
          serviceImpl.quoteInstances((io.ecsd.v1.QuoteInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.QuoteInstancesResponse>) responseObserver);
          break;
        case METHODID_START_INSTANCES:
          serviceImpl.startInstances((io.ecsd.v1.StartInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.StartInstancesResponse>) responseObserver);
          break;
        case METHODID_STOP_INSTANCES:
          serviceImpl.stopInstances((io.ecsd.v1.StopInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.StopInstancesResponse>) responseObserver);
          break;
        case METHODID_REBOOT_INSTANCES:
          serviceImpl.rebootInstances((io.ecsd.v1.RebootInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.RebootInstancesResponse>) responseObserver);
          break;
        case METHODID_RELEASE_INSTANCES:
          serviceImpl.releaseInstances((io.ecsd.v1.ReleaseInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.ReleaseInstancesResponse>) responseObserver);
          break;
        case METHODID_SET_AUTO_RELEASE_TIME:
          serviceImpl.setAutoReleaseTime((io.ecsd.v1.SetAutoReleaseTimeRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.SetAutoReleaseTimeResponse>) responseObserver);
          break;
        case METHODID_ALLOCATE_PUBLIC_IP_ADDRESS:
          serviceImpl.allocatePublicIpAddress((io.ecsd.v1.AllocatePublicIpAddressRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.AllocatePublicIpAddressResponse>) responseObserver);
          break;
        case METHODID_SET_DELETION_PROTECTION:
          serviceImpl.setDeletionProtection((io.ecsd.v1.SetDeletionProtectionRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.SetDeletionProtectionResponse>) responseObserver);
          break;
        case METHODID_SET_TAGS:
          serviceImpl.setTags((io.ecsd.v1.SetTagsRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.SetTagsResponse>) responseObserver);
          break;
        case METHODID_WATCH_INSTANCES:
          serviceImpl.watchInstances((io.ecsd.v1.WatchInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.WatchInstancesResponse>) responseObserver);
          break;
        case METHODID_WAIT_INSTANCES:
          serviceImpl.waitInstances((io.ecsd.v1.WaitInstancesRequest) request,
              (io.grpc.stub.StreamObserver<io.ecsd.v1.WaitInstancesResponse>) responseObserver);
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
        .addMethod(
          getRunInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.RunInstancesRequest,
              io.ecsd.v1.RunInstancesResponse>(
                service, METHODID_RUN_INSTANCES)))
        .addMethod(
          getCreateInstanceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.CreateInstanceRequest,
              io.ecsd.v1.CreateInstanceResponse>(
                service, METHODID_CREATE_INSTANCE)))
        .addMethod(
          getQuoteInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.QuoteInstancesRequest,
              io.ecsd.v1.QuoteInstancesResponse>(
                service, METHODID_QUOTE_INSTANCES)))
        .addMethod(
          getStartInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.StartInstancesRequest,
              io.ecsd.v1.StartInstancesResponse>(
                service, METHODID_START_INSTANCES)))
        .addMethod(
          getStopInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.StopInstancesRequest,
              io.ecsd.v1.StopInstancesResponse>(
                service, METHODID_STOP_INSTANCES)))
        .addMethod(
          getRebootInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.RebootInstancesRequest,
              io.ecsd.v1.RebootInstancesResponse>(
                service, METHODID_REBOOT_INSTANCES)))
        .addMethod(
          getReleaseInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.ReleaseInstancesRequest,
              io.ecsd.v1.ReleaseInstancesResponse>(
                service, METHODID_RELEASE_INSTANCES)))
        .addMethod(
          getSetAutoReleaseTimeMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.SetAutoReleaseTimeRequest,
              io.ecsd.v1.SetAutoReleaseTimeResponse>(
                service, METHODID_SET_AUTO_RELEASE_TIME)))
        .addMethod(
          getAllocatePublicIpAddressMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.AllocatePublicIpAddressRequest,
              io.ecsd.v1.AllocatePublicIpAddressResponse>(
                service, METHODID_ALLOCATE_PUBLIC_IP_ADDRESS)))
        .addMethod(
          getSetDeletionProtectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.SetDeletionProtectionRequest,
              io.ecsd.v1.SetDeletionProtectionResponse>(
                service, METHODID_SET_DELETION_PROTECTION)))
        .addMethod(
          getSetTagsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.SetTagsRequest,
              io.ecsd.v1.SetTagsResponse>(
                service, METHODID_SET_TAGS)))
        .addMethod(
          getWatchInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              io.ecsd.v1.WatchInstancesRequest,
              io.ecsd.v1.WatchInstancesResponse>(
                service, METHODID_WATCH_INSTANCES)))
        .addMethod(
          getWaitInstancesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.ecsd.v1.WaitInstancesRequest,
              io.ecsd.v1.WaitInstancesResponse>(
                service, METHODID_WAIT_INSTANCES)))
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
              .addMethod(getRunInstancesMethod())
              .addMethod(getCreateInstanceMethod())
              .addMethod(getQuoteInstancesMethod())
              .addMethod(getStartInstancesMethod())
              .addMethod(getStopInstancesMethod())
              .addMethod(getRebootInstancesMethod())
              .addMethod(getReleaseInstancesMethod())
              .addMethod(getSetAutoReleaseTimeMethod())
              .addMethod(getAllocatePublicIpAddressMethod())
              .addMethod(getSetDeletionProtectionMethod())
              .addMethod(getSetTagsMethod())
              .addMethod(getWatchInstancesMethod())
              .addMethod(getWaitInstancesMethod())
              .build();
        }
      }
    }
    return result;
  }
}
