import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The parts that papilio is proved against: one folder or test file each, named after the part. */
const parts = readdirSync(join(root, 'tests/parts'))
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => name.replace('.test.ts', ''));

/** Runs one part's tests; a part that cannot be had on this machine says so by skipping itself. */
function run(part: string): boolean {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [
    vitest,
    'run',
    '--config',
    'tests/vitest.config.ts',
    '--project',
    'parts',
    `tests/parts/${part}.test.ts`,
  ];
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

const results = parts.map((part) => [part, run(part)] as const);
for (const [part, passed] of results) process.stdout.write(`part ${part}: ran, ${passed ? 'passed' : 'failed'}\n`);
if (parts.length === 0)
  process.stdout.write('no parts yet: nothing in the tree speaks to a part that papilio did not make\n');

const failed = results.filter(([, passed]) => !passed).length;
const report = process.env.PAPILIO_PARTS_REPORT;
if (report !== undefined) writeFileSync(report, JSON.stringify({ passed: parts.length - failed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
