package io.whence.service;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.attribution.Fidelity;
import io.whence.engine.attribution.IndexManifest;
import io.whence.engine.influence.Damping;
import io.whence.engine.model.TrainingRecord;
import io.whence.engine.risk.RiskAssessment;
import io.whence.engine.risk.StatedUse;
import io.whence.engine.risk.UseFacts;
import io.whence.engine.sketch.SketchSpec;

/**
 * Tells a native image which of the engine's records, with those inside them, Gson and Jackson look
 * into.
 */
@RegisterForReflection(
    targets = {
      io.whence.engine.evidence.ControlCorpus.class,
      io.whence.engine.evidence.PictureNull.class,
      io.whence.engine.evidence.ResemblanceNull.class,
      Damping.class,
      Fidelity.class,
      io.whence.engine.fidelity.Estimate.class,
      io.whence.engine.fidelity.LeaveOut.class,
      io.whence.engine.fidelity.TailPatch.class,
      IndexManifest.class,
      io.whence.engine.risk.CharacterClaim.class,
      io.whence.engine.risk.ImageFacts.class,
      RiskAssessment.class,
      io.whence.engine.risk.Validation.class,
      SketchSpec.class,
      StatedUse.class,
      TrainingRecord.class,
      UseFacts.class
    },
    classNames = {
      "io.whence.engine.risk.FairUseModel",
      "io.whence.engine.risk.FittedModel$Fit",
      "io.whence.engine.risk.LawPack",
      "io.whence.service.jobs.ChargedOutput$Stored",
      "io.whence.engine.risk.Licence"
    })
final class ReadByReflection {
  private ReadByReflection() {}
}
