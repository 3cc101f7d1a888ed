import * as z from 'zod';
import { tool } from './shell.ts';

/** What a test named `field: Task.TimeoutSeconds accept: 1` proves of a field. */
export type Proof = {
  readonly accept: readonly string[];
  readonly refuse: readonly string[];
  readonly effect: readonly string[];
};

const Kind = z.enum(['accept', 'refuse', 'effect']);
const Listed = z.array(z.object({ name: z.string(), file: z.string() }));

/** What has to be proved of everything. */
export const KINDS = Kind.options;

/** Of which no test tells anything. */
export const UNPROVED: Proof = { accept: [], refuse: [], effect: [] };

const listed = async (folder: string): Promise<readonly string[]> => {
  const options = ['--config', 'tests/vitest.config.ts', '--project', 'unit', '--staticParse=false', '--json'];
  const { stdout, stderr, code } = await tool('vitest', ['list', folder, ...options]);
  if (code !== 0) throw new Error(`vitest list said: ${stdout}${stderr}`);
  // Files come in any order, the tests of each in their own.
  const tests = Listed.parse(JSON.parse(stdout)).toSorted((a, b) => Number(a.file > b.file) - Number(a.file < b.file));
  return tests.map(({ name }) => name);
};

/** The proofs that the tests of a folder give, by what they are about: `Task.TimeoutSeconds` of those named `field: …`. */
export const proofsIn = async (folder: string, prefix: 'field' | 'api'): Promise<ReadonlyMap<string, Proof>> => {
  const pattern = new RegExp(`^(?:.* > )?${prefix}: (\\S+) (accept|refuse|effect): ?(.*)$`, 's');
  const proofs = new Map<string, Record<keyof Proof, string[]>>();
  for (const name of await listed(folder)) {
    const [, subject = '', kind, what = ''] = pattern.exec(name) ?? [];
    if (kind === undefined) continue;
    const proof = proofs.get(subject) ?? { accept: [], refuse: [], effect: [] };
    proofs.set(subject, proof);
    proof[Kind.parse(kind)].push(what);
  }
  return proofs;
};
