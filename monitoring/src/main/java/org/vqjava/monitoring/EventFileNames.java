/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Stream;

/** Names of event files, as TensorFlow gives them: TensorBoard looks for the word "tfevents". */
final class EventFileNames {
  private EventFileNames() {}

  /** {@code events.out.tfevents.<seconds>.<host>.<pid>.<number>}. */
  static Path path(Path runDirectory, Instant start, int number) {
    return runDirectory.resolve(
        String.format(
            Locale.ROOT,
            "events.out.tfevents.%010d.%s.%d.%d",
            start.getEpochSecond(),
            Host.NAME,
            ProcessHandle.current().pid(),
            number));
  }

  /** {@code host} with what a file system may refuse replaced. */
  static String fileNamePart(String host) {
    return host.replaceAll("[^A-Za-z0-9._-]", "-");
  }

  /** Asked for once, as a look-up on the network may be slow. */
  private static final class Host {
    static final String NAME = fileNamePart(name());

    private static String name() {
      return Stream.of("HOSTNAME", "COMPUTERNAME")
          .map(System.getenv()::get)
          .filter(name -> name != null && !name.isBlank())
          .findFirst()
          .orElseGet(Host::lookUp);
    }

    private static String lookUp() {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "localhost"; // a machine without a name: the process and the number still tell apart
      }
    }
  }
}
