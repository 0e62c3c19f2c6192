package io.whence.indexbuilder;

import io.whence.engine.corpus.Work;
import io.whence.engine.evidence.CodeLanguage;
import io.whence.engine.evidence.CodeModel;
import io.whence.engine.evidence.CodeSimilarity;
import io.whence.engine.evidence.CodeTokens;
import io.whence.engine.evidence.Fingerprints;
import io.whence.engine.evidence.Winnowing;
import io.whence.engine.evidence.WordTokens;
import io.whence.engine.retrieval.ShardWriter;
import java.io.IOException;
import java.util.Optional;

/** What a work becomes in a shard, whichever kind of index it is. */
final class WorkDocuments {
  private WorkDocuments() {}

  static void add(ShardWriter writer, int number, Work work, WordTokens words) throws IOException {
    Fingerprints prints = Winnowing.TEXT.select(words);
    writer.addWork(number, words.words(), prints.hashes(), prints.positions());
    Optional<CodeLanguage> language = CodeLanguage.of(work);
    if (language.isPresent()) {
      CodeTokens code = CodeTokens.of(work.text(), language.get());
      WordTokens tokens = code.normalised();
      Fingerprints codePrints = Winnowing.CODE.select(tokens);
      writer.addCode(
          number,
          codePrints.hashes(),
          codePrints.positions(),
          tokens.words(),
          CodeModel.runs(tokens),
          CodeSimilarity.pairs(code));
    }
  }
}
