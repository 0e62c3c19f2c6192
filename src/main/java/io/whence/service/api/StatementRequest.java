package io.whence.service.api;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.whence.engine.credit.Payout;
import io.whence.service.jobs.Statements;
import java.math.BigInteger;
import java.time.YearMonth;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/statements} as it is sent; any field may be missing until it is checked.
 *
 * @param index whose outputs are paid for
 * @param period the month, {@code 2026-10}
 * @param currency ISO 4217 code
 * @param poolMinor what is paid out, minor units of the currency
 * @param remainderRule what becomes of what nothing attributes
 * @param leastMinor the least sum that is paid
 * @param objectionDays how long it can be contested
 */
@RegisterForReflection
record StatementRequest(
    @Nullable String index,
    @Nullable String period,
    @Nullable String currency,
    @Nullable BigInteger poolMinor,
    @Nullable String remainderRule,
    @Nullable BigInteger leastMinor,
    @Nullable BigInteger objectionDays) {
  private static final long LARGEST_POOL = 1_000_000_000_000_000L;
  private static final int USUAL_DAYS = 30;
  private static final int MOST_DAYS = 366;

  /** Who says what of a statement. */
  @RegisterForReflection
  record Remark(@Nullable String by, @Nullable String reason) {
    Remark checked() {
      Violations wrong = new Violations();
      Remark checked = new Remark(wrong.text("by", by), wrong.text("reason", reason));
      wrong.refuse();
      return checked;
    }

    String who() {
      return Objects.requireNonNull(by);
    }

    String why() {
      return Objects.requireNonNull(reason);
    }
  }

  /**
   * {@return the order}
   *
   * @throws Refusal naming the fields that are wrong
   */
  Statements.Order checked() {
    Violations wrong = new Violations();
    String name = wrong.text("index", index);
    YearMonth month = BatchRequest.month("period", period, wrong);
    String code = wrong.text("currency", currency);
    if (!code.isEmpty() && !code.matches("[A-Z]{3}")) {
      wrong.add("currency", "currency is an ISO 4217 code such as EUR; got " + PathId.shown(code));
    }
    if (poolMinor == null) {
      wrong.add("poolMinor", "poolMinor is missing: what is paid out, in minor units");
    }
    long pool = wrong.number("poolMinor", poolMinor, 0, LARGEST_POOL, 0);
    Payout.RemainderRule rule =
        remainderRule == null
            ? Payout.RemainderRule.KEEP
            : wrong.of("remainderRule", () -> Payout.RemainderRule.of(remainderRule));
    long least = wrong.number("leastMinor", leastMinor, 0, LARGEST_POOL, 0);
    long days = wrong.number("objectionDays", objectionDays, 0, MOST_DAYS, USUAL_DAYS);
    wrong.refuse();
    return new Statements.Order(
        name, month, code, pool, Objects.requireNonNull(rule), least, (int) days);
  }
}
