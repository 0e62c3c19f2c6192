package io.whence.indexbuilder;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** The index builder knows the engine and nothing of the service. */
class ArchitectureTest {
  @Test
  void knows_no_service_no_quarkus_no_jackson() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.whence.service..", "io.quarkus..", "jakarta..", "com.fasterxml..")
        .check(new ClassFileImporter().importPackages("io.whence.indexbuilder"));
  }
}
