/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What was perhaps meant by an option or a command that does not exist. */
final class Hint {
  /** A slip for every so many letters, and one more. */
  private static final int LETTERS_A_SLIP = 5;

  private static final int MOST = 3;

  private Hint() {}

  /** Ends a message: a question, or nothing. */
  static String of(ParameterException exception) {
    List<String> meant = List.of();
    if (exception instanceof UnmatchedArgumentException unmatched) {
      String typed = unmatched.getUnmatched().get(0);
      meant =
          typed.startsWith("--")
              ? options(typed, exception.getCommandLine().getCommandSpec())
              : unmatched.getSuggestions();
    } else if (exception.getArgSpec() == null && exception.getValue() != null) {
      // "vq help trian": picocli has no suggestions of its own there.
      meant =
          new UnmatchedArgumentException(exception.getCommandLine(), List.of(exception.getValue()))
              .getSuggestions();
    }
    return meant.isEmpty() ? "" : "; did you mean " + String.join(" or ", meant) + "?";
  }

  /**
   * Those that begin alike, and those that a few slips of the fingers make of it: nearest first.
   */
  private static List<String> options(String typed, CommandSpec spec) {
    String name = typed.replaceFirst("=.*", "");
    int slips = 1 + name.length() / LETTERS_A_SLIP;
    return spec.options().stream()
        .filter(option -> !option.hidden())
        .flatMap(option -> Stream.of(option.names()))
        .filter(option -> option.startsWith("--"))
        .filter(option -> option.startsWith(name) || slips(name, option) <= slips)
        .sorted(
            Comparator.<String>comparingInt(option -> slips(name, option))
                .thenComparing(Comparator.naturalOrder()))
        .limit(MOST)
        .toList();
  }

  /**
   * How many letters are missing, too many, wrong, or changed places with their neighbour
   * (Damerau's distance, of neighbours that are not touched twice).
   */
  static int slips(String one, String other) {
    int[][] slips = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          slips[i][j] = i + j;
          continue;
        }
        int same = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        int least =
            Math.min(slips[i - 1][j - 1] + same, 1 + Math.min(slips[i - 1][j], slips[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && one.charAt(i - 1) == other.charAt(j - 2)
                && one.charAt(i - 2) == other.charAt(j - 1);
        slips[i][j] = swapped ? Math.min(least, slips[i - 2][j - 2] + 1) : least;
      }
    }
    return slips[one.length()][other.length()];
  }
}
