import { analyse } from 'scslre';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Expression, expressionProblems, expressionsIn, isExcused, problemsOf } from '../../check/expressions.ts';
import { parse, productSources } from '../../check/sources.ts';

const product = async (): Promise<readonly Expression[]> =>
  (await productSources())
    .flatMap(expressionsIn)
    .filter((one) => typeof one !== 'string')
    .filter((one) => !isExcused(one))
    // What repeats nothing without a bound takes a bounded time at each place.
    .filter(({ source }) => /[*+]|,\}/.test(source));

/** What the search for attacks reads of an expression's tree. */
const Part: z.ZodType<Part> = z.lazy(() =>
  z.object({
    type: z.string(),
    value: z.unknown().optional(),
    min: z.union([z.number(), Part]).optional(),
    kind: z.string().optional(),
    negate: z.boolean().optional(),
    alternatives: z.array(Part).optional(),
    elements: z.array(Part).optional(),
    element: Part.optional(),
  }),
);
type Part = {
  readonly type: string;
  readonly value?: unknown;
  readonly min?: number | Part | undefined;
  readonly kind?: string | undefined;
  readonly negate?: boolean | undefined;
  readonly alternatives?: readonly Part[] | undefined;
  readonly elements?: readonly Part[] | undefined;
  readonly element?: Part | undefined;
};

const ofSet: Readonly<Record<string, string>> = { digit: '1', space: ' ', word: 'a', any: 'x', property: 'A' };

/** A text in the pieces that parts of an expression read. */
type Word = readonly string[];
const fewWords = 3;

const joined = (parts: readonly Part[]): readonly Word[] =>
  parts
    .map(wordsOf)
    .filter((words) => words.length > 0)
    .reduce((all, words) => all.flatMap((one) => words.map((word) => [...one, ...word])).slice(0, fewWords), [[]]);

/** How short texts come of a part, by its type; a group or pattern is what lies in it. */
const readers: Readonly<Record<string, (part: Part) => readonly Word[]>> = {
  Character: ({ value }) => [[typeof value === 'number' ? String.fromCodePoint(value) : '']],
  CharacterSet: ({ negate, kind = '' }) => [[negate ? '~' : (ofSet[kind] ?? 'x')]],
  CharacterClassRange: ({ min }) => (typeof min === 'object' ? wordsOf(min) : []),
  CharacterClass: ({ negate, elements = [] }) =>
    negate ? [['x'], ['(']] : elements.flatMap(wordsOf).slice(0, fewWords),
  Alternative: ({ elements = [] }) => joined(elements),
  // A counted piece is one: twelve digits are read together or not at all.
  Quantifier: ({ element, min }) =>
    element === undefined
      ? []
      : wordsOf(element).map((word) => (Number(min) > 1 ? [word.join('').repeat(Math.min(Number(min), 12))] : word)),
};

/** Short texts that a part of an expression may read, one for each way through it, as far as they are few. */
const wordsOf = (part: Part): readonly Word[] =>
  readers[part.type]?.(part) ?? (part.alternatives ?? []).flatMap(wordsOf).slice(0, fewWords);

type Attack = { readonly prefix: string; readonly pump: string };

/** What could make an expression slow: beginnings of what it reads, and one to three pieces of it again and again. */
const attacksOn = ({ source, flags }: Expression): readonly Attack[] => {
  const words = wordsOf(Part.parse(analyse({ source, flags }).parsed.pattern)).map((word) => word.slice(0, 40));
  const attacks = words.flatMap((word) =>
    word.flatMap((_, at) =>
      [1, 2, 3].flatMap((pieces) =>
        ['', word.slice(0, at).join('')].map((prefix) => ({ prefix, pump: word.slice(at, at + pieces).join('') })),
      ),
    ),
  );
  return [...new Map(attacks.map((attack) => [JSON.stringify(attack), attack])).values()];
};

/** An end that hardly any expression takes, so that it goes back and tries what else it could. */
const end = '\u0000\r\n';

/** The least time of some, for whatever else the machine does only adds to it. */
const leastMs = (expression: RegExp, text: string, times: number): number => {
  const once = (): number => {
    const beginsMs = performance.now();
    text.replace(expression, '');
    return performance.now() - beginsMs;
  };
  return Math.min(...Array.from({ length: times }, once));
};

/**
 * Whether an expression takes more than eight times as long for four times the text; a square takes sixteen times as long. The
 * text grows until it takes long enough to tell; one that never does is of no higher order.
 */
const grows = ({ source, flags }: Expression, { prefix, pump }: Attack): boolean => {
  const expression = new RegExp(source, /[gy]/.test(flags) ? flags : `${flags}g`);
  const textOf = (chars: number): string => prefix + pump.repeat(Math.ceil(chars / pump.length)) + end;
  const isSlow = (chars: number): boolean =>
    leastMs(expression, textOf(chars), 3) > 8 * leastMs(expression, textOf(chars / 4), 5);
  return [24, 500, 8_000].some(
    // A second look: whatever else the machine did at the first one is not the expression's doing.
    (chars) => leastMs(expression, textOf(chars), 1) > 4 && isSlow(chars) && isSlow(chars),
  );
};

const attacked = (expression: Expression): readonly string[] => {
  for (const attack of attacksOn(expression)) {
    if (grows(expression, attack)) return [`${expression.place}: /${expression.source}/: ${JSON.stringify(attack)}`];
  }
  return [];
};

/** What must be found, by reading the expression and by attacking it. */
const planted: readonly RegExp[] = [
  /\$\{([^}]*)\}/g, // names in a definition: one request of 80 kB once stopped the front for good
  /\/+$/,
  /^[^\r]*:[^\r]*$/,
  /^(?:a+)+$/,
  /^(?:a+|b)*$/,
  /^\s*(\w+)\s*\s*=$/,
  /^(\d+)*,$/,
  /\?[^']*(?=')/,
  /(?:ab)+c/,
  /^.*,.*,.*;$/,
];

describe('regular expressions that are not linear', () => {
  test.each(planted)('%s is found by reading it, and by attacking it', ({ source, flags }) => {
    expect(problemsOf({ place: 'planted.ts:1', source, flags })).not.toEqual([]);
    expect(attacked({ place: 'planted.ts:1', source, flags })).not.toEqual([]);
  });

  test('are found by attacking them where reading does not tell', () => {
    const { source, flags } = /"(?:QueueUrl|QueueArn)"\s*:\s*"(?:[^"\\]*[:/])?(\d{12})(?:[:/][^"\\]*)?"/; // once in the engine's door
    expect(attacked({ place: 'planted.ts:1', source, flags })).not.toEqual([]);
    expect(attacked({ place: 'planted.ts:1', source: '^(?:a|a)*$', flags })).not.toEqual([]);
  });

  test.each([
    ['a literal', 'export const names = (text: string) => text.matchAll(/\\$\\{([^}]*)\\}/g);'],
    ['a constant', "const rule = '(a+)+';\nexport const form = new RegExp('^'.concat(rule));"],
    ['what nobody can read', 'export const form = (text: string) => new RegExp(text);'],
  ])('are found in the code: %s', (_, text) => {
    expect(expressionProblems([parse('functions/jobs/planted.ts', text)])).toMatchObject([
      expect.stringMatching(/^functions\/jobs\/planted\.ts:[12]: /),
    ]);
  });

  test('are not these', () => {
    const text = `const name = '[a-z]{1,9}';
      export const forms = [/^[a-z]+$/, /\\$\\{([^}]{0,120})\\}/g, /(?<!\\/)\\/+$/, new RegExp(\`^\${name}(?::\${name})*$\`)];`;
    expect(expressionProblems([parse('functions/jobs/innocent.ts', text)])).toEqual([]);
  });
});

test('no expression of papilio grows faster than the text, whatever it is made of', async () => {
  const expressions = await product();
  expect(expressions.length).toBeGreaterThan(100);
  expect(expressions.flatMap(attacked)).toEqual([]);
}, 120_000);
