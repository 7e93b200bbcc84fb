package io.ecsd.conformance;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.ecsd.client.EcsdClient;
import io.ecsd.client.Values;
import io.ecsd.client.Watch;
import io.ecsd.conformance.v1.Call;
import io.ecsd.conformance.v1.Command;
import io.ecsd.conformance.v1.Connect;
import io.ecsd.conformance.v1.Convert;
import io.ecsd.conformance.v1.Event;
import io.ecsd.conformance.v1.Items;
import io.ecsd.conformance.v1.Measure;
import io.ecsd.conformance.v1.Observed;
import io.ecsd.conformance.v1.Progress;
import io.ecsd.conformance.v1.Value;
import io.ecsd.v1.CreateRenewalJobRequest;
import io.ecsd.v1.GetInstanceRequest;
import io.ecsd.v1.InstanceServiceGrpc;
import io.ecsd.v1.InstanceServiceGrpc.InstanceServiceBlockingStub;
import io.ecsd.v1.Money;
import io.ecsd.v1.RenewInstanceRequest;
import io.ecsd.v1.WaitInstancesRequest;
import io.ecsd.v1.WaitInstancesResponse;
import io.ecsd.v1.WatchInstancesRequest;
import io.ecsd.v1.WatchReclaimsRequest;
import io.ecsd.v1.WatchReleaseJobRequest;
import io.ecsd.v1.WatchRenewalJobRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.AbstractBlockingStub;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One command. */
final class Operation {
  private final Subject subject;
  private final long id;

  Operation(Subject subject, long id) {
    this.subject = subject;
    this.id = id;
  }

  /** Runs the command and returns its end. */
  Event.Builder run(Command c) throws Exception {
    switch (c.getCommandCase()) {
      case CONNECT:
        subject.clients.put(id, connect(c.getConnect()));
        return Subject.done();
      case CLOSE:
        subject.client(c.getClose().getClient()).close();
        return Subject.done();
      case CALL:
        return call(c.getCall());
      case LIST:
        return list(c);
      case WATCH:
        return watch(c);
      case WAIT:
        return Subject.response(WaitInstancesResponse.newBuilder().addAllResults(subject.client(c.getWait().getClient())
            .waitInstances(WaitInstancesRequest.parseFrom(c.getWait().getRequest()), limit(c.getWait().getTimeoutMs()))).build());
      case RENEW:
        return Subject.response(subject.client(c.getRenew().getClient()).renew(RenewInstanceRequest.parseFrom(c.getRenew().getRequest()),
            limit(c.getRenew().getTimeoutMs()),
            p -> report(Progress.newBuilder().setRequestId(p.getRequestId())
                .setState(p.getRenewal() == null ? 0 : p.getRenewal().getStateValue()))));
      case RENEW_JOB:
        return Subject.response(subject.client(c.getRenewJob().getClient()).renewJob(
            CreateRenewalJobRequest.parseFrom(c.getRenewJob().getRequest()), limit(c.getRenewJob().getTimeoutMs()), p -> {
              Progress.Builder progress = Progress.newBuilder().setRequestId(p.getRequestId()).setTotal(p.getTotal()).setEnded(p.getEnded());
              if (p.getJob() != null) {
                progress.setJobId(p.getJob().getJobId()).setState(p.getJob().getStateValue());
              }
              report(progress);
            }));
      case CONVERT:
        return convert(c.getConvert());
      case MEASURE:
        return measure(c.getMeasure());
      default:
        throw new IllegalArgumentException("unknown command " + c.getCommandCase());
    }
  }

  private void report(Progress.Builder progress) {
    subject.write(Event.newBuilder().setId(id).setProgress(progress).build());
  }

  private static Duration limit(int milliseconds) {
    return milliseconds == 0 ? null : Duration.ofMillis(milliseconds);
  }

  private static EcsdClient connect(Connect c) {
    EcsdClient.Builder b = EcsdClient.builder(c.getTarget());
    if (!c.getCaller().isEmpty()) {
      b.caller(c.getCaller());
    }
    if (!c.getTls()) {
      b.plaintext();
    }
    if (!c.getCaFile().isEmpty()) {
      b.authorities(new File(c.getCaFile()));
    }
    if (!c.getCertFile().isEmpty()) {
      b.certificate(new File(c.getCertFile()), new File(c.getKeyFile()));
    }
    if (c.getTimeoutMs() > 0) {
      b.timeout(Duration.ofMillis(c.getTimeoutMs()));
    }
    List<String> tokens = c.getTokensList();
    if (tokens.size() == 1) {
      b.token(tokens.get(0));
    } else if (tokens.size() > 1) {
      AtomicInteger asked = new AtomicInteger();
      b.token(() -> tokens.get(Math.min(asked.getAndIncrement(), tokens.size() - 1)));
    }
    return b.build();
  }

  private static Message request(String name, com.google.protobuf.ByteString body) throws Exception {
    return (Message) Class.forName("io.ecsd.v1." + name + "Request").getMethod("parseFrom", com.google.protobuf.ByteString.class)
        .invoke(null, body);
  }

  private AbstractBlockingStub<?> stub(EcsdClient client, String service) {
    switch (service) {
      case "InstanceService":
        return client.instances();
      case "RenewalService":
        return client.renewals();
      case "SpotService":
        return client.spot();
      case "DiskService":
        return client.disks();
      case "CatalogService":
        return client.catalog();
      default:
        throw new IllegalArgumentException("unknown service " + service);
    }
  }

  private static String lower(String name) {
    return name.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + name.substring(1);
  }

  private static Object invoke(Object target, String method, Message request) throws Exception {
    try {
      return target.getClass().getMethod(lower(method), request.getClass()).invoke(target, request);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception) {
        throw (Exception) e.getCause();
      }
      throw e;
    }
  }

  private Event.Builder call(Call c) throws Exception {
    String[] name = c.getMethod().split("\\.");
    Message request = request(name[1], c.getRequest());
    if (c.getReportRequestId()) {
      request = EcsdClient.ensureRequestId(request);
      String made = (String) request.getField(request.getDescriptorForType().findFieldByName("request_id"));
      report(Progress.newBuilder().setRequestId(made));
    }
    AbstractBlockingStub<?> stub = stub(subject.client(c.getClient()), name[0]);
    if (c.getTimeoutMs() > 0) {
      stub = (AbstractBlockingStub<?>) stub.withDeadlineAfter(c.getTimeoutMs(), TimeUnit.MILLISECONDS);
    }
    return Subject.response((Message) invoke(stub, name[1], request));
  }

  private Event.Builder list(Command c) throws Exception {
    String name = c.getList().getMethod().split("\\.")[1];
    Items.Builder items = Items.newBuilder();
    for (Object item : (Iterable<?>) invoke(subject.client(c.getList().getClient()), name, request(name, c.getList().getRequest()))) {
      items.addItems(((Message) item).toByteString());
      if (c.getList().getMost() > 0 && items.getItemsCount() == c.getList().getMost()) {
        break;
      }
    }
    return Event.newBuilder().setItems(items);
  }

  private Event.Builder watch(Command c) throws Exception {
    EcsdClient client = subject.client(c.getWatch().getClient());
    Watch<?> watch;
    switch (c.getWatch().getSubject()) {
      case SUBJECT_INSTANCES:
        watch = client.watchInstances(WatchInstancesRequest.parseFrom(c.getWatch().getRequest()));
        break;
      case SUBJECT_RECLAIMS:
        watch = client.watchReclaims(WatchReclaimsRequest.parseFrom(c.getWatch().getRequest()));
        break;
      case SUBJECT_RENEWAL_JOB:
        watch = client.watchRenewalJob(WatchRenewalJobRequest.parseFrom(c.getWatch().getRequest()));
        break;
      case SUBJECT_RELEASE_JOB:
        watch = client.watchReleaseJob(WatchReleaseJobRequest.parseFrom(c.getWatch().getRequest()));
        break;
      default:
        throw new IllegalArgumentException("unknown watch " + c.getWatch().getSubject());
    }
    Thread reader = Thread.currentThread();
    subject.cancels.put(id, () -> {
      watch.close();
      reader.interrupt(); // it may wait for credit
    });
    long count = 0;
    try (Watch<?> closing = watch) {
      while (true) {
        if (c.getWatch().getCredit() > 0) {
          subject.credits.get(id).acquire();
        }
        if (!closing.hasNext()) {
          return Subject.done();
        }
        Observed.Builder observed = Observation.of(closing.next());
        count++;
        if (c.getWatch().getCountOnly()) {
          if (!observed.getKind().equals("checkpoint")) {
            continue;
          }
          observed.setCount(count);
        }
        subject.write(Event.newBuilder().setId(id).setObserved(observed).build());
      }
    } catch (InterruptedException cancelled) {
      return Subject.done();
    }
  }

  /** Times calls of the bare stub and of the client, which alternate. */
  private Event.Builder measure(Measure m) {
    ManagedChannel channel = ManagedChannelBuilder.forTarget(m.getTarget()).usePlaintext().build();
    InstanceServiceBlockingStub[] stubs = {InstanceServiceGrpc.newBlockingStub(channel), subject.client(m.getClient()).instances()};
    long[][] took = new long[2][m.getCalls()];
    for (int n = -m.getCalls(); n < m.getCalls(); n++) {
      for (int i = 0; i < 2; i++) {
        long began = System.nanoTime();
        stubs[i].getInstance(GetInstanceRequest.newBuilder().setInstanceId("i-1").build());
        if (n >= 0) {
          took[i][n] = System.nanoTime() - began;
        }
      }
    }
    channel.shutdownNow();
    Arrays.sort(took[0]);
    Arrays.sort(took[1]);
    return value(took[0][m.getCalls() / 2] + " " + took[1][m.getCalls() / 2]);
  }

  private static Event.Builder convert(Convert c) throws Exception {
    switch (c.getValueCase()) {
      case TO_MONEY:
        String[] money = c.getToMoney().split(" ");
        return Subject.response(Values.money(money[0], money.length > 1 ? money[1] : ""));
      case FROM_MONEY:
        return value(Values.text(Money.parseFrom(c.getFromMoney())));
      case TO_PERIOD:
        String[] period = c.getToPeriod().split(" ");
        int n = Integer.parseInt(period[0]);
        return Subject.response(period[1].equals("weeks") ? Values.weeks(n) : period[1].equals("months") ? Values.months(n) : Values.years(n));
      case FROM_TIMESTAMP:
        return value(DateTimeFormatter.ISO_INSTANT.format(Values.instant(Timestamp.parseFrom(c.getFromTimestamp()))));
      default:
        throw new IllegalArgumentException("nothing to convert");
    }
  }

  private static Event.Builder value(String text) {
    return Event.newBuilder().setValue(Value.newBuilder().setText(text));
  }
}
