package io.whence.indexbuilder;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.whence.engine.EngineException;
import io.whence.engine.rights.Form;
import io.whence.engine.rights.Reading;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads what a source states of training, in one of the forms that people publish. */
@Command(
    name = "rights",
    mixinStandardHelpOptions = true,
    description = {
      "Reads a licence or an opt-out as it was fetched, and says what it states of training:",
      "unstated, allowed, conditional or reserved. Not legal advice."
    })
final class RightsCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The statement as it was fetched.")
  Path file = Path.of("");

  @Option(
      names = "--form",
      required = true,
      paramLabel = "FORM",
      description = "spdx, rsl, robots, aipref, tdmrep, tdmrepPage or cawg.")
  String form = "";

  @Option(
      names = "--agent",
      description = "Product token of the crawler; default any.",
      paramLabel = "TOKEN")
  String agent = Form.Target.ANY.agent();

  @Option(
      names = "--path",
      description = "What was collected; default ${DEFAULT-VALUE}.",
      paramLabel = "PATH")
  String path = Form.Target.ANY.path();

  @Option(names = "--json", description = "Print what was read as JSON.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    Form known = Form.of(form);
    Form.Target target = new Form.Target(agent, path);
    if (!Files.isRegularFile(file)) {
      throw new EngineException.InvalidQuery("no file " + file + "; name the statement's file");
    }
    if (Files.size(file) > 4L * Form.LONGEST) {
      throw new EngineException.InvalidQuery(
          file + " has " + Files.size(file) + " bytes; that is no statement of rights");
    }
    Reading reading = known.of(text(), target);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("form", known.id());
      document.put("verdict", reading.verdict().id());
      document.put("ground", reading.ground());
      document.put("terms", reading.terms());
      document.put("sha256", reading.sha256());
      Gson pretty =
          new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeNulls().create();
      out.println(pretty.toJson(document));
    } else {
      out.println(
          reading.verdict().id()
              + ": "
              + reading.ground()
              + (reading.terms() == null ? "" : "; terms: " + reading.terms()));
    }
    return Main.DONE;
  }

  private String text() throws IOException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new EngineException.InvalidQuery(file + " is not valid UTF-8; convert it first");
    }
  }
}
