/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.vqjava.dashboard.DashboardOptions;
import org.vqjava.dashboard.DashboardServer;
import org.vqjava.dashboard.RunCatalog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vq dashboard}. */
@Command(
    name = "dashboard",
    description = {
      "Serves a page that shows how codebooks fared, or fare: a run, or all in a directory, two"
          + " beside each other. Follows what is being written. Ends with Ctrl-C.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false)
final class Dashboard implements Callable<Integer> {
  private static final int TOKEN_BYTES = 16;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      defaultValue = "runs",
      description = "directory of a run or of several (default: ${DEFAULT-VALUE})")
  private Path directory;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "" + DashboardOptions.DEFAULT_PORT,
      description = "0 for one that is free (default: ${DEFAULT-VALUE})")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description =
          "lets other machines connect to this address of this one, 0.0.0.0 for all; who does needs"
              + " the token (default: this machine alone)")
  private @Nullable String host;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "goes with --host; 16 letters and digits or more (default: a random one)")
  private @Nullable String token;

  @Mixin private Quiet quiet;

  @Override
  public Integer call() {
    DashboardOptions options = options();
    StopSignal signal = StopSignal.toThisThread();
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, options)) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(server.address());
      out.flush();
      quiet.tell("shows " + directory + "; Ctrl-C ends it");
      new CountDownLatch(1).await();
      return 0;
    } catch (InterruptedException e) {
      return StopSignal.EXIT_CODE;
    } finally {
      signal.workIsDone();
    }
  }

  private DashboardOptions options() {
    if (host == null) {
      if (token != null) {
        throw new ParameterException(
            spec.commandLine(), "--token goes with --host: this machine alone needs none");
      }
      return DashboardOptions.onPort(port);
    }
    try {
      return DashboardOptions.onPort(port)
          .withHost(InetAddress.getByName(host), token == null ? randomToken() : token);
    } catch (UnknownHostException e) {
      throw new ParameterException(
          spec.commandLine(), "--host must be an address of this machine, got " + host, e);
    }
  }

  private static String randomToken() {
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
