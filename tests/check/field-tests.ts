import type { Field } from '../../local/stepfunctions/validation/fields.ts';
import { SHAPES } from '../../local/stepfunctions/validation/part-shapes.ts';
import { COMPARATORS } from '../../local/stepfunctions/validation/rules.ts';
import { KINDS, type Proof, proofsIn, UNPROVED } from './proofs.ts';
import type { Step } from './shell.ts';

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

let asked: ReturnType<typeof proofsIn> | undefined;

/** Every field of every kind of object, with its tests; the tests are listed once. */
export async function provenFields(): Promise<readonly ProvenField[]> {
  asked ??= proofsIn('tests/unit/local/stepfunctions/fields', 'field');
  const proofs = await asked;
  return Object.keys(SHAPES).flatMap((owner) =>
    Object.entries(fieldsOf(owner)).map(([name, field]) => {
      const proof = proofs.get(`${owner}.${name}`) ?? UNPROVED;
      return { owner, name, field, proof };
    }),
  );
}

/** What is missing of a field's proof. */
export const missingProof = ({ owner, name, proof }: ProvenField): readonly string[] => {
  const needed = NOT_YET[`${owner}.${name}`] === undefined ? KINDS : (['refuse'] as const);
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
