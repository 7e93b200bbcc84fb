package io.ecsd.client;

import java.time.Duration;
import java.util.List;

/**
 * Records the messages of one watch, and returns them as events when a mark confirms that they are complete. Messages of a
 * cut stream after its last mark are dropped; the next stream repeats them. One thread uses it.
 */
interface Tracker<M, E> {
  /** What a mark confirms, with the token of the next stream. */
  final class Marked<E> {
    final List<E> events;
    final String token;

    Marked(List<E> events, String token) {
      this.events = events;
      this.token = token;
    }
  }

  /** Is called before the first message of each stream. The token is the position that it resumes from, "" for none. */
  void begin(String token);

  /** Records a message. It returns null unless the message is a mark. */
  Marked<E> take(M message);

  /** Prepares for a stream without a token in the middle of a watch. It returns false if the reported state is unknown. */
  boolean restart(EcsdException cause);

  /** Returns the event of an interruption. */
  E interrupted(EcsdException cause, Duration delay);
}
