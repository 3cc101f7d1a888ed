import * as z from 'zod';

/** Instance of papilio that a thing belongs to; papilio owns it, set at installation. */
export const Instance = z.string().regex(/^(prod|test|dev-[a-z0-9]{1,20})$/, 'prod, test or dev-<name>');
/** The E1 laboratory whose instance this is. */
export const Wing = z.enum(['bnl', 'jlab']);
export type Wing = z.infer<typeof Wing>;
/** `<instance>_<noun>_<name>`: one string as key, execution name, file name and URL segment. */
export const Id = z
  .string()
  .max(80)
  .regex(/^[A-Za-z0-9-]+_[a-z]+_[A-Za-z0-9_-]+$/);
/** The decimal numbers from 0 to `most`, as a pattern: those with fewer digits, and those that fall below it at one digit. */
export const decimalUpTo = (most: string): RegExp => {
  const below = [...most].flatMap((digit, at) => {
    const least = at === 0 ? 1 : 0;
    const rest = most.length - at - 1;
    return Number(digit) > least ? [`${most.slice(0, at)}[${least}-${Number(digit) - 1}][0-9]{${rest}}`] : [];
  });
  return new RegExp(`^(0|[1-9][0-9]{0,${most.length - 2}}|${below.join('|')}|${most})$`);
};

/** A TF number: 64 bits, a decimal string on every wire. */
export const Decimal64 = z.string().regex(decimalUpTo(String(2n ** 64n - 1n)));
/** A BX number: a TF number times at most 2^32 BXs a TF, so 96 bits; a decimal string on every wire. */
export const DecimalBx = z.string().regex(decimalUpTo(String(2n ** 96n - 1n)));

/** A run number: 8 digits. */
export const RunNumber = z.int().min(0).max(99_999_999);
/** A sequence number of an STF within its run: 8 digits. */
export const SequenceNumber = z.int().min(0).max(99_999_999);
