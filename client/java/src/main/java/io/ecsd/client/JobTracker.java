package io.ecsd.client;

import com.google.protobuf.Message;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/** Tracks a watch of a job. Each message is a mark. */
final class JobTracker<M, E> implements Tracker<M, E> {
  private final boolean partial;
  private final Function<M, E> event;
  private final Function<M, ? extends Message> job;
  private final Predicate<M> hasItems;
  private final Function<M, String> token;
  private final BiFunction<EcsdException, Duration, E> lost;
  private Message last;

  JobTracker(String from, Function<M, E> event, Function<M, ? extends Message> job, Predicate<M> hasItems, Function<M, String> token,
      BiFunction<EcsdException, Duration, E> lost) {
    this.partial = !from.isEmpty();
    this.event = event;
    this.job = job;
    this.hasItems = hasItems;
    this.token = token;
    this.lost = lost;
  }

  @Override
  public void begin(String from) {}

  @Override
  public boolean restart(EcsdException cause) {
    return !partial;
  }

  @Override
  public E interrupted(EcsdException cause, Duration delay) {
    return lost.apply(cause, delay);
  }

  @Override
  public Marked<E> take(M m) {
    Message now = job.apply(m);
    if (!hasItems.test(m) && now.equals(last)) {
      return new Marked<>(List.of(), token.apply(m)); // a heartbeat without news
    }
    last = now;
    return new Marked<>(List.of(event.apply(m)), token.apply(m));
  }
}
