package io.ecsd.client;

/**
 * An event of {@link EcsdClient#watchRenewalJob}: a {@link RenewalJobChanged} or {@link Interrupted}. Ignore unknown classes.
 */
public interface RenewalJobEvent {}
