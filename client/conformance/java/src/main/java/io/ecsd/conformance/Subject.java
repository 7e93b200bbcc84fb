package io.ecsd.conformance;

import com.google.protobuf.Message;
import io.ecsd.client.EcsdClient;
import io.ecsd.client.EcsdException;
import io.ecsd.conformance.v1.Command;
import io.ecsd.conformance.v1.Done;
import io.ecsd.conformance.v1.Event;
import io.ecsd.conformance.v1.Failure;
import io.ecsd.conformance.v1.Response;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Offers the Java client to the conformance runner: commands on standard input, events on standard output. */
public final class Subject {
  private final DataOutputStream output;
  private final ExecutorService work = Executors.newCachedThreadPool();
  final Map<Long, EcsdClient> clients = new ConcurrentHashMap<>();
  /** End commands, by ID: a caller interrupts a call, and closes a watch. */
  final Map<Long, Runnable> cancels = new ConcurrentHashMap<>();
  final Map<Long, Semaphore> credits = new ConcurrentHashMap<>();

  private Subject(DataOutputStream output) {
    this.output = output;
  }

  public static void main(String[] args) throws Exception {
    DataOutputStream output = new DataOutputStream(new java.io.BufferedOutputStream(System.out));
    java.util.logging.Logger.getLogger("io.grpc").setLevel(java.util.logging.Level.SEVERE);
    System.setOut(new PrintStream(System.err)); // nothing else may be written there
    new Subject(output).serve(new DataInputStream(new java.io.BufferedInputStream(System.in)));
  }

  private void serve(DataInputStream input) throws Exception {
    while (true) {
      byte[] body;
      try {
        body = new byte[input.readInt()];
      } catch (EOFException end) {
        break;
      }
      input.readFully(body);
      begin(Command.parseFrom(body));
    }
    cancels.values().forEach(Runnable::run);
    clients.values().forEach(EcsdClient::close);
    work.shutdown();
    System.exit(work.awaitTermination(8, TimeUnit.SECONDS) ? 0 : 1);
  }

  /** Sends an event. */
  synchronized void write(Event event) {
    try {
      byte[] body = event.toByteArray();
      output.writeInt(body.length);
      output.write(body);
      output.flush();
    } catch (IOException e) {
      System.exit(1); // the runner is gone
    }
  }

  /** Starts a command. Connect, Credit and Cancel take effect before the next command is read. */
  private void begin(Command command) {
    long id = command.getId();
    switch (command.getCommandCase()) {
      case CREDIT:
        Semaphore credit = credits.get(command.getCredit().getWatch());
        if (credit != null) {
          credit.release(command.getCredit().getCount());
        }
        return;
      case CANCEL:
        Runnable cancel = cancels.get(command.getCancel().getTarget());
        if (cancel != null) {
          cancel.run();
        }
        return;
      case CONNECT:
        run(command);
        return;
      default:
        credits.put(id, new Semaphore(command.getWatch().getCredit()));
        FutureTask<Void> task = new FutureTask<>(() -> run(command), null);
        cancels.put(id, () -> task.cancel(true));
        work.execute(task);
    }
  }

  private void run(Command command) {
    long id = command.getId();
    Event.Builder end;
    try {
      end = new Operation(this, id).run(command);
    } catch (Exception e) {
      end = Event.newBuilder().setFailure(failure(e));
    }
    Thread.interrupted(); // a late cancel
    write(end.setId(id).build());
    cancels.remove(id);
    credits.remove(id);
  }

  EcsdClient client(long id) {
    return clients.get(id);
  }

  static Event.Builder done() {
    return Event.newBuilder().setDone(Done.getDefaultInstance());
  }

  static Event.Builder response(Message message) {
    return Event.newBuilder().setResponse(Response.newBuilder().setMessage(message.toByteString()));
  }

  /** Reports an error as the client's exception has it. */
  private static Failure failure(Exception error) {
    EcsdException e = EcsdException.of(error);
    Failure.Builder f = Failure.newBuilder().setCode(e.getCode().name()).setReason(e.getReasonName()).setMessage(e.getMessage())
        .setRetryable(e.isRetryable()).setRequestId(e.getRequestId()).putAllMetadata(e.getMetadata());
    if (e.getRetryDelay() != null) {
      f.setRetryAfterMs((int) e.getRetryDelay().toMillis());
    }
    e.getFieldViolations().forEach(v -> f.addFields(v.getField()));
    return f.build();
  }
}
