import * as z from 'zod';
import type { Field } from '../../local/stepfunctions/validation/fields.ts';
import { SHAPES } from '../../local/stepfunctions/validation/part-shapes.ts';
import { COMPARATORS } from '../../local/stepfunctions/validation/rules.ts';
import { type Step, tool } from './shell.ts';

/** What a test named `field: Task.TimeoutSeconds accept: 1` proves of a field. */
export type Proof = { readonly accept: string[]; readonly refuse: string[]; readonly effect: string[] };

/** A field of the language with what the tests prove of it. */
export type ProvenField = {
  readonly owner: string;
  readonly name: string;
  readonly field: Field;
  readonly proof: Proof;
};

/** Fields that definitions may not have yet: why, and what to do instead. */
export const NOT_YET: Readonly<Record<string, string>> = {};

const comparators: Readonly<Record<string, Field>> = Object.fromEntries(
  COMPARATORS.map((name) => [name, { kind: 'any', only: 'JSONPath' } as const]),
);

/** The fields of a kind of object; a rule of a Choice has a field for each comparison. */
export const fieldsOf = (owner: string): Readonly<Record<string, Field>> => ({
  ...SHAPES[owner]?.fields,
  ...(owner === 'ChoiceRule' && comparators),
});

const Kind = z.enum(['accept', 'refuse', 'effect']);
const Listed = z.array(z.object({ name: z.string(), file: z.string() }));

const readProofs = (names: readonly string[]): ReadonlyMap<string, Proof> => {
  const proofs = new Map<string, Proof>();
  for (const name of names) {
    const [, field = '', kind, what = ''] = /^(?:.* > )?field: (\S+) (accept|refuse|effect): ?(.*)$/s.exec(name) ?? [];
    if (kind === undefined) continue;
    const proof = proofs.get(field) ?? { accept: [], refuse: [], effect: [] };
    proofs.set(field, proof);
    proof[Kind.parse(kind)].push(what);
  }
  return proofs;
};

async function listed(): Promise<readonly string[]> {
  const where = 'tests/unit/local/stepfunctions/fields';
  const args = [
    'list',
    where,
    '--config',
    'tests/vitest.config.ts',
    '--project',
    'unit',
    '--staticParse=false',
    '--json',
  ];
  const { stdout, stderr, code } = await tool('vitest', args);
  if (code !== 0) throw new Error(`vitest list said: ${stdout}${stderr}`);
  // Files come in any order, the tests of each in their own.
  const tests = Listed.parse(JSON.parse(stdout)).toSorted((a, b) => Number(a.file > b.file) - Number(a.file < b.file));
  return tests.map(({ name }) => name);
}

let asked: Promise<readonly string[]> | undefined;

/** Every field of every kind of object, with its tests; the tests are listed once. */
export async function provenFields(): Promise<readonly ProvenField[]> {
  asked ??= listed();
  const proofs = readProofs(await asked);
  return Object.keys(SHAPES).flatMap((owner) =>
    Object.entries(fieldsOf(owner)).map(([name, field]) => {
      const proof = proofs.get(`${owner}.${name}`) ?? { accept: [], refuse: [], effect: [] };
      return { owner, name, field, proof };
    }),
  );
}

/** What is missing of a field's proof. */
export const missingProof = ({ owner, name, proof }: ProvenField): readonly string[] => {
  const needed = NOT_YET[`${owner}.${name}`] === undefined ? Kind.options : (['refuse'] as const);
  return needed.filter((kind) => proof[kind].length === 0).map((kind) => `${owner}.${name} has no ${kind} test`);
};

async function check(): Promise<readonly string[]> {
  const fields = await provenFields();
  const known = new Set(fields.map(({ owner, name }) => `${owner}.${name}`));
  const strangers = Object.keys(NOT_YET).filter((field) => !known.has(field));
  return [...fields.flatMap(missingProof), ...strangers.map((field) => `${field} is no field of the language`)];
}

/** Every field of Amazon States Language has a test of what it takes, what it refuses, and what it does. */
export const fieldTestsStep: Step = { name: 'fields of state machines', run: check };
