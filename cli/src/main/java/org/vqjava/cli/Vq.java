/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code vq} command. */
@Command(
    name = "vq",
    description = "Vector quantization with TensorFlow Java.",
    subcommands = {
      Train.class,
      Dashboard.class,
      Encode.class,
      Decode.class,
      Inspect.class,
      Cluster.class,
      Quantize.class,
      Archive.class,
      RunExample.class,
      Bench.class,
      CommandLine.HelpCommand.class,
      GenerateCompletion.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nEnds with:%n",
    exitCodeList = {
      "0:all went well",
      "1:it failed",
      "2:it was called wrongly, or its input is not what it must be",
      "130:it was stopped by Ctrl-C"
    },
    footer = {"", "${ROOT-COMMAND-NAME} help COMMAND tells more of a command."})
public final class Vq implements Runnable {
  /** The launcher's word of what was typed. */
  private static final String CALLED = "VQ_COMMAND";

  private static final int FAILED = CommandLine.ExitCode.SOFTWARE;

  @Spec private CommandSpec spec;

  private Vq() {}

  /** Prints what commands there are: what happens without one. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /**
   * Runs the command and ends the process: with 0 if all went well, with 1 if it failed, with 2 if
   * it was called wrongly, as the signal has it (130 after Ctrl-C) if it was stopped.
   *
   * @param arguments as typed
   */
  public static void main(String[] arguments) {
    int code;
    try {
      code = commandLine().execute(arguments);
    } catch (LinkageError e) {
      System.err.println("vq: TensorFlow cannot be loaded on this machine: " + e.getMessage());
      code = FAILED;
    } catch (OutOfMemoryError e) {
      System.err.println("vq: out of memory: set JAVA_TOOL_OPTIONS=-Xmx4g, say");
      code = FAILED;
    }
    System.exit(code);
  }

  static CommandLine commandLine() {
    CommandLine vq = new CommandLine(new Vq());
    return vq.setCommandName(System.getenv().getOrDefault(CALLED, vq.getCommandName()))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(
            (exception, arguments) -> {
              CommandLine command = exception.getCommandLine();
              String name = command.getCommandSpec().qualifiedName();
              print(
                  command.getErr(),
                  name
                      + ": "
                      + exception.getMessage()
                      + Hint.of(exception)
                      + "; "
                      + name
                      + " --help tells what it takes");
              return command.getCommandSpec().exitCodeOnInvalidInput();
            })
        .setExecutionExceptionHandler(
            (exception, command, result) -> {
              String name = command.getCommandSpec().qualifiedName();
              print(command.getErr(), name + ": " + explain(exception));
              return exception instanceof IllegalArgumentException
                  ? command.getCommandSpec().exitCodeOnInvalidInput()
                  : command.getCommandSpec().exitCodeOnExecutionException();
            });
  }

  /** What was typed to call it, so that hints can be typed again. */
  static String called() {
    return System.getenv().getOrDefault(CALLED, "./vq");
  }

  private static void print(PrintWriter err, String message) {
    err.println(message.strip().replaceAll("\\s*\\R\\s*", "; "));
    err.flush();
  }

  /** What went wrong, where an exception's own message is no more than a path. */
  private static String explain(Exception exception) {
    if (exception instanceof FileSystemException file) {
      return "cannot read or write " + file.getFile() + ": " + reason(file);
    }
    return reason(exception.getMessage(), exception);
  }

  private static String reason(FileSystemException file) {
    if (file instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (file instanceof NoSuchFileException) {
      return file.getFile() != null && Files.isDirectory(parent(Path.of(file.getFile())))
          ? "there is no such file"
          : "its directory does not exist";
    }
    if (file instanceof FileAlreadyExistsException) {
      return "there is something of this name";
    }
    if (file instanceof NotDirectoryException) {
      return "it is a file, not a directory";
    }
    return reason(file.getReason(), file);
  }

  private static Path parent(Path file) {
    return Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
  }

  private static String reason(@Nullable String message, Exception exception) {
    return message == null ? exception.getClass().getSimpleName() : message;
  }

  /** The version that the jar carries. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Vq.class.getPackage().getImplementationVersion();
      return new String[] {"vq " + (version == null ? "(not from a jar)" : version)};
    }
  }
}
