package io.whence.engine.model;

import ai.djl.MalformedModelException;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import io.whence.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Embeds texts by what they mean: all-MiniLM-L6-v2 (Wang et al., 2020; Reimers and Gurevych, 2019),
 * in full precision, mean over tokens, norm 1. A text's embedding does not depend on its batch
 * beyond float32 rounding. Reads the first {@value #MOST_PIECES} word pieces of a text.
 */
public final class TextEmbedder implements AutoCloseable {
  /** Length of an embedding. */
  public static final int DIMENSION = 384;

  /** Names the model and how it is read, for the index manifest. */
  public static final String ID = "all-MiniLM-L6-v2 fp32, mean, 256 pieces";

  static final int MOST_PIECES = 256;
  private static final int BATCH = 16;

  private final HuggingFaceTokenizer tokenizer;
  private final ZooModel<String[], float[][]> model;

  private TextEmbedder(HuggingFaceTokenizer tokenizer, ZooModel<String[], float[][]> model) {
    this.tokenizer = tokenizer;
    this.model = model;
  }

  /** {@return the embedder; the caller closes it} */
  public static TextEmbedder open() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(TextEmbedder.class.getClassLoader());
    try (InputStream json =
        TextEmbedder.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
      if (json == null) {
        throw new EngineException.InvalidCheckpoint("the embedding model is not on the class path");
      }
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(
              json,
              Map.of(
                  "padding", "true",
                  "truncation", "true",
                  "maxLength", String.valueOf(MOST_PIECES)));
      Criteria<String[], float[][]> criteria =
          Criteria.builder()
              .setTypes(String[].class, float[][].class)
              .optEngine("OnnxRuntime")
              .optModelUrls("jar:///all-minilm-l6-v2.onnx")
              .optTranslator(new MeanOfTokens(tokenizer))
              .optOption("intraOpNumThreads", "1")
              .optOption("interOpNumThreads", "1")
              .build();
      return new TextEmbedder(tokenizer, criteria.loadModel());
    } catch (IOException | ModelNotFoundException | MalformedModelException e) {
      throw new EngineException.InvalidCheckpoint("cannot load the embedding model: " + e, e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /**
   * {@return one embedding of norm 1 for each text}
   *
   * @param threads how many platform threads share the work, at least 1; the result does not depend
   *     on it
   */
  public float[][] embed(List<String> texts, int threads) {
    // Similar lengths share a batch, so that little is padding.
    List<Integer> order =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> texts.get(i).length()))
            .toList();
    List<Callable<Boolean>> tasks = new ArrayList<>();
    float[][] embeddings = new float[texts.size()][];
    for (int from = 0; from < order.size(); from += BATCH) {
      List<Integer> batch = order.subList(from, Math.min(from + BATCH, order.size()));
      tasks.add(
          () -> {
            try (Predictor<String[], float[][]> predictor = model.newPredictor()) {
              float[][] rows =
                  predictor.predict(batch.stream().map(texts::get).toArray(String[]::new));
              for (int i = 0; i < rows.length; i++) {
                embeddings[batch.get(i)] = rows[i];
              }
              return true;
            }
          });
    }
    // Left only when every thread is done: what is interrupted still reads the model for a while.
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Boolean> future : pool.invokeAll(tasks)) {
        future.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("embedding was interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("embedding failed: " + e.getCause(), e);
    }
    return embeddings;
  }

  /** {@return the embedding of one text, on the calling thread} */
  public float[] embed(String text) {
    try (Predictor<String[], float[][]> predictor = model.newPredictor()) {
      return predictor.predict(new String[] {text})[0];
    } catch (TranslateException e) {
      throw new IllegalStateException("embedding failed: " + e.getMessage(), e);
    }
  }

  /** Frees the model. */
  @Override
  public void close() {
    model.close();
    tokenizer.close();
  }

  /** Mean over the tokens that are not padding, then norm 1, in double precision. */
  private static final class MeanOfTokens implements NoBatchifyTranslator<String[], float[][]> {
    private final HuggingFaceTokenizer tokenizer;

    MeanOfTokens(HuggingFaceTokenizer tokenizer) {
      this.tokenizer = tokenizer;
    }

    @Override
    public NDList processInput(TranslatorContext context, String[] texts) {
      NDManager manager = context.getNDManager();
      Encoding[] encodings = tokenizer.batchEncode(texts);
      long[][] ids = new long[texts.length][];
      long[][] mask = new long[texts.length][];
      long[][] types = new long[texts.length][];
      for (int i = 0; i < texts.length; i++) {
        ids[i] = encodings[i].getIds();
        mask[i] = encodings[i].getAttentionMask();
        types[i] = encodings[i].getTypeIds();
      }
      context.setAttachment("mask", mask);
      return new NDList(
          named(manager.create(ids), "input_ids"),
          named(manager.create(mask), "attention_mask"),
          named(manager.create(types), "token_type_ids"));
    }

    private static NDArray named(NDArray array, String name) {
      array.setName(name);
      return array;
    }

    @Override
    public float[][] processOutput(TranslatorContext context, NDList list) {
      NDArray states = list.get(0);
      float[] values = states.toFloatArray();
      int length = (int) states.getShape().get(1);
      long[][] mask = (long[][]) context.getAttachment("mask");
      float[][] rows = new float[mask.length][DIMENSION];
      for (int i = 0; i < rows.length; i++) {
        double[] sum = new double[DIMENSION];
        for (int token = 0; token < length; token++) {
          for (int j = 0; mask[i][token] != 0 && j < DIMENSION; j++) {
            sum[j] += values[(i * length + token) * DIMENSION + j];
          }
        }
        double norm = Math.sqrt(java.util.Arrays.stream(sum).map(x -> x * x).sum());
        for (int j = 0; j < DIMENSION; j++) {
          rows[i][j] = (float) (sum[j] / Math.max(norm, 1e-12));
        }
      }
      return rows;
    }
  }
}
