/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import org.tensorflow.EagerSession;
import org.tensorflow.Session;
import org.tensorflow.op.CustomGradient;
import org.tensorflow.op.Ops;
import org.tensorflow.op.RawCustomGradient;
import org.tensorflow.op.RawOpInputs;

/** What may depend on what. A rule holds for whatever classes it is given. */
final class ArchitectureRules {
  private ArchitectureRules() {}

  /** Modules of the architecture that do not exist yet have their place already. */
  static ArchRule arrows() {
    return layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("org.vqjava..")
        .layer("ops")
        .definedBy("org.vqjava.ops..")
        .layer("formats")
        .definedBy("org.vqjava.formats..")
        .layer("layers")
        .definedBy("org.vqjava.layers..")
        .optionalLayer("clustering")
        .definedBy("org.vqjava.clustering..")
        .optionalLayer("savedmodel")
        .definedBy("org.vqjava.savedmodel..")
        .optionalLayer("spark")
        .definedBy("org.vqjava.spark..")
        .layer("monitoring")
        .definedBy("org.vqjava.monitoring..")
        .layer("dashboard")
        .definedBy("org.vqjava.dashboard..")
        .layer("workflow")
        .definedBy("org.vqjava.workflow..")
        .layer("cli")
        .definedBy("org.vqjava.cli..")
        .layer("examples")
        .definedBy("org.vqjava.examples..")
        .optionalLayer("benchmarks")
        .definedBy("org.vqjava.benchmarks..")
        .layer("testing")
        .definedBy("org.vqjava.testing..")
        .whereLayer("ops")
        .mayNotAccessAnyLayer()
        .whereLayer("formats")
        .mayNotAccessAnyLayer()
        .whereLayer("layers")
        .mayOnlyAccessLayers("ops")
        .whereLayer("clustering")
        .mayOnlyAccessLayers("ops", "formats")
        .whereLayer("savedmodel")
        .mayOnlyAccessLayers("ops")
        .whereLayer("monitoring")
        .mayOnlyAccessLayers("layers", "formats")
        .whereLayer("dashboard")
        .mayOnlyAccessLayers("monitoring", "layers")
        .whereLayer("workflow")
        .mayOnlyAccessLayers("ops", "layers", "clustering", "savedmodel", "spark", "monitoring")
        .whereLayer("testing")
        .mayNotAccessAnyLayer()
        .whereLayer("testing")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("monitoring")
        .mayOnlyBeAccessedByLayers("dashboard", "workflow", "cli", "examples", "benchmarks")
        .whereLayer("dashboard")
        .mayOnlyBeAccessedByLayers("cli", "examples")
        .whereLayer("workflow")
        .mayOnlyBeAccessedByLayers("cli", "examples", "benchmarks")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("examples")
        .mayOnlyBeAccessedByLayers("cli")
        .whereLayer("benchmarks")
        .mayOnlyBeAccessedByLayers("cli")
        .ensureAllClassesAreContainedInArchitecture();
  }

  static ArchRule noPackageCycles() {
    return slices().matching("org.vqjava.(**)").should().beFreeOfCycles();
  }

  /** An event file is made of protobuf messages, which need none of TensorFlow's native code. */
  static ArchRule noTensorFlowButItsMessages() {
    return noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("org.tensorflow..", "org.bytedeco..")
                .and(not(resideInAPackage("org.tensorflow.proto.."))));
  }

  static ArchRule noSession() {
    return noClasses()
        .should()
        .dependOnClassesThat(belongToAnyOf(Session.class, EagerSession.class))
        .because("a function that builds a graph neither runs it nor needs eager mode");
  }

  /** A lambda leaves no trace of its interface, hence the calls are looked for by name too. */
  static ArchRule noCustomGradient() {
    return noClasses()
        .should()
        .dependOnClassesThat(
            belongToAnyOf(CustomGradient.class, RawCustomGradient.class)
                .or(assignableTo(RawOpInputs.class))
                .or(assignableTo("org.tensorflow.internal.c_api.TFJ_GradFuncAdapter")))
        .orShould()
        .accessTargetWhere(target(nameMatching("(TFJ_R|r)egisterCustomGradient")))
        .because(
            "more than ten of them end a process, and the budget is shared with the user's code");
  }

  /** Its optimizers are wanted, and one place to adapt when it moves on. */
  static ArchRule noTensorFlowFramework() {
    return noClasses().should().dependOnClassesThat(resideInAPackage("org.tensorflow.framework.."));
  }

  /** Under some default locales the names come out as TensorFlow refuses them. */
  static ArchRule noBlockOfNamesButByScopes() {
    return noClasses()
        .should()
        .callMethod(Ops.class, "withSubScope", String.class)
        .because("Scopes.of refuses a locale that operations cannot be named in");
  }

  static ArchRule noStandardStreams() {
    return GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
  }

  /** ArchUnit's own rule sees fields alone. */
  static ArchRule noJavaUtilLogging() {
    return noClasses().should().dependOnClassesThat(resideInAPackage("java.util.logging.."));
  }

  static ArchRule noTestTools() {
    return noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "org.vqjava.testing..", "org.junit..", "org.opentest4j..", "com.tngtech.."));
  }
}
