/**
 * Timeframe (TF) and bunch crossing (BX) numbers. They follow from the DAQ's run and sequence numbers and never change.
 * They live as long as the collider, so they are bigint in code and decimal strings in JSON: a number would lose digits.
 */
import * as z from 'zod';
import { Decimal64, DecimalBx } from './id.ts';

/** An unsigned 64-bit number: a decimal string on every wire, a bigint in code. */
export const U64 = z.codec(
  Decimal64,
  z
    .bigint()
    .min(0n)
    .lt(2n ** 64n),
  {
    decode: (text) => BigInt(text),
    encode: (number) => number.toString(),
  },
);

/** A BX number of at most 96 bits: a decimal string on every wire, a bigint in code. */
export const BxNumber = z.codec(
  DecimalBx,
  z
    .bigint()
    .min(0n)
    .lt(2n ** 96n),
  {
    decode: (text) => BigInt(text),
    encode: (number) => number.toString(),
  },
);

/** TFs from `tfFirst` up to, but not with, `tfEnd`. */
export const TfRange = z.object({ tfFirst: U64, tfEnd: U64 });
export type TfRange = z.infer<typeof TfRange>;

/** Bunch crossings from `bxFirst` up to, but not with, `bxEnd`. */
export const BxRange = z.object({ bxFirst: BxNumber, bxEnd: BxNumber });
export type BxRange = z.infer<typeof BxRange>;
