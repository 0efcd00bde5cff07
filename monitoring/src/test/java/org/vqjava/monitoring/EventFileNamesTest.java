/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EventFileNamesTest {
  @Test
  void nameIsMadeOfTimeHostProcessAndNumber() {
    Path path = EventFileNames.path(Path.of("runs", "a"), Instant.ofEpochSecond(1_700_000_000), 2);

    assertEquals(Path.of("runs", "a"), path.getParent());
    String name = String.valueOf(path.getFileName());
    String pattern =
        "events\\.out\\.tfevents\\.1700000000\\.[A-Za-z0-9._-]+\\."
            + ProcessHandle.current().pid()
            + "\\.2";
    assertTrue(Pattern.matches(pattern, name), name);
  }

  @Test
  void secondsArePaddedSoThatNamesSortByTime() {
    Path path = EventFileNames.path(Path.of(""), Instant.ofEpochSecond(7), 0);

    assertTrue(path.toString().startsWith("events.out.tfevents.0000000007."), path.toString());
  }

  @Test
  void hostKeepsOnlyWhatEveryFileSystemTakes() {
    assertEquals("node-1.example_a-b-c", EventFileNames.fileNamePart("node-1.example_a/b:c"));
  }
}
