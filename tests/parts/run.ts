import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { boto3Part } from './boto3.ts';
import { whyNoDynamoDbLocal } from '../../local/stack/parts/dynamodb-local.ts';
import { ministackPart } from '../../local/stack/parts/ministack.ts';
import { whyNoRabbitMq } from './rabbitmq.ts';
import { schemathesisPart } from './schemathesis.ts';
import { whyNoTlsFront } from './tls-front.ts';

/** `npm run test:parts`: papilio against the real parts, each in its own run of the tests of its name. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The parts, and why one cannot be had on this machine. One that can be had must be proved. */
const parts: Readonly<Record<string, () => string | undefined>> = {
  boto3: boto3Part.whyNot,
  'dynamo-store': () => whyNoDynamoDbLocal() ?? ministackPart.whyNot(),
  ministack: ministackPart.whyNot,
  rabbitmq: whyNoRabbitMq,
  integrations: ministackPart.whyNot,
  schemathesis: schemathesisPart.whyNot,
  'tls-front': whyNoTlsFront,
};

/** The parts that were asked for by name, `npm run test:parts -- boto3`; without any, all of them. */
const askedFor: ReadonlySet<string> = new Set(process.argv.slice(2));

/** What became of a part. */
type Result = { readonly passed: number; readonly failed: number; readonly text: string };

const Report = z.object({ numPassedTests: z.int(), numFailedTests: z.int(), numPendingTests: z.int() });

const test = (part: string, scratch: string): Result => {
  const file = join(scratch, `${part}.json`);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const files = ['--config', 'tests/vitest.config.ts', '--project', 'parts', `tests/parts/${part}.test.ts`];
  const reports = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', file];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...files, ...reports], {
    cwd: root,
    stdio: 'inherit',
  });
  try {
    const {
      numPassedTests: passed,
      numFailedTests,
      numPendingTests,
    } = Report.parse(JSON.parse(readFileSync(file, 'utf8')));
    // A test that did not run where it should have, and a file that broke outside its tests, are failures too.
    const isBroken = numFailedTests === 0 && (status !== 0 || passed === 0);
    const failed = numFailedTests + numPendingTests + Number(isBroken);
    return { passed, failed, text: `ran, ${passed} passed, ${failed} failed` };
  } catch {
    return { passed: 0, failed: 1, text: 'broke before its tests could be counted' };
  }
};

const isWanted = (part: string): boolean => askedFor.size === 0 || askedFor.has(part);

const prove = (part: string, scratch: string): Result => {
  if (!isWanted(part)) return { passed: 0, failed: 0, text: `not asked for: npm run test:parts -- ${part}` };
  const why = parts[part];
  if (why === undefined) return { passed: 0, failed: 1, text: 'has no line in tests/parts/run.ts' };
  const reason = why();
  return reason === undefined ? test(part, scratch) : { passed: 0, failed: 0, text: `skipped: ${reason}` };
};

const tested = readdirSync(join(root, 'tests/parts')).flatMap((name) => /^(.+)\.test\.ts$/.exec(name)?.[1] ?? []);
const scratch = mkdtempSync(join(tmpdir(), 'papilio-parts-'));
const results = [...new Set([...Object.keys(parts), ...tested, ...askedFor])].map(
  (part) => [part, prove(part, scratch)] as const,
);
rmSync(scratch, { recursive: true });

for (const [part, { text }] of results) process.stdout.write(`part ${part}: ${text}\n`);
const sum = (count: (result: Result) => number) => results.reduce((total, [, result]) => total + count(result), 0);
const passed = sum((result) => result.passed);
const failed = sum((result) => result.failed);
const report = process.env.PAPILIO_PARTS_REPORT;
if (report !== undefined) writeFileSync(report, JSON.stringify({ passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
