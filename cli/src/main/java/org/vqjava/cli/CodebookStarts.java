/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.util.Arrays;
import java.util.Iterator;
import org.vqjava.workflow.CodebookStart;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a codebook starts, as it is typed. */
final class CodebookStarts {
  private CodebookStarts() {}

  /** Takes the name of a start. */
  static final class Converter implements ITypeConverter<CodebookStart> {
    @Override
    public CodebookStart convert(String value) {
      try {
        return CodebookStart.of(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** The names of the starts, for the help. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(CodebookStart.values()).map(CodebookStart::label).iterator();
    }
  }
}
