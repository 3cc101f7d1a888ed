import { createHash } from 'node:crypto';
import { HASHES } from '../hashes.ts';
import type { Json } from '../json.ts';
import { parseJson } from '../json.ts';
import { type Random, seededRandom } from '../random.ts';

/** An error inside an expression; one with a code is reported as JSONata reports its own. */
export class ExpressionError extends Error {
  readonly code: string | undefined;
  constructor(message: string, code?: string) {
    super(message);
    this.name = 'ExpressionError';
    this.code = code;
  }
}

/** AWS's refusal of what grows too large. */
export const MEMORY_LIMIT = 'Expression evaluation memory limit exceeded: Check for excessive memory usage';

/** As AWS measured: `$range` gives no more. */
const MAX_RANGE = 360_145;

const refused = (message: string): ExpressionError => new ExpressionError(message, 'D3137');

const parse = (text: string | undefined): Json | undefined => {
  if (text === undefined) return undefined;
  const value = parseJson(text);
  if (value === undefined) throw refused(`Unable to parse the string as JSON: ${text.slice(0, 100)}`);
  return value;
};

const partition = (items: readonly Json[] | undefined, size: number | undefined): Json | undefined => {
  if (items === undefined || items.length === 0) return undefined;
  if (size === undefined) return [items];
  const length = Math.trunc(size);
  if (length < 0) throw refused('Second argument must be zero or greater');
  if (length === 0) return undefined;
  return Array.from({ length: Math.ceil(items.length / length) }, (_, at) =>
    items.slice(at * length, (at + 1) * length),
  );
};

const range = (first: number | undefined, last: number | undefined, step: number | undefined): Json | undefined => {
  if (first === undefined || last === undefined || step === undefined) return undefined;
  const [from, to, by] = [Math.trunc(first), Math.trunc(last), Math.trunc(step)];
  if (by === 0) return undefined;
  const count = Math.floor((to - from) / by) + 1;
  if (count > MAX_RANGE) throw new ExpressionError(MEMORY_LIMIT);
  if (count < 1) return undefined;
  // A sequence of one is its element.
  return count === 1 ? from : Array.from({ length: count }, (_, at) => from + at * by);
};

const hash = (text: string | undefined, algorithm: string | undefined): string | undefined => {
  if (text === undefined || algorithm === undefined) return undefined;
  const name = HASHES.get(algorithm);
  if (name === undefined)
    throw refused('Second argument must be one of the algorithms MD5, SHA-1, SHA-256, SHA-384 and SHA-512');
  return createHash(name).update(text).digest('hex');
};

/** A function and its JSONata signature. */
type Row = readonly [signature: string, run: (...args: never[]) => Json | undefined];

/** The functions that Step Functions adds to JSONata; `random` draws for those that need it. */
export const awsFunctions = (random: () => Random): Readonly<Record<string, Row>> => ({
  parse: ['<s?:x>', parse],
  partition: ['<an?:a>', partition],
  range: ['<nnn?:x>', range],
  hash: ['<ss?:s>', hash],
  uuid: ['<:s>', () => random().uuid()],
  random: [
    '<n?:n>',
    (seed?: number) => (seed === undefined ? random() : seededRandom(`seed/${Math.trunc(seed)}`)).fraction(),
  ],
});
