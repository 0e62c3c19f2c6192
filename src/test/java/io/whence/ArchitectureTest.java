package io.whence;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The architecture as two tables: who may use whom, and where each library lives. */
class ArchitectureTest {
  private static final String WHENCE = "io.whence.";

  /** A package, and which others of ours it may use. */
  static final List<String> USES =
      table(
          """
          engine              :
          engine.corpus       : engine
          engine.model        : engine engine.corpus
          engine.sketch       : engine engine.corpus engine.model
          engine.influence    : engine engine.corpus engine.model engine.sketch
          engine.fidelity     : engine engine.corpus engine.model engine.sketch engine.influence
          engine.retrieval    : engine engine.corpus engine.sketch
          engine.evidence     : engine engine.corpus
          engine.risk         : engine engine.corpus engine.evidence
          engine.rights       : engine engine.risk
          engine.credit       : engine engine.corpus engine.evidence
          engine.record       : engine
          engine.statement    : engine engine.credit engine.record
          engine.attribution  : engine..
          engine.review       : engine engine.risk
          engine.screening    : engine engine.attribution engine.corpus engine.evidence engine.risk
          indexbuilder        : engine..
          service             : engine.. indexbuilder service..
          service.persistence : engine..
          service.security    : engine.. service.persistence
          service.audit       : engine.. service.persistence
          service.report      : engine..
          service.jobs        : engine.. service.persistence
          service.api         : engine.. service.jobs service.persistence service.report service.audit service.security
          """);

  /** A library, and the only packages of ours that know it. */
  static final List<String> HOMES =
      table(
          """
          ai.djl.pytorch..         : engine.model
          ai.djl..                 : engine.model engine.sketch engine.influence
          org.apache.lucene..      : engine.retrieval
          org.ejml..               : engine.influence engine.risk engine.sketch
          dev.hardwood..           : engine.corpus
          de.siegmar..             : engine.review engine.risk engine.statement
          com.google.gson..        : engine.corpus engine.fidelity engine.model engine.review engine.risk engine.record engine.rights engine.statement engine.attribution engine.screening indexbuilder service service.jobs
          org.erdtman..            : engine.record
          org.bouncycastle..       : engine.record
          info.picocli..           : indexbuilder
          picocli..                : indexbuilder
          io.quarkus..             : service..
          io.quarkus.hibernate..   : service.persistence
          io.quarkus.qute..        : service.report
          com.openhtmltopdf..      : service.report
          org.apache.pdfbox..      : service.report
          org.apache.fontbox..     : service.report
          org.apache.xmpbox..      : service.report
          jakarta..                : service..
          jakarta.ws.rs..          : service.api
          jakarta.persistence..    : service.persistence
          com.fasterxml..          : service.api service.persistence service.report
          """);

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.whence");

  private static List<String> table(String text) {
    return text.lines().filter(line -> !line.isBlank()).toList();
  }

  private static Map<String, String[]> parsed(List<String> table, boolean ours) {
    Map<String, String[]> parsed = new LinkedHashMap<>();
    for (String line : table) {
      int colon = line.indexOf(':');
      String[] allowed =
          Arrays.stream(line.substring(colon + 1).strip().split("\\s+", -1))
              .filter(name -> !name.isEmpty())
              .map(name -> WHENCE + name)
              .toArray(String[]::new);
      parsed.put((ours ? WHENCE : "") + line.substring(0, colon).strip(), allowed);
    }
    return parsed;
  }

  @ParameterizedTest
  @FieldSource("USES")
  void a_package_uses_only_those_it_may(String line) {
    parsed(List.of(line), true)
        .forEach(
            (name, allowed) ->
                noClasses()
                    .that()
                    .resideInAPackage(name)
                    .should()
                    .dependOnClassesThat(
                        resideInAPackage("io.whence..")
                            .and(DescribedPredicate.not(resideInAPackage(name)))
                            .and(DescribedPredicate.not(resideInAnyPackage(allowed))))
                    .check(CLASSES));
  }

  @ParameterizedTest
  @FieldSource("HOMES")
  void a_library_is_known_only_at_its_home(String line) {
    parsed(List.of(line), false)
        .forEach(
            (library, homes) ->
                noClasses()
                    .that()
                    .resideInAPackage("io.whence..")
                    .and()
                    .resideOutsideOfPackages(homes)
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(library)
                    .allowEmptyShould(true)
                    .check(CLASSES));
  }

  @Test
  void the_table_lists_every_package() {
    TreeSet<String> packages = new TreeSet<>();
    CLASSES.forEach(type -> packages.add(type.getPackageName()));

    assertThat(parsed(USES, true).keySet()).containsAll(packages);
  }

  @Test
  void packages_form_no_cycles() {
    slices().matching("io.whence.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void names_say_what_a_class_is() {
    noClasses()
        .should()
        .haveNameMatching(".*(Utils?|Helpers?|Manager|Impl|Processor)")
        .check(CLASSES);
  }

  @Test
  void nothing_is_injected_into_fields() {
    fields().should().notBeAnnotatedWith("jakarta.inject.Inject").check(CLASSES);
  }

  @Test
  void no_scalar_of_a_graph_lives_in_java_memory() {
    DescribedPredicate<JavaMethodCall> number =
        DescribedPredicate.describe(
            "arithmetic of arrays with a Number, which autograd reads after it was freed",
            call ->
                call.getTargetOwner().getFullName().startsWith("ai.djl.ndarray.NDArray")
                    && call.getTarget().getRawParameterTypes().stream()
                        .anyMatch(type -> type.getFullName().equals("java.lang.Number")));

    noClasses().should().callMethodWhere(number).check(CLASSES);
  }

  @Test
  void nobody_collects_gradients_but_torch() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("ai.djl.training.GradientCollector")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("ai.djl.training.Trainer")
        .check(CLASSES);
  }

  @Test
  void only_torch_knows_pytorch() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.whence.engine.model.Torch")
        .and()
        .haveNameNotMatching("io\\.whence\\.engine\\.model\\.Torch\\$.*")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl.pytorch..")
        .check(CLASSES);
  }

  @Test
  void only_the_command_lines_write_to_standard_streams() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.whence.indexbuilder", "io.whence.service")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }
}
