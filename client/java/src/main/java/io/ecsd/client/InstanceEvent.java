package io.ecsd.client;

/**
 * An event of {@link EcsdClient#watchInstances}: a {@link Snapshot}, {@link Changed}, {@link Removed}, {@link Checkpoint},
 * {@link Interrupted} or {@link Restarted}. Ignore unknown classes.
 */
public interface InstanceEvent {}
