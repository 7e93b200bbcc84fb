package io.ecsd.client;

import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** Publishes a watch per subscriber. */
final class WatchPublisher<E> implements Flow.Publisher<E> {
  private final Supplier<Watch<E>> create;

  WatchPublisher(Supplier<Watch<E>> create) {
    this.create = create;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super E> subscriber) {
    Watch<E> watch = create.get();
    Semaphore requested = new Semaphore(0);
    Thread thread = new Thread(() -> {
      try {
        for (requested.acquire(); watch.hasNext(); requested.acquire()) {
          subscriber.onNext(watch.next());
        }
        subscriber.onComplete();
      } catch (InterruptedException cancelled) {
        Thread.currentThread().interrupt();
      } catch (EcsdException e) {
        if (!Thread.currentThread().isInterrupted()) {
          subscriber.onError(e);
        }
      } finally {
        watch.close();
      }
    }, "ecsd-watch");
    thread.setDaemon(true);
    subscriber.onSubscribe(new Flow.Subscription() {
      @Override
      public void request(long n) {
        if (n <= 0) {
          cancel();
          subscriber.onError(new IllegalArgumentException("request " + n + " events: want 1 or more"));
          return;
        }
        requested.release((int) Math.min(n, Integer.MAX_VALUE - requested.availablePermits()));
      }

      @Override
      public void cancel() {
        thread.interrupt();
        watch.close();
      }
    });
    thread.start();
  }
}
