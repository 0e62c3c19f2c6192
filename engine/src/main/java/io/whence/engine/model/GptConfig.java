package io.whence.engine.model;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.whence.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shape of a decoder-only transformer in the Hugging Face GPT-2 layout ({@code config.json}).
 *
 * @param vocabulary how many tokens there are ({@code vocab_size})
 * @param context the longest window in tokens ({@code n_positions})
 * @param width of the residual stream ({@code n_embd})
 * @param layers how many blocks ({@code n_layer})
 * @param heads attention heads a block ({@code n_head}), a divisor of the width
 * @param epsilon of layer normalisation
 * @param activation {@code gelu} (by the error function) or {@code gelu_new} (by tanh)
 */
public record GptConfig(
    int vocabulary,
    int context,
    int width,
    int layers,
    int heads,
    double epsilon,
    String activation) {

  /** One linear layer of a block: {@code out = in W + b}. */
  public record LinearLayer(String name, int in, int out) {}

  /** Rejects a shape no model can have. */
  public GptConfig {
    if (vocabulary < 1 || context < 2 || width < 1 || layers < 1 || heads < 1) {
      throw new IllegalArgumentException("every dimension of a model is positive");
    }
    if (width % heads != 0) {
      throw new IllegalArgumentException(
          "the width is a multiple of the heads; got " + width + " and " + heads);
    }
    if (!activation.equals("gelu") && !activation.equals("gelu_new")) {
      throw new IllegalArgumentException("the activation is gelu or gelu_new; got " + activation);
    }
  }

  /**
   * {@return the linear layers whose gradients are sketched, in a fixed order} The tied output
   * matrix is none of them: it is the embedding table.
   */
  public List<LinearLayer> linearLayers() {
    List<LinearLayer> all = new ArrayList<>();
    for (int block = 0; block < layers; block++) {
      String name = "h." + block + ".";
      all.add(new LinearLayer(name + "attn.c_attn", width, 3 * width));
      all.add(new LinearLayer(name + "attn.c_proj", width, width));
      all.add(new LinearLayer(name + "mlp.c_fc", width, 4 * width));
      all.add(new LinearLayer(name + "mlp.c_proj", 4 * width, width));
    }
    return List.copyOf(all);
  }

  /**
   * {@return how many numbers take part in matrix products for each token, the tied head counted}
   */
  public long matrixParameters() {
    return 12L * layers * width * width + (long) vocabulary * width;
  }

  static GptConfig read(Path file) {
    try {
      JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
      String type = text(json, "model_type", "gpt2");
      if (!type.equals("gpt2")) {
        throw new IllegalArgumentException("model_type is gpt2; got " + type);
      }
      int width = number(json, "n_embd");
      JsonElement inner = json.get("n_inner");
      if (inner != null && !inner.isJsonNull() && inner.getAsInt() != 4 * width) {
        throw new IllegalArgumentException("n_inner is 4 n_embd; got " + inner);
      }
      for (String flag : List.of("scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn")) {
        if (json.has(flag) && json.get(flag).getAsBoolean()) {
          throw new IllegalArgumentException(flag + " is not supported");
        }
      }
      return new GptConfig(
          number(json, "vocab_size"),
          number(json, "n_positions"),
          width,
          number(json, "n_layer"),
          number(json, "n_head"),
          json.has("layer_norm_epsilon") ? json.get("layer_norm_epsilon").getAsDouble() : 1e-5,
          text(json, "activation_function", "gelu_new"));
    } catch (IOException e) {
      throw new EngineException.InvalidCheckpoint(
          "cannot read "
              + file
              + "; a checkpoint has config.json, model.safetensors, tokenizer.json",
          e);
    } catch (JsonParseException | IllegalStateException | IllegalArgumentException e) {
      throw new EngineException.InvalidCheckpoint(
          file + " is not the configuration of a GPT-2 model: " + e.getMessage(), e);
    }
  }

  private static int number(JsonObject json, String key) {
    if (!json.has(key)) {
      throw new IllegalArgumentException(key + " is missing");
    }
    return json.get(key).getAsInt();
  }

  private static String text(JsonObject json, String key, String otherwise) {
    return json.has(key) ? json.get(key).getAsString() : otherwise;
  }

  void write(Path file) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("model_type", "gpt2");
    com.google.gson.JsonArray architectures = new com.google.gson.JsonArray();
    architectures.add("GPT2LMHeadModel");
    json.add("architectures", architectures);
    json.addProperty("vocab_size", vocabulary);
    json.addProperty("n_positions", context);
    json.addProperty("n_embd", width);
    json.addProperty("n_layer", layers);
    json.addProperty("n_head", heads);
    json.addProperty("activation_function", activation);
    json.addProperty("layer_norm_epsilon", epsilon);
    json.addProperty("attn_pdrop", 0.0);
    json.addProperty("embd_pdrop", 0.0);
    json.addProperty("resid_pdrop", 0.0);
    json.addProperty("tie_word_embeddings", true);
    json.addProperty("bos_token_id", 0);
    json.addProperty("eos_token_id", 0);
    json.addProperty("torch_dtype", "float16");
    Files.writeString(
        file, new com.google.gson.GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n");
  }
}
