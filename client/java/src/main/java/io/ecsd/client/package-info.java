/**
 * The client of ecsd, the service in front of Alibaba Cloud ECS.
 *
 * <p>{@link io.ecsd.client.EcsdClient} has the services of the contract (package {@code io.ecsd.v1}), and what a generated
 * stub does not offer: retries with one request_id, watches that resume, lists over all pages, renewals that are followed to
 * their end, and decoded errors ({@link io.ecsd.client.EcsdException}).
 */
package io.ecsd.client;
