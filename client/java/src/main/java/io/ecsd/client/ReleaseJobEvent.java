package io.ecsd.client;

/**
 * An event of {@link EcsdClient#watchReleaseJob}: a {@link ReleaseJobChanged} or {@link Interrupted}. Ignore unknown classes.
 */
public interface ReleaseJobEvent {}
