package io.ecsd.client;

/**
 * An event of {@link EcsdClient#watchReclaims}: a {@link ReclaimNotice}, {@link ReclaimEnded}, {@link Checkpoint}, {@link
 * Interrupted} or {@link Restarted}. Ignore unknown classes.
 */
public interface ReclaimEvent {}
