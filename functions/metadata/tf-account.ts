import * as z from 'zod';
import { jsonOf } from '#lib/model/json';
import { Decimal64 } from '#schema/id';
import type { TfAccount } from '#schema/output';

const Range = z.object({ tfFirst: Decimal64, tfEnd: Decimal64 });
/** What the output of an STF says of the TFs that its payload read. */
const Told = z.object({ tfCount: z.int().min(0), tfRanges: z.array(Range), tfsMissing: z.array(Range) });

/** A record item is at most 400 kB: of more ranges than these the output itself tells. */
const rangesMax = 1000;
/** Ranges that an event tells. */
const rangesTold = 20;

/** The TFs that a payload read and those that it missed, from its output; undefined if that says nothing of TFs. @see 6.2 */
export const tfAccountOf = (output: Uint8Array): TfAccount | undefined => {
  const told = Told.safeParse(jsonOf(Buffer.from(output).toString())).data;
  if (told === undefined) return undefined;
  const { tfCount, tfRanges, tfsMissing } = told;
  const tfsMissingCount = tfsMissing.reduce((sum, { tfFirst, tfEnd }) => sum + BigInt(tfEnd) - BigInt(tfFirst), 0n);
  return {
    tfCount,
    tfsMissingCount: Number(tfsMissingCount),
    tfRanges: tfRanges.slice(0, rangesMax),
    tfsMissing: tfsMissing.slice(0, rangesMax),
  };
};

/** What an event tells of a processed STF's TFs: none is missing unless it says so. */
export const toldOf = (account: TfAccount | undefined) => {
  if (account === undefined) return {};
  const { tfCount, tfsMissingCount, tfsMissing } = account;
  if (tfsMissingCount === 0) return { tfCount };
  return { tfCount, tfsMissingCount, tfsMissing: tfsMissing.slice(0, rangesTold) };
};
