/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where a dashboard is served, and to whom.
 *
 * @param host the address to bind to
 * @param port from 0 to 65535; 0 for one that is free
 * @param token what a browser has to know; needed where {@code host} is not this machine's loopback
 * @param mostListeners how many pages may listen for events at once; one more is told to come later
 * @param metrics what {@code /metrics} gives, in Prometheus' text format, if there is one
 */
public record DashboardOptions(
    InetAddress host,
    int port,
    Optional<String> token,
    int mostListeners,
    Optional<Supplier<String>> metrics) {
  /** The port if none is named. */
  public static final int DEFAULT_PORT = 8700;

  private static final int SHORTEST_TOKEN = 16;
  private static final int LONGEST_TOKEN = 128;
  private static final int LISTENERS = 256;

  /**
   * Checks that nobody is let in by mistake.
   *
   * @param host the address to bind to
   * @param port from 0 to 65535
   * @param token 16 to 128 letters, digits, hyphens and underscores
   * @param mostListeners from 1 to 10,000
   * @param metrics what {@code /metrics} gives
   * @throws IllegalArgumentException if a number is out of range, the token is of another form, or
   *     it is missing where the host is not a loopback address
   */
  public DashboardOptions {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(metrics, "metrics");
    Check.between("port", 0, 65_535, port);
    Check.between("mostListeners", 1, 10_000, mostListeners);
    if (token.isPresent()
        && !token.get().matches("[A-Za-z0-9_-]{" + SHORTEST_TOKEN + "," + LONGEST_TOKEN + "}")) {
      throw new IllegalArgumentException(
          "token must be of "
              + SHORTEST_TOKEN
              + " to "
              + LONGEST_TOKEN
              + " letters, digits, hyphens and underscores, got "
              + token.get().length()
              + " characters");
    }
    if (token.isEmpty() && !host.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "token must be given where others than this machine can connect, got none for "
              + host.getHostAddress());
    }
  }

  /**
   * For this machine alone.
   *
   * @param port from 0 to 65535; 0 for one that is free
   * @return the options
   * @throws IllegalArgumentException if the port is out of range
   */
  public static DashboardOptions onPort(int port) {
    return new DashboardOptions(
        InetAddress.getLoopbackAddress(), port, Optional.empty(), LISTENERS, Optional.empty());
  }

  /**
   * For other machines too.
   *
   * @param address to bind to
   * @param secret what a browser has to know
   * @return the options
   * @throws IllegalArgumentException if the token is too short or of other characters
   */
  public DashboardOptions withHost(InetAddress address, String secret) {
    return new DashboardOptions(address, port, Optional.of(secret), mostListeners, metrics);
  }

  /**
   * With metrics under {@code /metrics}.
   *
   * @param scrape gives them in Prometheus' text format
   * @return the options
   */
  public DashboardOptions withMetrics(Supplier<String> scrape) {
    return new DashboardOptions(host, port, token, mostListeners, Optional.of(scrape));
  }

  /**
   * With another number of listeners.
   *
   * @param most from 1 to 10,000
   * @return the options
   * @throws IllegalArgumentException if it is out of range
   */
  public DashboardOptions withMostListeners(int most) {
    return new DashboardOptions(host, port, token, most, metrics);
  }
}
