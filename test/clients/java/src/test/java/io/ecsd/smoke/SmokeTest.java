package io.ecsd.smoke;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.ecsd.v1.CatalogServiceGrpc;
import io.ecsd.v1.GetInstanceRequest;
import io.ecsd.v1.InstanceServiceGrpc;
import io.ecsd.v1.ListRegionsRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Makes a few calls with the generated Java client, as another team's program would. It uses the server
 * at ECSD_ADDRESS, which make test-clients sets.
 */
class SmokeTest {
  private static ManagedChannel channel;

  @BeforeAll
  static void open() {
    channel = Grpc.newChannelBuilder(System.getenv("ECSD_ADDRESS"), InsecureChannelCredentials.create()).build();
  }

  @AfterAll
  static void close() throws InterruptedException {
    assertTrue(channel.shutdown().awaitTermination(10, TimeUnit.SECONDS));
  }

  @Test
  void listRegions() {
    var catalog = CatalogServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);

    var regions = catalog.listRegions(ListRegionsRequest.getDefaultInstance()).getRegionsList();

    assertEquals(1, regions.stream().filter(r -> r.getIsDefault() && r.getServed()).count());
  }

  @Test
  void unknownInstance() throws InvalidProtocolBufferException {
    var error = getInstanceFails(
        GetInstanceRequest.newBuilder().setRegionId("cn-hangzhou").setInstanceId("i-bp1nosuchinstance000").build());

    assertEquals(Status.Code.NOT_FOUND, error.getStatus().getCode());
    var info = detail(error, ErrorInfo.class);
    assertEquals("INSTANCE_NOT_FOUND", info.getReason());
    assertEquals("ecsd", info.getDomain());
    assertEquals("cn-hangzhou", info.getMetadataOrThrow("region_id"));
  }

  @Test
  void malformedInstanceId() throws InvalidProtocolBufferException {
    var error = getInstanceFails(GetInstanceRequest.newBuilder().setInstanceId("not an id").build());

    assertEquals(Status.Code.INVALID_ARGUMENT, error.getStatus().getCode());
    assertEquals("INVALID_FIELD", detail(error, ErrorInfo.class).getReason());
    var violations = detail(error, BadRequest.class).getFieldViolationsList();
    assertEquals(1, violations.size());
    assertEquals("instance_id", violations.get(0).getField());
  }

  private static StatusRuntimeException getInstanceFails(GetInstanceRequest request) {
    var instances = InstanceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    return assertThrows(StatusRuntimeException.class, () -> instances.getInstance(request));
  }

  private static <D extends Message> D detail(StatusRuntimeException error, Class<D> kind)
      throws InvalidProtocolBufferException {
    for (Any packed : StatusProto.fromThrowable(error).getDetailsList()) {
      if (packed.is(kind)) {
        return packed.unpack(kind);
      }
    }
    throw new AssertionError(error + " carries no " + kind.getName());
  }
}
