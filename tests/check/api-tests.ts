import { aStatesPart } from '../builders/a-states-part.ts';
import { apiOperations, inputMembers } from '../builders/api-model.ts';
import { KINDS, type Proof, proofsIn, UNPROVED } from './proofs.ts';
import type { Step } from './shell.ts';

/** A member of an operation's input, or of a part of one, with what the tests prove of it. */
export type ProvenMember = { readonly owner: string; readonly member: string; readonly proof: Proof };

/** Operations (`TestState`) that are not served and proofs (`TestState.mock effect`) that are not there: why. */
const NOT_YET: Readonly<Record<string, string>> = {
  'EncryptionConfiguration.kmsKeyId accept': 'there is no KMS, and no key but AWS’s own',
  'EncryptionConfiguration.kmsKeyId effect': 'there is no KMS, and no key but AWS’s own',
  'EncryptionConfiguration.kmsDataKeyReusePeriodSeconds accept': 'it goes with a key of one’s own only',
  'EncryptionConfiguration.kmsDataKeyReusePeriodSeconds effect': 'it goes with a key of one’s own only',
};

/** Why an operation or a proof is missing, if it may be. */
export const whyMissing = (name: string): string | undefined => NOT_YET[name];

let asked: ReturnType<typeof proofsIn> | undefined;

/** Every member of the input of every operation, with its tests; the tests are listed once. */
export async function provenMembers(): Promise<readonly ProvenMember[]> {
  asked ??= proofsIn('tests/unit/local/stepfunctions/api', 'api');
  const proofs = await asked;
  return inputMembers.map(({ owner, member }) => {
    const proof = proofs.get(`${owner}.${member}`) ?? UNPROVED;
    return { owner, member, proof };
  });
}

/** Operations that the model knows and the engine does not serve. */
const unserved = (): readonly string[] => {
  const { part } = aStatesPart();
  part.close();
  return apiOperations.map(({ name }) => name).filter((name) => part.operations[name] === undefined);
};

const missingProofs = ({ owner, member, proof }: ProvenMember): readonly string[] =>
  KINDS.filter((kind) => proof[kind].length === 0).map((kind) => `${owner}.${member} ${kind}`);

async function check(): Promise<readonly string[]> {
  const members = await provenMembers();
  const missing = new Set([...unserved(), ...members.flatMap(missingProofs)]);
  const excused = new Set(Object.keys(NOT_YET));
  const known = new Set(members.map(({ owner, member }) => `${owner}.${member}`));
  const strangers = [...((await asked)?.keys() ?? [])].filter((name) => !known.has(name));
  return [
    ...[...missing].filter((name) => !excused.has(name)).map((name) => `there is no ${name}`),
    ...[...excused].filter((name) => !missing.has(name)).map((name) => `${name} is there, and excused as missing`),
    ...strangers.map((name) => `${name} is no member of an input, and has tests`),
  ];
}

/** Every operation of AWS is served, and every member of its input has a test of what it takes, what it refuses, and what it does. */
export const apiTestsStep: Step = { name: 'members of the API', run: check };
