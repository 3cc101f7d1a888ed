import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { actionsStep } from './actions.ts';
import { advisoriesStep } from './advisories.ts';
import { apiTestsStep } from './api-tests.ts';
import { expressionsStep } from './expressions.ts';
import { fieldTestsStep } from './field-tests.ts';
import { houseStep } from './house.ts';
import { licencesStep } from './licences.ts';
import { linksStep } from './links.ts';
import { loopsStep } from './loops.ts';
import { openapiStep } from './openapi.ts';
import { pagesStep } from './pages.ts';
import { papersStep } from './papers.ts';
import { codeSteps } from './planted-code.ts';
import { importSteps } from './planted-imports.ts';
import { unusedStep } from './planted-unused.ts';
import { requirementsStep } from './requirements.ts';
import { type Step, toolStep } from './shell.ts';

const steps: readonly Step[] = [
  toolStep('format and lint', 'biome', ['check', '--error-on-warnings', '--max-diagnostics=200', '.']),
  toolStep('types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']),
  ...importSteps,
  ...codeSteps,
  toolStep('unused', 'knip', ['--no-progress']),
  unusedStep,
  houseStep,
  expressionsStep,
  linksStep,
  loopsStep,
  requirementsStep,
  fieldTestsStep,
  apiTestsStep,
  openapiStep,
  pagesStep,
  papersStep,
  advisoriesStep,
  licencesStep,
  actionsStep,
];

type Outcome = {
  readonly name: string;
  readonly problems: readonly string[];
  readonly note: string | undefined;
  readonly tookMs: number;
};

async function outcomeOf({ name, run, note }: Step): Promise<Outcome> {
  const startedMs = performance.now();
  const problems = await run().catch((error: unknown) => [`the check itself failed: ${error}`]);
  // What keeps a note from being read is a problem of the step itself.
  return { name, problems, note: await note?.().catch(() => undefined), tookMs: performance.now() - startedMs };
}

function show({ name, problems, note, tookMs }: Outcome): void {
  const mark = problems.length === 0 ? '✓' : '✗';
  process.stdout.write(`${mark} ${name} (${(tookMs / 1000).toFixed(1)} s)${note === undefined ? '' : `: ${note}`}\n`);
  for (const line of problems) process.stdout.write(`    ${line}\n`);
}

/** Runs the steps, at most one a core at a time, and shows each as it ends. */
async function runAll(queue: Step[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const outcome = await outcomeOf(step);
      outcomes.push(outcome);
      show(outcome);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
  return outcomes;
}

const only = process.argv.slice(2);
const chosen = steps.filter(({ name }) => only.length === 0 || only.includes(name));
const outcomes = await runAll([...chosen]);
const failed = outcomes.filter(({ problems }) => problems.length > 0);
process.stdout.write(`check: ${outcomes.length - failed.length} passed, ${failed.length} failed\n`);
const report = process.env.PAPILIO_CHECK_REPORT;
if (report !== undefined) {
  const failures = failed.map(({ name, problems }) => `check ${name}: ${problems[0]}`);
  await writeFile(report, JSON.stringify({ passed: outcomes.length - failed.length, failed: failed.length, failures }));
}
process.exitCode = failed.length === 0 && outcomes.length > 0 ? 0 : 1;
