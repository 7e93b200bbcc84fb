package io.ecsd.client;

import com.google.protobuf.Timestamp;
import io.ecsd.v1.Money;
import io.ecsd.v1.Period;
import io.ecsd.v1.PeriodUnit;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;

/** Conversions between the values of the contract and those of Java. All are exact. */
public final class Values {
  private static final int DECIMALS = 9;

  private Values() {}

  /**
   * Returns an amount of money. It never rounds.
   *
   * @param amount the amount, with at most nine decimals
   * @param currency a code of three capital letters, such as "CNY"
   * @return the money
   * @throws IllegalArgumentException if the amount has more decimals or is over 64 bits, or the currency is no code
   */
  public static Money money(BigDecimal amount, String currency) {
    if (!currency.matches("[A-Z]{3}")) {
      throw new IllegalArgumentException(
          "invalid currency \"" + currency + "\": want a code of three capital letters, such as CNY");
    }
    BigDecimal exact = amount.stripTrailingZeros();
    if (exact.scale() > DECIMALS) {
      throw new IllegalArgumentException("invalid amount \"" + amount + "\": more than nine decimals");
    }
    BigInteger[] parts = exact.setScale(DECIMALS).unscaledValue().divideAndRemainder(BigInteger.TEN.pow(DECIMALS));
    if (parts[0].bitLength() > 63) {
      throw new IllegalArgumentException("invalid amount \"" + amount + "\": too large");
    }
    return Money.newBuilder().setCurrencyCode(currency).setUnits(parts[0].longValue()).setNanos(parts[1].intValue()).build();
  }

  /**
   * Returns an amount of money.
   *
   * @param amount a decimal number, such as "12.50"
   * @param currency a code of three capital letters, such as "CNY"
   * @return the money
   * @throws IllegalArgumentException as {@link #money(BigDecimal, String)}, or if the amount is no decimal number
   */
  public static Money money(String amount, String currency) {
    if (!amount.matches("[+-]?[0-9]+(\\.[0-9]+)?")) {
      throw new IllegalArgumentException("invalid amount \"" + amount + "\": want a decimal number, such as 12.50");
    }
    return money(new BigDecimal(amount), currency);
  }

  /**
   * Returns the exact amount of money.
   *
   * @param money the money
   * @return the amount
   */
  public static BigDecimal amount(Money money) {
    return BigDecimal.valueOf(money.getUnits()).add(BigDecimal.valueOf(money.getNanos(), DECIMALS));
  }

  /**
   * Returns an amount with its currency, exactly and without trailing zeros, such as "12.5 CNY".
   *
   * @param money the money
   * @return the text
   */
  public static String text(Money money) {
    BigDecimal amount = amount(money);
    return (amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString()) + " " + money.getCurrencyCode();
  }

  /**
   * Returns a period of n weeks.
   *
   * @param n the number
   * @return the period
   */
  public static Period weeks(int n) {
    return Period.newBuilder().setCount(n).setUnit(PeriodUnit.PERIOD_UNIT_WEEK).build();
  }

  /**
   * Returns a period of n months.
   *
   * @param n the number
   * @return the period
   */
  public static Period months(int n) {
    return Period.newBuilder().setCount(n).setUnit(PeriodUnit.PERIOD_UNIT_MONTH).build();
  }

  /**
   * Returns a period of n years.
   *
   * @param n the number
   * @return the period
   */
  public static Period years(int n) {
    return Period.newBuilder().setCount(n).setUnit(PeriodUnit.PERIOD_UNIT_YEAR).build();
  }

  /**
   * Returns a time.
   *
   * @param time the time in the contract
   * @return the time
   */
  public static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /**
   * Returns a time as the contract has it.
   *
   * @param time the time
   * @return the time in the contract
   */
  public static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()).build();
  }

  /**
   * Returns a span of time as the contract has it.
   *
   * @param span the span
   * @return the span in the contract
   */
  public static com.google.protobuf.Duration duration(Duration span) {
    return com.google.protobuf.Duration.newBuilder().setSeconds(span.getSeconds()).setNanos(span.getNano()).build();
  }

  static Duration duration(com.google.protobuf.Duration d) {
    return Duration.ofSeconds(d.getSeconds(), d.getNanos());
  }
}
