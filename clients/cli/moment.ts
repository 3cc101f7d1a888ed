import * as z from 'zod';
import { UsageError } from './failure.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

type Way = 'ago' | 'ahead';

/** A moment in any form that names its zone, or a span before or after now such as `90s`, `15m`, `6h`, `2d`; as UTC. */
export const momentOf = (option: string, text: string, way: Way = 'ago', nowMs = Date.now()): string => {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const sign = way === 'ago' ? -1 : 1;
  if (count !== undefined) return new Date(nowMs + sign * Number(count) * (unitMs[unit] ?? 0)).toISOString();
  const at = /(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw new UsageError(`${option} ${text} is no moment with a zone`, `${option} 2026-11-25T08:00:00Z, or ${option} 6h`);
};

/** The moment that an option of this name gives, if it is given. */
export const momentOption = (option: string) =>
  z
    .string()
    .transform((text) => momentOf(option, text))
    .optional();

/** The same for what is to come: a span is from now on. */
export const comingOption = (option: string) =>
  z
    .string()
    .transform((text) => momentOf(option, text, 'ahead'))
    .optional();
