/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What a command came to, and what it said on which stream. */
record Outcome(int code, String out, String err) {
  static Outcome vq(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Vq.useNoLocale();
    CommandLine command = Vq.commandLine();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = command.execute(arguments);
    return new Outcome(code, out.toString(), err.toString());
  }
}
