package io.ecsd.sdks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyun.ecs20140526.Client;
import com.aliyun.ecs20140526.models.*;
import com.aliyun.ecs20140526.models.DescribeInstancesResponseBody.DescribeInstancesResponseBodyInstancesInstance;
import com.aliyun.tea.TeaException;
import com.aliyun.teaopenapi.models.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The vendor's current Java SDK, with its defaults, against the simulator. */
class SdkTest {
  private static final String FIRST = "cn-hangzhou";
  private static final String SECOND = "cn-shanghai";
  private static final String TAG = "订单 & *~+/=";

  private Client client;

  /** The client of a program in the second region: an endpoint without TLS, and nothing about signatures. */
  @BeforeEach
  void connect() throws Exception {
    client = new Client(new Config().setAccessKeyId("testid").setAccessKeySecret("testsecret").setRegionId(SECOND)
        .setEndpoint(System.getenv("ECSD_SIMULATOR")).setProtocol("http"));
  }

  private List<DescribeInstancesResponseBodyInstancesInstance> instances(DescribeInstancesRequest request) throws Exception {
    return client.describeInstances(request).getBody().getInstances().getInstance();
  }

  /** The status of an instance, or nothing if it is gone. */
  private String status(String regionId, String id) throws Exception {
    var found = instances(new DescribeInstancesRequest().setRegionId(regionId).setInstanceIds("[\"" + id + "\"]"));
    return found.isEmpty() ? "" : found.get(0).getStatus();
  }

  /** The one instance of the second region. */
  private DescribeInstancesResponseBodyInstancesInstance subscription() throws Exception {
    var found = instances(new DescribeInstancesRequest().setRegionId(SECOND));
    assertEquals(1, found.size());
    return found.get(0);
  }

  @Test
  void list() throws Exception {
    var names = new ArrayList<String>();
    var request = new DescribeInstancesRequest().setRegionId(FIRST).setMaxResults(10);
    do {
      var page = client.describeInstances(request).getBody();
      page.getInstances().getInstance().forEach(i -> names.add(i.getInstanceName()));
      request.setNextToken(page.getNextToken());
    } while (!request.getNextToken().isEmpty());
    assertEquals(IntStream.rangeClosed(1, 12).mapToObj("web-%03d"::formatted).toList(), names);
  }

  @Test
  void life() throws Exception {
    var id = client.runInstances(new RunInstancesRequest().setRegionId(FIRST).setInstanceName("created")
        .setImageId("centos_7_03_64_20G_alibase_20170818.vhd").setInstanceType("ecs.g7.large")
        .setClientToken(UUID.randomUUID().toString())).getBody().getInstanceIdSets().getInstanceIdSet().get(0);
    assertEquals("Running", status(FIRST, id));
    client.stopInstance(new StopInstanceRequest().setInstanceId(id));
    assertEquals("Stopped", status(FIRST, id));
    client.startInstance(new StartInstanceRequest().setInstanceId(id));
    assertEquals("Running", status(FIRST, id));
    client.deleteInstance(new DeleteInstanceRequest().setInstanceId(id).setForce(true));
    assertEquals("", status(FIRST, id));
  }

  @Test
  void renewInTheSecondRegion() throws Exception {
    var before = subscription();
    var request = new RenewInstanceRequest().setInstanceId(before.getInstanceId()).setPeriod(1).setPeriodUnit("Month")
        .setClientToken(UUID.randomUUID().toString());
    var order = client.renewInstance(request).getBody().getOrderId();
    assertFalse(order.isEmpty());
    assertEquals(order, client.renewInstance(request).getBody().getOrderId(), "the same token is the same order");
    assertTrue(subscription().getExpiredTime().compareTo(before.getExpiredTime()) > 0);
  }

  @Test
  void autoRenew() throws Exception {
    var id = subscription().getInstanceId();
    client.modifyInstanceAutoRenewAttribute(new ModifyInstanceAutoRenewAttributeRequest().setRegionId(SECOND).setInstanceId(id)
        .setRenewalStatus("AutoRenewal").setDuration(2).setPeriodUnit("Month"));
    var setting = client.describeInstanceAutoRenewAttribute(
            new DescribeInstanceAutoRenewAttributeRequest().setRegionId(SECOND).setInstanceId(id))
        .getBody().getInstanceRenewAttributes().getInstanceRenewAttribute().get(0);
    assertEquals("AutoRenewal 2 Month", setting.getRenewalStatus() + " " + setting.getDuration() + " " + setting.getPeriodUnit());
  }

  @Test
  void tags() throws Exception {
    var id = subscription().getInstanceId();
    client.tagResources(new TagResourcesRequest().setRegionId(SECOND).setResourceType("instance").setResourceId(List.of(id))
        .setTag(List.of(new TagResourcesRequest.TagResourcesRequestTag().setKey("team").setValue(TAG))));
    var tag = client.listTagResources(
            new ListTagResourcesRequest().setRegionId(SECOND).setResourceType("instance").setResourceId(List.of(id)))
        .getBody().getTagResources().getTagResource().get(0);
    assertEquals("team=" + TAG, tag.getTagKey() + "=" + tag.getTagValue());
    var tagged = instances(new DescribeInstancesRequest().setRegionId(SECOND)
        .setTag(List.of(new DescribeInstancesRequest.DescribeInstancesRequestTag().setKey("team").setValue(TAG))));
    assertEquals(List.of(id), tagged.stream().map(DescribeInstancesResponseBodyInstancesInstance::getInstanceId).toList());
  }

  @Test
  void types() throws Exception {
    var types = client.describeInstanceTypes(new DescribeInstanceTypesRequest().setInstanceTypeFamily("ecs.g7"))
        .getBody().getInstanceTypes().getInstanceType();
    var large = types.stream().filter(t -> t.getInstanceTypeId().equals("ecs.g7.large")).findFirst().orElseThrow();
    assertEquals(2, large.getCpuCoreCount());
    assertEquals(8, large.getMemorySize());
  }

  @Test
  void spotPrice() throws Exception {
    var prices = client.describeSpotPriceHistory(new DescribeSpotPriceHistoryRequest().setRegionId(SECOND)
        .setNetworkType("vpc").setInstanceType("ecs.g7.large")).getBody().getSpotPrices().getSpotPriceType();
    assertFalse(prices.isEmpty());
    assertTrue(prices.stream().allMatch(p -> p.getSpotPrice() > 0 && p.getSpotPrice() <= p.getOriginPrice()));
  }

  @Test
  void error() {
    var refused = assertThrows(TeaException.class,
        () -> client.renewInstance(new RenewInstanceRequest().setInstanceId("i-unknown").setPeriod(1)));
    assertEquals("InvalidInstanceId.NotFound", refused.getCode());
    assertEquals(404, refused.getStatusCode());
    assertTrue(refused.getMessage().contains("does not exist"), refused.getMessage());
  }
}
