/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.vqjava.layers.CodebookEncoder;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.Training;

/** The arrows between the modules, held against the compiled classes of all of them. */
class ArchitectureTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.vqjava");
  private static final JavaClasses RELEASED =
      ALL.that(not(resideInAPackage("org.vqjava.testing..")));
  private static final JavaClasses LIBRARY =
      RELEASED.that(
          not(
              resideInAnyPackage(
                  "org.vqjava.workflow..",
                  "org.vqjava.cli..",
                  "org.vqjava.examples..",
                  "org.vqjava.benchmarks..")));

  /** An encoder builds nothing: it runs a model that was built before. */
  private static final JavaClasses GRAPH_BUILDING =
      LIBRARY.that(
          resideInAnyPackage("org.vqjava.ops..", "org.vqjava.layers..")
              .and(not(belongToAnyOf(CodebookEncoder.class))));

  private static final JavaClasses MONITORING =
      LIBRARY.that(resideInAnyPackage("org.vqjava.monitoring..", "org.vqjava.dashboard.."));

  /** A module that cli/pom.xml does not lead to would escape every rule below. */
  @Test
  void everyModuleIsSeen() throws IOException {
    for (String name : packagesOfTheModules()) {
      assertTrue(
          ALL.stream().anyMatch(c -> c.getPackageName().equals(name)),
          name + " must be on the class path: add its module to cli/pom.xml, in scope test");
    }
  }

  @Test
  void dependenciesGoOneWay() {
    ArchitectureRules.arrows().check(ALL);
  }

  @Test
  void packagesHaveNoCycles() {
    ArchitectureRules.noPackageCycles().check(ALL);
  }

  @Test
  void monitoringKnowsNothingOfTensorFlowButItsMessages() {
    ArchitectureRules.noTensorFlowButItsMessages().check(MONITORING);
  }

  @Test
  void operationsAndLayersOpenNoSession() {
    ArchitectureRules.noSession().check(GRAPH_BUILDING);
  }

  @Test
  void nothingRegistersACustomGradient() {
    ArchitectureRules.noCustomGradient().check(RELEASED);
  }

  @Test
  void blocksOfNamesAreOpenedByScopes() {
    ArchitectureRules.noBlockOfNamesButByScopes()
        .check(LIBRARY.that(not(belongToAnyOf(Scopes.class))));
  }

  @Test
  void onlyTrainingUsesTheFrameworkInTheLibrary() {
    ArchitectureRules.noTensorFlowFramework()
        .check(LIBRARY.that(not(belongToAnyOf(Training.class))));
  }

  @Test
  void theLibraryIsSilent() {
    ArchitectureRules.noStandardStreams().check(LIBRARY);
    ArchitectureRules.noJavaUtilLogging().check(RELEASED);
  }

  @Test
  void nothingReleasedNeedsTestTools() {
    ArchitectureRules.noTestTools().check(RELEASED);
  }

  /** Read from the sources, as {@code org.vqjava.ops} for {@code ops-gradients}. */
  private static List<String> packagesOfTheModules() throws IOException {
    Path root = Path.of(Objects.requireNonNull(System.getProperty("project.root")));
    try (Stream<Path> modules = Files.list(root)) {
      List<Path> sources =
          modules
              .map(module -> module.resolve("src/main/java/org/vqjava"))
              .filter(Files::isDirectory)
              .toList();
      assertTrue(sources.size() >= 7, sources.toString());
      return sources.stream().map(ArchitectureTest::onlyPackage).toList();
    }
  }

  private static String onlyPackage(Path source) {
    try (Stream<Path> packages = Files.list(source)) {
      List<Path> found = packages.toList();
      assertEquals(1, found.size(), "packages in " + source);
      return "org.vqjava." + found.get(0).getFileName();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
