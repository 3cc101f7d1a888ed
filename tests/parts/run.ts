import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inLanes, testPart } from './lanes.ts';
import { type Part, parts } from './parts.ts';
import { countSkips } from './skips.ts';

/** `npm run test:parts`: papilio against the real parts, each in its own run of the tests of its name, two side by side. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const lanes = 2;

/** The parts that were asked for by name, `npm run test:parts -- boto3`; without any, all of them. */
const askedFor: ReadonlySet<string> = new Set(process.argv.slice(2));
const isWanted = (name: string): boolean => askedFor.size === 0 || askedFor.has(name);

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** What became of a part; `skipped` says why it cannot be had here. */
type Result = { readonly passed: number; readonly failed: number; readonly text: string; readonly skipped?: string };

const failure = (text: string): Result => ({ passed: 0, failed: 1, text });

/** Installs what a part is made of; says what hinders it. */
const prepare = (name: string, { needs }: Part): Result | undefined => {
  const hindrance = needs.map((need) => need.whyNot()).find((why) => why !== undefined);
  if (hindrance !== undefined) return { passed: 0, failed: 0, text: `skipped: ${hindrance}`, skipped: hindrance };
  say(`part ${name}: installs what is missing`);
  try {
    for (const need of needs) need.install();
    return undefined;
  } catch (error) {
    return failure(`could not be installed: ${error instanceof Error ? error.message : String(error)}`.slice(0, 2000));
  }
};

const tested = (await readdir(join(root, 'tests/parts'))).flatMap((file) => /^(.+)\.test\.ts$/.exec(file)?.[1] ?? []);
const names = [...new Set([...Object.keys(parts), ...tested, ...askedFor])];
const results = new Map<string, Result>();
for (const name of names.filter((one) => !isWanted(one)))
  results.set(name, { passed: 0, failed: 0, text: `not asked for: npm run test:parts -- ${name}` });

// One after the other: several are made of the same.
const ready = names.filter(isWanted).filter((name) => {
  const part = parts[name];
  const hindrance = part === undefined ? failure('has no line in tests/parts/parts.ts') : prepare(name, part);
  if (hindrance !== undefined) results.set(name, hindrance);
  return hindrance === undefined;
});

const scratch = await mkdtemp(join(tmpdir(), 'papilio-parts-'));
await inLanes(lanes, ready, async (name) => {
  say(`part ${name}: begins`);
  const { output, ...result } = await testPart(root, name, scratch);
  say(`${output}\npart ${name}: ${result.text}`);
  results.set(name, result);
});
rmSync(scratch, { recursive: true });

say('');
for (const name of names) say(`part ${name}: ${results.get(name)?.text}`);
const skipped = names.filter((name) => results.get(name)?.skipped !== undefined);
// One that cannot be had once may be an accident of the machine; one that is never had is not tested.
const overdue = countSkips(names.filter(isWanted), skipped).filter((name) => skipped.includes(name));
for (const name of overdue) say(`part ${name}: skipped again; it counts as failed until it runs`);
const all = [...results.values()];
const passed = all.reduce((total, result) => total + result.passed, 0);
const failed = all.reduce((total, result) => total + result.failed, overdue.length);
const report = process.env.PAPILIO_PARTS_REPORT;
const failures = names
  .filter((name) => overdue.includes(name) || (results.get(name)?.failed ?? 0) > 0)
  .map((name) => `part ${name}: ${results.get(name)?.text}`);
if (report !== undefined) writeFileSync(report, JSON.stringify({ passed, failed, failures }));
process.exitCode = failed === 0 ? 0 : 1;
