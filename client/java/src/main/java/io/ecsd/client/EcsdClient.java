package io.ecsd.client;

import com.google.protobuf.Message;
import io.ecsd.v1.AccessServiceGrpc;
import io.ecsd.v1.AuditRecord;
import io.ecsd.v1.CatalogServiceGrpc;
import io.ecsd.v1.CreateRenewalJobRequest;
import io.ecsd.v1.Disk;
import io.ecsd.v1.DiskServiceGrpc;
import io.ecsd.v1.ExpiringInstance;
import io.ecsd.v1.GetRenewalJobRequest;
import io.ecsd.v1.Instance;
import io.ecsd.v1.InstanceChange;
import io.ecsd.v1.InstanceModification;
import io.ecsd.v1.InstanceResult;
import io.ecsd.v1.InstanceServiceGrpc;
import io.ecsd.v1.InstanceType;
import io.ecsd.v1.InstanceTypeStock;
import io.ecsd.v1.ListAuditRecordsRequest;
import io.ecsd.v1.ListAuditRecordsResponse;
import io.ecsd.v1.ListChangesRequest;
import io.ecsd.v1.ListChangesResponse;
import io.ecsd.v1.ListDisksRequest;
import io.ecsd.v1.ListDisksResponse;
import io.ecsd.v1.ListExpiringInstancesRequest;
import io.ecsd.v1.ListExpiringInstancesResponse;
import io.ecsd.v1.ListInstanceTypesRequest;
import io.ecsd.v1.ListInstanceTypesResponse;
import io.ecsd.v1.ListInstancesRequest;
import io.ecsd.v1.ListInstancesResponse;
import io.ecsd.v1.ListModificationsRequest;
import io.ecsd.v1.ListModificationsResponse;
import io.ecsd.v1.ListRegionsRequest;
import io.ecsd.v1.ListRegionsResponse;
import io.ecsd.v1.ListRenewalJobsRequest;
import io.ecsd.v1.ListRenewalJobsResponse;
import io.ecsd.v1.ListRenewalsRequest;
import io.ecsd.v1.ListRenewalsResponse;
import io.ecsd.v1.ListSnapshotsRequest;
import io.ecsd.v1.ListSnapshotsResponse;
import io.ecsd.v1.ListSpotAdviceRequest;
import io.ecsd.v1.ListSpotAdviceResponse;
import io.ecsd.v1.ListSpotPricesRequest;
import io.ecsd.v1.ListSpotPricesResponse;
import io.ecsd.v1.ListSpotZonesRequest;
import io.ecsd.v1.ListSpotZonesResponse;
import io.ecsd.v1.ListStockRequest;
import io.ecsd.v1.ListStockResponse;
import io.ecsd.v1.ListZonesRequest;
import io.ecsd.v1.ListZonesResponse;
import io.ecsd.v1.Region;
import io.ecsd.v1.RenewInstanceRequest;
import io.ecsd.v1.Renewal;
import io.ecsd.v1.RenewalJob;
import io.ecsd.v1.RenewalServiceGrpc;
import io.ecsd.v1.SpotAdvice;
import io.ecsd.v1.SpotPrices;
import io.ecsd.v1.SpotServiceGrpc;
import io.ecsd.v1.SpotZone;
import io.ecsd.v1.WaitInstancesRequest;
import io.ecsd.v1.WatchInstancesRequest;
import io.ecsd.v1.WatchReclaimsRequest;
import io.ecsd.v1.WatchReleaseJobRequest;
import io.ecsd.v1.WatchReleaseJobResponse;
import io.ecsd.v1.WatchRenewalJobRequest;
import io.ecsd.v1.WatchRenewalJobResponse;
import io.ecsd.v1.Zone;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * A connection to ecsd. It is safe for concurrent use; a program needs one per server, or one for several servers that share
 * a database.
 *
 * <pre>{@code
 * try (EcsdClient client = EcsdClient.builder("ecsd.example.com:443").caller("billing").build()) {
 *   Instance i = client.instances().getInstance(GetInstanceRequest.newBuilder().setInstanceId(id).build()).getInstance();
 * }
 * }</pre>
 *
 * <p>Calls have the deadline of their stub, or one minute. A read, and a call with a request_id, is retried if the server is
 * unreachable or asks for a retry: up to four attempts within the deadline. A request that takes a request_id and has none
 * gets one; {@link #ensureRequestId} sets it before the call. No other call is retried.
 */
public final class EcsdClient implements AutoCloseable {
  /** Fits the 1,000 instances of one BatchGetInstances; gRPC's default of 4 MiB may not. */
  private static final int LARGEST_RESPONSE = 64 << 20;

  private final Connection connection;
  private final Channel channel;

  private EcsdClient(Connection connection, Channel channel) {
    this.connection = connection;
    this.channel = channel;
  }

  /**
   * Returns the settings of a client for a server. The target is host:port, or any target that gRPC resolves, such as
   * "dns:///ecsd.example.com:443"; calls go to all its addresses in turn.
   *
   * @param target the address
   * @return the settings
   */
  public static Builder builder(String target) {
    return new Builder(target);
  }

  /**
   * Returns the service that reads, launches, starts, stops, changes and releases instances.
   *
   * @return the blocking stub
   */
  public InstanceServiceGrpc.InstanceServiceBlockingStub instances() {
    return InstanceServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Returns the service that finds, prices and renews expiring instances.
   *
   * @return the blocking stub
   */
  public RenewalServiceGrpc.RenewalServiceBlockingStub renewals() {
    return RenewalServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Returns the service that has spot prices and reclaims.
   *
   * @return the blocking stub
   */
  public SpotServiceGrpc.SpotServiceBlockingStub spot() {
    return SpotServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Returns the service that reads disks, and reads and creates snapshots.
   *
   * @return the blocking stub
   */
  public DiskServiceGrpc.DiskServiceBlockingStub disks() {
    return DiskServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Returns the service that has the cloud's offers: regions, zones, types, stock.
   *
   * @return the blocking stub
   */
  public CatalogServiceGrpc.CatalogServiceBlockingStub catalog() {
    return CatalogServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Returns the service that shows and limits what callers spend, and lists the audit.
   *
   * @return the blocking stub
   */
  public AccessServiceGrpc.AccessServiceBlockingStub access() {
    return AccessServiceGrpc.newBlockingStub(channel);
  }

  /**
   * Returns the channel, for other kinds of stubs and for services outside the contract. Its calls are retried too.
   *
   * @return the channel
   */
  public Channel channel() {
    return channel;
  }

  /**
   * Returns a request that has a request_id: the same one if it has one already, or no such field. Call it to store the
   * request_id before the request is sent.
   *
   * @param <M> the type of the request
   * @param request the request
   * @return the request with a request_id
   */
  public static <M extends Message> M ensureRequestId(M request) {
    String id = RetryInterceptor.requestId(request);
    return id != null && id.isEmpty() ? RetryInterceptor.withRequestId(request) : request;
  }

  /**
   * Iterates over the instances that match.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<Instance> listInstances(ListInstancesRequest request) {
    return () -> new Pages<>(request, instances()::listInstances, ListInstancesResponse::getInstancesList);
  }

  /**
   * Iterates over the recorded changes of instances, oldest first, up to now.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<InstanceChange> listChanges(ListChangesRequest request) {
    return () -> new Pages<>(request, instances()::listChanges, ListChangesResponse::getChangesList);
  }

  /**
   * Iterates over the stored modifications, newest first.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<InstanceModification> listModifications(ListModificationsRequest request) {
    return () -> new Pages<>(request, instances()::listModifications, ListModificationsResponse::getModificationsList);
  }

  /**
   * Iterates over the subscriptions that expire in a window of time.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<ExpiringInstance> listExpiringInstances(ListExpiringInstancesRequest request) {
    return () -> new Pages<>(request, renewals()::listExpiringInstances, ListExpiringInstancesResponse::getExpiringInstancesList);
  }

  /**
   * Iterates over renewal jobs, newest first.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<RenewalJob> listRenewalJobs(ListRenewalJobsRequest request) {
    return () -> new Pages<>(request, renewals()::listRenewalJobs, ListRenewalJobsResponse::getJobsList);
  }

  /**
   * Iterates over renewals with their attempts, newest first.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<Renewal> listRenewals(ListRenewalsRequest request) {
    return () -> new Pages<>(request, renewals()::listRenewals, ListRenewalsResponse::getRenewalsList);
  }

  /**
   * Iterates over the disks that match.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<Disk> listDisks(ListDisksRequest request) {
    return () -> new Pages<>(request, disks()::listDisks, ListDisksResponse::getDisksList);
  }

  /**
   * Iterates over the snapshots that match.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<io.ecsd.v1.Snapshot> listSnapshots(ListSnapshotsRequest request) {
    return () -> new Pages<>(request, disks()::listSnapshots, ListSnapshotsResponse::getSnapshotsList);
  }

  /**
   * Iterates over the instance types that the cloud sells.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<InstanceType> listInstanceTypes(ListInstanceTypesRequest request) {
    return () -> new Pages<>(request, catalog()::listInstanceTypes, ListInstanceTypesResponse::getInstanceTypesList);
  }

  /**
   * Iterates over the regions of the cloud.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<Region> listRegions(ListRegionsRequest request) {
    return () -> new Pages<>(request, catalog()::listRegions, ListRegionsResponse::getRegionsList);
  }

  /**
   * Iterates over the zones of a region.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<Zone> listZones(ListZonesRequest request) {
    return () -> new Pages<>(request, catalog()::listZones, ListZonesResponse::getZonesList);
  }

  /**
   * Iterates over the instance types that can be bought now, per zone.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<InstanceTypeStock> listStock(ListStockRequest request) {
    return () -> new Pages<>(request, catalog()::listStock, ListStockResponse::getStockList);
  }

  /**
   * Iterates over the zones that sell spot instances.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<SpotZone> listSpotZones(ListSpotZonesRequest request) {
    return () -> new Pages<>(request, spot()::listSpotZones, ListSpotZonesResponse::getZonesList);
  }

  /**
   * Iterates over the zones with their spot prices of an instance type.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<SpotPrices> listSpotPrices(ListSpotPricesRequest request) {
    return () -> new Pages<>(request, spot()::listSpotPrices, ListSpotPricesResponse::getZonesList);
  }

  /**
   * Iterates over the cloud's advice about spot instances.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<SpotAdvice> listSpotAdvice(ListSpotAdviceRequest request) {
    return () -> new Pages<>(request, spot()::listSpotAdvice, ListSpotAdviceResponse::getAdviceList);
  }

  /**
   * Iterates over the records of the audit.
   *
   * @param request the request
   * @return the items of all pages
   */
  public Iterable<AuditRecord> listAuditRecords(ListAuditRecordsRequest request) {
    return () -> new Pages<>(request, access()::listAuditRecords, ListAuditRecordsResponse::getRecordsList);
  }

  /**
   * Watches instances: a {@link Snapshot} per matching instance and a {@link Checkpoint}, then {@link Changed} and {@link
   * Removed} with a checkpoint after each batch and at least once per heartbeat. It survives lost connections ({@link
   * Interrupted}) and expired history ({@link Restarted}, and then the difference to what was reported).
   *
   * <p>A request with the resume_token of an earlier checkpoint resumes after it, without a snapshot. Such a watch ends with
   * the error of the server if it cannot resume; start again without the token then.
   *
   * @param request the request
   * @return the watch; close it
   */
  public Watch<InstanceEvent> watchInstances(WatchInstancesRequest request) {
    return new Watch<>(connection, "watch instances",
        token -> new MessageStream<>(channel, InstanceServiceGrpc.getWatchInstancesMethod(), request.toBuilder().setResumeToken(token).build()),
        new InstanceTracker(request.getResumeToken()), request.getResumeToken(),
        request.hasHeartbeatInterval() ? Values.duration(request.getHeartbeatInterval()) : null, false);
  }

  /**
   * Watches the spot instances that the cloud will reclaim: a {@link ReclaimNotice} for each announced reclaim and a
   * checkpoint, then new ones, and for each the outcome ({@link ReclaimEnded}). It continues like {@link #watchInstances}.
   *
   * @param request the request
   * @return the watch; close it
   */
  public Watch<ReclaimEvent> watchReclaims(WatchReclaimsRequest request) {
    return new Watch<>(connection, "watch reclaims",
        token -> new MessageStream<>(channel, SpotServiceGrpc.getWatchReclaimsMethod(), request.toBuilder().setResumeToken(token).build()),
        new ReclaimTracker(request.getResumeToken()), request.getResumeToken(),
        request.hasHeartbeatInterval() ? Values.duration(request.getHeartbeatInterval()) : null, false);
  }

  /**
   * Watches a renewal job until it has ended. After a lost connection a renewal may be reported again.
   *
   * @param request the request
   * @return the watch; close it
   */
  public Watch<RenewalJobEvent> watchRenewalJob(WatchRenewalJobRequest request) {
    return new Watch<RenewalJobEvent>(connection, "watch renewal job",
        token -> new MessageStream<>(channel, RenewalServiceGrpc.getWatchRenewalJobMethod(), request.toBuilder().setResumeToken(token).build()),
        new JobTracker<>(request.getResumeToken(),
            (WatchRenewalJobResponse m) -> new RenewalJobChanged(m.getJob(), m.getRenewalsList(), m.getResumeToken()),
            WatchRenewalJobResponse::getJob, m -> m.getRenewalsCount() > 0, WatchRenewalJobResponse::getResumeToken, Interrupted::new),
        request.getResumeToken(), request.hasHeartbeatInterval() ? Values.duration(request.getHeartbeatInterval()) : null, true);
  }

  /**
   * Watches a release job until it has ended, like {@link #watchRenewalJob}.
   *
   * @param request the request
   * @return the watch; close it
   */
  public Watch<ReleaseJobEvent> watchReleaseJob(WatchReleaseJobRequest request) {
    return new Watch<ReleaseJobEvent>(connection, "watch release job",
        token -> new MessageStream<>(channel, InstanceServiceGrpc.getWatchReleaseJobMethod(), request.toBuilder().setResumeToken(token).build()),
        new JobTracker<>(request.getResumeToken(),
            (WatchReleaseJobResponse m) -> new ReleaseJobChanged(m.getJob(), m.getItemsList(), m.getResumeToken()),
            WatchReleaseJobResponse::getJob, m -> m.getItemsCount() > 0, WatchReleaseJobResponse::getResumeToken, Interrupted::new),
        request.getResumeToken(), request.hasHeartbeatInterval() ? Values.duration(request.getHeartbeatInterval()) : null, true);
  }

  /**
   * Returns a publisher of a watch. Each subscriber gets its own watch in its own thread, which reads an event when the
   * subscriber requests one.
   *
   * @param <E> the events
   * @param watch creates the watch, such as {@code () -> client.watchInstances(request)}
   * @return the publisher
   */
  public static <E> Flow.Publisher<E> publisher(Supplier<Watch<E>> watch) {
    return new WatchPublisher<>(watch);
  }

  /**
   * Waits until each of up to 1,000 instances of a region has a status, or can no longer reach it, across failures of the
   * server and the network.
   *
   * @param request the request
   * @param timeout the longest wait, null for none
   * @return one result per ID, in request order
   * @throws EcsdException DEADLINE_EXCEEDED after the timeout; other errors that a retry cannot fix
   */
  public List<InstanceResult> waitInstances(WaitInstancesRequest request, Duration timeout) {
    return new Persistent(connection, timeout).waitFor(request, instances());
  }

  /**
   * Renews one instance and returns the renewal in its final state: check whether it is RENEWED, UNVERIFIED, FAILED, SKIPPED
   * or NEEDS_ATTENTION. While the server is unreachable it retries with the same request_id; the server pays at most once.
   *
   * @param request the request
   * @param timeout the longest time, null for none
   * @param report receives a report before the request is sent, and one at the end; may be null
   * @return the renewal
   * @throws EcsdException if it failed; it has the request_id, with which a later call returns the outcome
   */
  public Renewal renew(RenewInstanceRequest request, Duration timeout, Consumer<RenewalProgress> report) {
    RenewInstanceRequest sent = request.getValidateOnly() ? request : ensureRequestId(request);
    Consumer<RenewalProgress> to = report == null ? p -> {} : report;
    to.accept(new RenewalProgress(sent.getRequestId(), null));
    Renewal renewal = new Persistent(connection, timeout)
        .call("renew " + sent.getInstanceId(), sent.getRequestId(), renewals(), stub -> stub.renewInstance(sent)).getRenewal();
    to.accept(new RenewalProgress(sent.getRequestId(), renewal));
    return renewal;
  }

  /**
   * Creates a renewal job, follows it, and returns it when it has ended; check its state. It continues across failures with
   * the same request_id. After the timeout the job continues in the server: CancelRenewalJob ends it.
   *
   * @param request the request
   * @param timeout the longest time, null for none
   * @param report receives a report before the request is sent, and one per change; may be null
   * @return the job
   * @throws EcsdException if it failed; it has the request_id, with which a later call returns the job
   */
  public RenewalJob renewJob(CreateRenewalJobRequest request, Duration timeout, Consumer<JobProgress> report) {
    CreateRenewalJobRequest sent = request.getValidateOnly() ? request : ensureRequestId(request);
    String id = sent.getRequestId();
    Consumer<JobProgress> to = report == null ? p -> {} : report;
    to.accept(new JobProgress(id, null, List.of(), 0, 0));
    Persistent calls = new Persistent(connection, timeout);
    RenewalJob job = calls.call("create the renewal job", id, renewals(), stub -> stub.createRenewalJob(sent)).getJob();
    if (sent.getValidateOnly()) {
      return job;
    }
    String jobId = job.getJobId();
    try (Watch<RenewalJobEvent> watch = watchRenewalJob(WatchRenewalJobRequest.newBuilder().setJobId(jobId).build())) {
      calls.limit(watch, "follow the renewal job " + jobId, id, event -> {
        if (event instanceof RenewalJobChanged) {
          to.accept(Persistent.progress(id, (RenewalJobChanged) event));
        }
      });
    }
    return calls.call("read the renewal job " + jobId, id, renewals(),
        stub -> stub.getRenewalJob(GetRenewalJobRequest.newBuilder().setJobId(jobId).build())).getJob();
  }

  /** Closes the connection. Every call and watch on it ends with CANCELLED or UNAVAILABLE. */
  @Override
  public void close() {
    connection.close();
  }

  /** The settings of a client. */
  public static final class Builder {
    private final String target;
    private String caller;
    private boolean plaintext;
    private File authorities;
    private File certificate;
    private File key;
    private Supplier<String> tokens;
    private Duration timeout = Duration.ofMinutes(1);
    private Backoff.Bounds backoff = new Backoff.Bounds(Duration.ofMillis(100), Duration.ofSeconds(10));
    private final Metadata headers = new Metadata();

    private Builder(String target) {
      if (target == null || target.isEmpty()) {
        throw new IllegalArgumentException("the target is empty; it is host:port, such as ecsd.example.com:443");
      }
      this.target = target;
    }

    /**
     * Sets the name of the calling program. The server logs it, and each name gets a fair share of the cloud's rate limit and
     * of the watches. With a credential the server uses the verified name instead.
     *
     * @param name 1 to 64 letters, digits and . _ - : / @ +
     * @return this
     */
    public Builder caller(String name) {
      if (!name.matches("[A-Za-z0-9._:/@+-]{1,64}")) {
        throw new IllegalArgumentException("the caller name \"" + name + "\" must be 1 to 64 letters, digits and . _ - : / @ +");
      }
      this.caller = name;
      return this;
    }

    /**
     * Disables TLS, for a server at localhost or behind a proxy that terminates TLS.
     *
     * @return this
     */
    public Builder plaintext() {
      this.plaintext = true;
      return this;
    }

    /**
     * Sets the authorities that sign the certificate of the server. The default are those of the JVM.
     *
     * @param pem the file with their certificates
     * @return this
     */
    public Builder authorities(File pem) {
      this.authorities = pem;
      return this;
    }

    /**
     * Sets the certificate by which the client identifies itself (mTLS).
     *
     * @param pem the file with the certificate and its chain
     * @param key the file with its key, PKCS#8
     * @return this
     */
    public Builder certificate(File pem, File key) {
      this.certificate = pem;
      this.key = key;
      return this;
    }

    /**
     * Sets the token by which the client identifies itself.
     *
     * @param token the token
     * @return this
     */
    public Builder token(String token) {
      return token(() -> token);
    }

    /**
     * Sets the function that returns the token by which the client identifies itself. It is called for the first call, and
     * again when the server no longer accepts the token: at most once per second for all calls.
     *
     * @param source the function
     * @return this
     */
    public Builder token(Supplier<String> source) {
      this.tokens = source;
      return this;
    }

    /**
     * Sets the deadline of unary calls whose stub has none. The default is one minute; zero sets none. Watches have none.
     *
     * @param timeout the deadline
     * @return this
     */
    public Builder timeout(Duration timeout) {
      if (timeout.isNegative()) {
        throw new IllegalArgumentException("the timeout must not be below 0; got " + timeout);
      }
      this.timeout = timeout;
      return this;
    }

    /**
     * Sets the delay after a failure, of calls and of watches: a random delay between base and a limit that starts at twice
     * base and doubles per failure up to most. The delay that the server asks for replaces it. The defaults are 0.1 s and
     * 10 s.
     *
     * @param base the shortest delay
     * @param most the largest limit
     * @return this
     */
    public Builder backoff(Duration base, Duration most) {
      if (base.isZero() || base.isNegative() || most.compareTo(base) < 0) {
        throw new IllegalArgumentException("the back-off must have a base above 0 and a most that is not below it; got " + base + " and " + most);
      }
      this.backoff = new Backoff.Bounds(base, most);
      return this;
    }

    /**
     * Adds a header to every call, such as one that a proxy wants.
     *
     * @param name the name
     * @param value the value
     * @return this
     */
    public Builder header(String name, String value) {
      headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
      return this;
    }

    /**
     * Returns the client. It sends nothing, so it does not detect an unreachable server: the calls then fail.
     *
     * @return the client; close it
     * @throws IllegalArgumentException if a setting is invalid, or a file cannot be read
     */
    public EcsdClient build() {
      if (plaintext && (authorities != null || certificate != null)) {
        throw new IllegalArgumentException("plaintext() excludes authorities() and certificate()");
      }
      NettyChannelBuilder builder = NettyChannelBuilder.forTarget(target)
          .userAgent("ecsd-java").disableRetry().maxInboundMessageSize(LARGEST_RESPONSE).defaultLoadBalancingPolicy("round_robin")
          .keepAliveTime(15, TimeUnit.SECONDS).keepAliveTimeout(5, TimeUnit.SECONDS).keepAliveWithoutCalls(true)
          .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 3000);
      if (plaintext) {
        builder.usePlaintext();
      } else if (authorities != null || certificate != null) {
        builder.sslContext(ssl());
      }
      ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "ecsd-client-timer");
        thread.setDaemon(true);
        return thread;
      });
      timer.setRemoveOnCancelPolicy(true);
      ManagedChannel managed = builder.build();
      Connection connection = new Connection(target, plaintext, managed, backoff, timeout, tokens == null ? null : new Tokens(tokens), timer);
      Channel channel = ClientInterceptors.intercept(managed, new HeaderInterceptor(caller, connection.tokens, headers));
      return new EcsdClient(connection, ClientInterceptors.intercept(channel, new RetryInterceptor(connection)));
    }

    private io.grpc.netty.shaded.io.netty.handler.ssl.SslContext ssl() {
      try {
        SslContextBuilder context = GrpcSslContexts.forClient();
        if (authorities != null) {
          context.trustManager(authorities);
        }
        if (certificate != null) {
          context.keyManager(certificate, key);
        }
        return context.build();
      } catch (SSLException e) {
        throw new IllegalArgumentException("the TLS settings are invalid: " + e.getMessage(), e);
      }
    }
  }
}
