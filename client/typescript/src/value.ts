import { create } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";

import { type Money, MoneySchema } from "./gen/ecsd/v1/money_pb.js";
import { type Period, PeriodSchema, PeriodUnit } from "./gen/ecsd/v1/period_pb.js";

const NANOS = 1_000_000_000n;

/** Returns a period of weeks. */
export const weeks = (count: number): Period => create(PeriodSchema, { count, unit: PeriodUnit.WEEK });

/** Returns a period of months. */
export const months = (count: number): Period => create(PeriodSchema, { count, unit: PeriodUnit.MONTH });

/** Returns a period of years. */
export const years = (count: number): Period => create(PeriodSchema, { count, unit: PeriodUnit.YEAR });

/**
 * Returns an amount of money, such as money("12.50", "CNY"). It never rounds: a RangeError if the amount has more than nine
 * decimals or does not fit into 64 bits. A number is no amount, because it is not exact.
 */
export function money(amount: string | bigint, currency: string): Money {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(String(amount));
  if (!match) {
    throw new RangeError(`invalid amount "${amount}": want a decimal number, such as 12.50`);
  }
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw new RangeError(`invalid currency "${currency}": want a code of three capital letters, such as CNY`);
  }
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (fraction.length > 9) {
    throw new RangeError(`invalid amount "${amount}": more than nine decimals`);
  }
  const sign = match[1] === "-" ? -1n : 1n;
  const units = sign * BigInt(match[2]!);
  if (BigInt.asIntN(64, units) !== units) {
    throw new RangeError(`invalid amount "${amount}": too large`);
  }
  return create(MoneySchema, { currencyCode: currency, units, nanos: Number(sign) * Number(fraction.padEnd(9, "0")) + 0 });
}

/** Returns the exact amount with its currency and without trailing zeros, such as "12.5 CNY". */
export function moneyText(value: Money): string {
  const nanos = value.units * NANOS + BigInt(value.nanos);
  const absolute = nanos < 0n ? -nanos : nanos;
  const fraction = String(absolute % NANOS).padStart(9, "0").replace(/0+$/, "");
  return `${nanos < 0n ? "-" : ""}${absolute / NANOS}${fraction && "."}${fraction} ${value.currencyCode}`;
}

/** Returns a time in UTC as RFC 3339, with all its decimals. A Date has milliseconds only: timestampDate of @bufbuild/protobuf/wkt. */
export function timestampText(value: Timestamp): string {
  const whole = new Date(Number(value.seconds) * 1000).toISOString().slice(0, 19);
  const fraction = String(value.nanos).padStart(9, "0").replace(/0+$/, "");
  return `${whole}${fraction && "."}${fraction}Z`;
}
