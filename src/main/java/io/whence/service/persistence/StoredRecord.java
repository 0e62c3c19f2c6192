package io.whence.service.persistence;

import io.whence.engine.Sha256;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

/** An answer read from the database without the service. */
public final class StoredRecord {
  private StoredRecord() {}

  /**
   * {@return the bytes of an answer}
   *
   * @throws IOException with one sentence for the operator when they cannot be read, or are not
   *     those that were stored
   */
  public static Optional<byte[]> body(String url, String user, String password, UUID id)
      throws IOException {
    try (Connection connection = DriverManager.getConnection(url, user, password);
        PreparedStatement query =
            connection.prepareStatement(
                "select r.body, r.body_sha256, e.at, e.reason from attribution_record r left join"
                    + " erasure e on e.id = r.id where r.id = ?")) {
      query.setObject(1, id);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        byte[] body = row.getBytes(1);
        if (body == null) {
          throw new IOException(
              "the record "
                  + id
                  + " was erased at "
                  + row.getObject(3, OffsetDateTime.class).toInstant()
                  + ", so it cannot be repeated: "
                  + row.getString(4));
        }
        if (!Sha256.of(body).equals(row.getString(2))) {
          throw new IOException(
              "the record " + id + " is not what was stored: its checksum differs");
        }
        return Optional.of(body);
      }
    } catch (SQLException e) {
      throw new IOException("the records at " + url + " cannot be read: " + e.getMessage(), e);
    }
  }
}
