package io.whence.service.audit;

import io.whence.engine.EngineException;
import io.whence.engine.record.TimeStamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A time-stamp authority, asked over HTTP (RFC 3161, 3.4). Its answer is bounded in time and size.
 */
final class Authority {
  private final URI url;
  private final Duration timeout;
  private final HttpClient client;

  Authority(URI url, Duration timeout) {
    this.url = url;
    this.timeout = timeout;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /**
   * {@return a token of a message}
   *
   * @param anchors that must vouch for the signer; none: any is taken
   * @throws EngineException.InvalidQuery when it answers otherwise than it should
   * @throws IOException when it does not answer in time
   */
  @SuppressWarnings("Interruption") // it ends the exchange, which would go on otherwise
  byte[] stamp(byte[] message, List<X509Certificate> anchors)
      throws IOException, InterruptedException {
    TimeStamp.Query query = TimeStamp.Query.about(message);
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(timeout)
            .header("Content-Type", "application/timestamp-query")
            .POST(HttpRequest.BodyPublishers.ofByteArray(query.der()))
            .build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(request, head -> new Bounded());
    try {
      HttpResponse<byte[]> response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new IOException("it answers with HTTP status " + response.statusCode());
      }
      return query.token(response.body(), anchors);
    } catch (TimeoutException e) {
      throw silent(e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      // The client's own clock may be the faster one.
      if (cause instanceof HttpTimeoutException) {
        throw silent(e);
      }
      throw new IOException(
          "it cannot be reached or does not answer: "
              + (cause.getMessage() == null ? cause.toString() : cause.getMessage()),
          e);
    } finally {
      answer.cancel(true);
    }
  }

  private IOException silent(Exception e) {
    return new IOException("it did not answer within " + timeout.toMillis() + " ms", e);
  }

  /** Takes no more bytes than a token can have. */
  private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription to) {
      subscription = to;
      to.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
      for (ByteBuffer part : parts) {
        if (bytes.size() + part.remaining() > TimeStamp.LARGEST) {
          if (subscription != null) {
            subscription.cancel();
          }
          onError(new IOException("it sends more than " + TimeStamp.LARGEST + " bytes"));
          return;
        }
        byte[] some = new byte[part.remaining()];
        part.get(some);
        bytes.writeBytes(some);
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toByteArray());
    }
  }
}
