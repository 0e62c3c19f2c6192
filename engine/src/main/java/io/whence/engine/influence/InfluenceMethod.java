package io.whence.engine.influence;

/**
 * Every influence method and control, under its published name.
 *
 * <p>The first three are those an index answers with; the others need more than an index keeps and
 * are compared by experiments ({@link Scorer} makes them). Those in nats are of the form {@code
 * (1/N) g_q' A g_z}, N the positions trained on and g summed gradients, and differ in A. Sign:
 * positive is a proponent, whose removal raises the query's loss.
 */
public enum InfluenceMethod {
  /** A = (F + lambda)^-1 on the embedding table alone, F its diagonal empirical Fisher. */
  WORD_EMBEDDING_FISHER(
      "wordEmbeddingFisher",
      "Inverse-curvature influence through the embedding table",
      "Yeh et al., First is better than last for language data influence, NeurIPS 2022 (the table's"
          + " gradient); George et al., NeurIPS 2018 (its curvature)",
      "one backward pass for the output, one product of length k for each distinct token of an"
          + " instance",
      "the table store: 4k + 4 bytes for each distinct token of an instance, and 4k for each token"
          + " of the vocabulary",
      "a language model; its training record for the damping",
      Unit.NATS),
  /** A = 1/(m + lambda), layer by layer, m the mean eigenvalue of F: no direction is special. */
  GRADIENT_DOT(
      "gradientDot",
      "Gradient dot product",
      "Pruthi et al., Estimating training data influence by tracing gradient descent, NeurIPS 2020"
          + " (TracIn, its last checkpoint)",
      "one backward pass for the output, one product of length k for an instance",
      "the sketch store: 4k bytes an instance",
      "a checkpoint; its training record for the damping",
      Unit.NATS),
  /** A = (F + lambda)^-1, F the empirical Fisher of a layer's sketches. */
  SKETCHED_FISHER(
      "sketchedFisher",
      "Sketched inverse-curvature influence (LoGRA)",
      "Choe et al., What is your data worth to GPT?, 2024; Koh and Liang, ICML 2017",
      "one backward pass for the output, one solve in each layer's sketch, one product of length k"
          + " for an instance",
      "the sketch store: 4k bytes an instance, and a matrix of the sketch's size for each layer",
      "a checkpoint; its training record for the damping",
      Unit.NATS),
  /** Influence functions with the exact Hessian. */
  EXACT_INFLUENCE(
      "exactInfluence",
      "Influence functions with the exact Hessian",
      "Koh and Liang, Understanding black-box predictions via influence"
          + " functions, ICML 2017; the filter of an unfinished run: Bae et"
          + " al., Training data attribution via approximate unrolling, 2024",
      "one product with the Gauss-Newton matrix for each Lanczos step and" + " query",
      "as many vectors of the parameters' size as steps",
      "a classifier; for a convex model at its optimum the explicit" + " Hessian",
      Unit.NATS),
  /** Influence to second order in what is left out. */
  SECOND_ORDER(
      "secondOrder",
      "Influence to second order in what is left out",
      "Basu, You and Feizi, On second-order group influence functions for black-box predictions,"
          + " ICML 2020",
      "two solves with the curvature for each group, and one pass over its members",
      "that of the method it corrects; for a convex model the explicit Hessian",
      "sketches, or a convex model at its optimum",
      Unit.NATS),
  /** One Newton step without the example. */
  ONE_STEP_NEWTON(
      "oneStepNewton",
      "One Newton step without the example",
      "Pregibon, Logistic regression diagnostics, 1981; Koh et al., On"
          + " the accuracy of influence functions, NeurIPS 2019",
      "some ten solves with the Hessian for each example or group",
      "the explicit Hessian",
      "a convex model at its optimum",
      Unit.NATS),
  /** Influence functions by conjugate gradients. */
  CONJUGATE_GRADIENT(
      "conjugateGradient",
      "Influence functions by conjugate gradients",
      "Martens, Deep learning via Hessian-free optimization, ICML 2010;"
          + " Koh and Liang, ICML 2017",
      "one product with the Gauss-Newton matrix for each step and query",
      "three vectors a query",
      "a classifier; a damping above 0",
      Unit.NATS),
  /** LiSSA. */
  LISSA(
      "lissa",
      "LiSSA",
      "Agarwal et al., Second-order stochastic optimization in linear"
          + " time, JMLR 2017; Koh and Liang, ICML 2017",
      "one product with a random batch's matrix for each step and query",
      "one vector a query",
      "a classifier; a damping above 0",
      Unit.NATS),
  /** ASTRA. */
  ASTRA(
      "astra",
      "ASTRA",
      "Wang et al., Better training data attribution via better inverse"
          + " Hessian-vector products, 2025",
      "LiSSA's, and one application of EK-FAC for each step",
      "EK-FAC's",
      "a classifier",
      Unit.NATS),
  /** SOURCE. */
  SOURCE(
      "source",
      "SOURCE",
      "Bae et al., Training data attribution via approximate unrolled"
          + " differentiation, NeurIPS 2024",
      "EK-FAC's, for each segment of the run",
      "EK-FAC's, for each segment",
      "checkpoints along the run and its learning rates; of a run by Adam also its second moments",
      Unit.NATS),
  /** EK-FAC influence. */
  EKFAC(
      "ekfac",
      "EK-FAC influence",
      "George et al., Fast approximate natural gradient descent in a"
          + " Kronecker-factored eigenbasis, NeurIPS 2018; Grosse et al.,"
          + " Studying large language model generalization with influence"
          + " functions, 2023",
      "two passes to fit, two small products a layer for a query, one"
          + " full gradient product for an example",
      "two eigenvector matrices and one eigenvalue a weight, for each" + " layer",
      "all training gradients at query time",
      Unit.NATS),
  /** K-FAC influence. */
  KFAC(
      "kfac",
      "K-FAC influence",
      "Martens and Grosse, Optimizing neural networks with"
          + " Kronecker-factored approximate curvature, ICML 2015",
      "one pass to fit, else as EK-FAC",
      "two eigenvector matrices for each layer",
      "all training gradients at query time",
      Unit.NATS),
  /** Empirical Fisher through its Gram matrix. */
  DUAL_FISHER(
      "dualFisher",
      "Empirical Fisher through its Gram matrix",
      "the push-through identity, as in kernel ridge regression: Saunders"
          + " et al., Ridge regression learning algorithm in dual variables,"
          + " ICML 1998",
      "n x n gradient products and one Cholesky factorisation to fit, n" + " solves' work a query",
      "n x n numbers in double precision",
      "at most some ten thousand examples",
      Unit.NATS),
  /** LoGRA, random projections. */
  LOGRA(
      "logra",
      "LoGRA, random projections",
      "Choe et al., What is your data worth to GPT?, 2024",
      "one pass to sketch, one solve in each layer's sketch for a query",
      "the sketches: 4k bytes an example",
      "nothing beyond one pass over the training set",
      Unit.NATS),
  /** LoGRA, principal directions. */
  LOGRA_PCA(
      "lograPca",
      "LoGRA, principal directions",
      "Choe et al., What is your data worth to GPT?, 2024, section 3.1",
      "as LoGRA, and the Kronecker factors to fit",
      "as LoGRA",
      "two passes over the training set",
      Unit.NATS),
  /** TRAK. */
  TRAK(
      "trak",
      "TRAK",
      "Park et al., TRAK: attributing model behavior at scale, ICML 2023",
      "one dense projection of every margin gradient, for each model",
      "4k bytes an example and model",
      "models trained on random halves",
      Unit.KERNEL),
  /** EK-FAC of margins, an ensemble. */
  MARGIN_EKFAC(
      "marginEkfac",
      "EK-FAC of margins, an ensemble",
      "EK-FAC in place of TRAK's projection: George et al., 2018, with" + " Park et al., 2023",
      "EK-FAC's, for each model",
      "EK-FAC's, for each model",
      "models trained on random halves",
      Unit.KERNEL),
  /** TRAK without projection: the margins' Gram matrix, an ensemble. */
  MARGIN_DUAL_FISHER(
      "marginDualFisher",
      "TRAK without projection: the margins' Gram matrix, an ensemble",
      "Park et al., 2023, with the Gram matrix in place of the projection",
      "the dual Fisher's, for each model",
      "n x n numbers, one model at a time",
      "models trained on random halves; at most some ten thousand" + " examples",
      Unit.KERNEL),
  /** TracInCP. */
  TRAC_IN_CP(
      "tracInCp",
      "TracInCP",
      "Pruthi et al., Estimating training data influence by tracing"
          + " gradient descent, NeurIPS 2020",
      "one gradient product for each checkpoint and example",
      "nothing",
      "checkpoints along the run and their learning rates",
      Unit.NATS),
  /** DataInf. */
  DATA_INF(
      "dataInf",
      "DataInf",
      "Kwon et al., DataInf: efficiently estimating data influence in"
          + " LoRA-tuned LLMs, ICLR 2024",
      "two passes over the training gradients for the queries at hand",
      "one number an example and layer",
      "all training gradients at query time",
      Unit.NATS),
  /** RelatIF. */
  RELAT_IF(
      "relatIf",
      "RelatIF",
      "Barshan et al., RelatIF: identifying explanatory training samples"
          + " via relative influence, AISTATS 2020",
      "another method's, and every example as a query",
      "another method's, and one number an example",
      "another method; here EK-FAC",
      Unit.UNITLESS),
  /** TrackStar. */
  TRACK_STAR(
      "trackStar",
      "TrackStar",
      "Chang et al., Scalable influence and fact tracing for large"
          + " language model pretraining, 2024; here without an optimizer's"
          + " second moment",
      "one pass to sketch, one whitening for a query",
      "the sketches: 4k bytes an example",
      "nothing beyond one pass over the training set",
      Unit.UNITLESS),
  /** Representation similarity. */
  REPRESENTATION_SIMILARITY(
      "representationSimilarity",
      "Representation similarity",
      "Hanawa et al., Evaluation of similarity-based explanations, ICLR" + " 2021",
      "a forward pass",
      "the last layer's input of every example",
      "nothing",
      Unit.UNITLESS),
  /** Gradient cosine. */
  GRADIENT_COSINE(
      "gradientCosine",
      "Gradient cosine",
      "Charpiat et al., Input similarity from the neural network" + " perspective, NeurIPS 2019",
      "one gradient product an example",
      "nothing",
      "all training gradients at query time",
      Unit.UNITLESS),
  /** BM25, a control. */
  BM25(
      "bm25",
      "BM25, a control",
      "Robertson and Zaragoza, The probabilistic relevance framework:" + " BM25 and beyond, 2009",
      "a look-up of words",
      "postings",
      "text",
      Unit.UNITLESS),
  /** Embedding cosine, a control. */
  EMBEDDING_COSINE(
      "embeddingCosine",
      "Embedding cosine, a control",
      "Reimers and Gurevych, Sentence-BERT, EMNLP 2019; of the features"
          + " themselves where they are no text",
      "one product an example",
      "an embedding an example",
      "nothing of the model",
      Unit.UNITLESS),
  /** Same label, a control. */
  SAME_LABEL(
      "sameLabel",
      "Same label, a control",
      "Hanawa et al., ICLR 2021",
      "nothing",
      "nothing",
      "a classifier",
      Unit.UNITLESS),
  /** Minus the gradient's norm, a control. */
  GRADIENT_NORM(
      "gradientNorm",
      "Minus the gradient's norm, a control",
      "a control of this project: the same for every query",
      "a pass over the training set",
      "one number an example",
      "nothing",
      Unit.UNITLESS),
  /** How many tokens an example has, a control. */
  TOKEN_COUNT(
      "tokenCount",
      "How many tokens an example has, a control",
      "a control of this project: more text teaches more, whoever wrote it",
      "nothing",
      "nothing",
      "a language model",
      Unit.UNITLESS),
  /** Random, a control. */
  RANDOM(
      "random", "Random, a control", "a control", "nothing", "nothing", "nothing", Unit.UNITLESS);

  /** What a method's numbers are. */
  public enum Unit {
    /** Changes of the query's summed loss, nats. */
    NATS("nats of the query's summed loss"),
    /** Proportional to such changes, by a factor of the models' own. */
    KERNEL("nats up to a factor of the models' own: for ranking, never for sums of money"),
    /** A similarity. */
    UNITLESS("none: a similarity, for finding, never for credit");

    private final String says;

    Unit(String says) {
      this.says = says;
    }

    /** {@return it in words} */
    public String says() {
      return says;
    }
  }

  /** The methods an index keeps all it takes for; the first ranks unless told otherwise. */
  public static final java.util.List<InfluenceMethod> OF_AN_INDEX =
      java.util.List.of(WORD_EMBEDDING_FISHER, SKETCHED_FISHER, GRADIENT_DOT);

  private final String id;
  private final String title;
  private final String paper;
  private final String cost;
  private final String memory;
  private final String needs;
  private final Unit unit;

  InfluenceMethod(
      String id, String title, String paper, String cost, String memory, String needs, Unit unit) {
    this.unit = unit;
    this.id = id;
    this.title = title;
    this.paper = paper;
    this.cost = cost;
    this.memory = memory;
    this.needs = needs;
  }

  /** {@return its name in requests and answers} */
  public String id() {
    return id;
  }

  /** {@return its published name} */
  public String title() {
    return title;
  }

  /** {@return where it was published} */
  public String paper() {
    return paper;
  }

  /** {@return what a query costs} */
  public String cost() {
    return cost;
  }

  /** {@return what it keeps} */
  public String memory() {
    return memory;
  }

  /** {@return what must be there} */
  public String needs() {
    return needs;
  }

  /** {@return what its numbers are} */
  public Unit unit() {
    return unit;
  }

  /** {@return whether an index answers by it from rows of the embedding table, not from blocks} */
  public boolean readsTable() {
    return this == WORD_EMBEDDING_FISHER;
  }
}
