import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { root, type Step, tool, withFolder } from './shell.ts';

/** A rule of `.dependency-cruiser.cjs`, a file that breaks it and the line that does. */
type Planted = readonly [rule: string, file: string, line: string];

const fn = 'functions/jobs/plan-job.fn.ts';

/** One violation of every import rule. */
const planted: readonly Planted[] = [
  ['no-cycles', 'functions/jobs/one.ts', `export { two as one } from './two.ts';`],
  ['no-unresolvable', 'functions/jobs/lost.ts', `import './nowhere.ts';`],
  ['tests-are-never-imported', 'local/sim/tested.ts', `import '../../tests/builders/a-job.ts';`],
  ['no-development-packages', 'functions/lib/tools.ts', `import 'fast-check';`],
  ['only-the-bridge-and-adapters-speak-aws', 'functions/jobs/send.fn.ts', `import '@aws-sdk/client-sqs';`],
  ['areas-do-not-import-areas', 'functions/daq/area.fn.ts', `import '../jobs/rank.ts';`],
  ['areas-do-not-import-areas', 'functions/daq/route.fn.ts', `import '../api/app.ts';`],
  ['nothing-but-the-api-imports-a-function-file', 'functions/jobs/other.fn.ts', `import './plan-job.fn.ts';`],
  ['pure-files-stay-pure', 'functions/jobs/clocked.ts', `import '#ports/clock';`],
  ['pure-files-stay-pure', 'functions/jobs/filed.ts', `import 'node:fs';`],
  ['pure-files-read-no-environment', 'functions/jobs/set.ts', `import { config } from '#lib/config';\nconfig;`],
  ['functions-know-only-functions', 'functions/jobs/local.fn.ts', `import '../../local/sim/daq.ts';`],
  ['shared-code-by-its-alias', 'functions/jobs/far.fn.ts', `import '../lib/errors.ts';`],
  ['catalogue-is-data', 'functions/catalog.ts', `import './jobs/plan-job.fn.ts';`],
  ['schema-imports-only-zod', 'functions/lib/schema/bad.ts', `import 'node:path';`],
  ['ports-are-types', 'functions/lib/ports/bad.ts', `import '../errors.ts';`],
  ['ports-import-types-only', 'functions/lib/ports/value.ts', `import { job } from '../schema/job.ts';\njob;`],
  ['model-imports-schema-only', 'functions/lib/model/bad.ts', `import '../errors.ts';`],
  ['lib-knows-no-area', 'functions/lib/knowing.ts', `import '../jobs/rank.ts';`],
  ['only-deps-names-adapters', 'functions/jobs/adapter.fn.ts', `import '../adapters/store/memory.ts';`],
  ['only-deps-names-adapters', 'local/adapter.ts', `import '../functions/adapters/store/memory.ts';`],
  ['deps-loads-adapters-lazily', 'functions/lib/deps.ts', `import '../adapters/store/memory.ts';`],
  ['adapters-know-ports-and-plain-lib', 'functions/adapters/store/area.ts', `import '../../jobs/rank.ts';`],
  ['adapters-know-ports-and-plain-lib', 'functions/adapters/batch/other.ts', `import '../store/memory.ts';`],
  ['adapters-know-ports-and-plain-lib', 'functions/adapters/store/deps.ts', `import '#lib/deps';`],
  ['clients-speak-http', 'clients/cli/short-cut.ts', `import '#lib/errors';`],
  ['bridge-knows-schema-and-catalogue', 'clients/bridge/short-cut.ts', `import '../../functions/jobs/rank.ts';`],
  ['stacks-load-no-code', 'stacks/code.ts', `import '../functions/lib/errors.ts';`],
  ['local-runs-the-catalogue', 'local/inside.ts', `import '../functions/jobs/rank.ts';`],
  ['the-engine-stands-alone', 'local/engine/model.ts', `import '#lib/errors';`],
  ['the-engine-stands-alone', 'local/sqs/sim.ts', `import '../sim/daq.ts';`],
  ['services-meet-in-the-engine', 'local/sqs/states.ts', `import '../stepfunctions/states.ts';`],
];

/** What the planted lines refer to, and a few imports that must stay allowed. */
const innocent: readonly (readonly [file: string, text: string])[] = [
  ['functions/jobs/two.ts', `export { one as two } from './one.ts';`],
  [
    'functions/jobs/rank.ts',
    `import { job } from '#schema/job';\nimport '#lib/model/share';\nexport const rank = job;`,
  ],
  [fn, `import './rank.ts';\nimport '#ports/clock';\nimport '#lib/errors';`],
  ['functions/api/app.ts', `import '../jobs/plan-job.fn.ts';`],
  [
    'functions/adapters/store/memory.ts',
    `import '#ports/clock';\nimport '#lib/errors';\nimport '@aws-sdk/client-sqs';`,
  ],
  ['functions/jobs/whole.ts', `import './piece.ts';\nexport type Whole = 1;`],
  ['functions/jobs/piece.ts', `import type { Whole } from './whole.ts';\nexport type Piece = Whole;`],
  ['functions/jobs/told.ts', `import type { Config } from '#lib/config';\nexport type Told = Config;`],
  ['functions/lib/config.ts', 'export const config = 1;\nexport type Config = 1;'],
  ['functions/lib/errors.ts', 'export const errors = 1;'],
  ['functions/lib/model/share.ts', `import '../schema/job.ts';\nexport const share = 1;`],
  ['functions/lib/ports/clock.ts', `import type { Job } from '../schema/job.ts';\nexport type Clock = Job;`],
  [
    'functions/lib/schema/job.ts',
    `import * as z from 'zod';\nexport const job = z.string();\nexport type Job = string;`,
  ],
  ['clients/bridge/main.ts', `import '@aws-sdk/client-sqs';\nimport '#schema/job';`],
  [
    'local/main.ts',
    `import '../functions/jobs/plan-job.fn.ts';\nimport '../clients/bridge/main.ts';\nimport '#lib/errors';`,
  ],
  ['local/engine/part.ts', `import '#ports/clock';\nexport const part = 1;`],
  ['local/engine/engine.ts', `import '../sqs/queues.ts';\nimport '../stepfunctions/states.ts';`],
  ['local/sqs/queues.ts', `import '../engine/part.ts';`],
  ['local/stepfunctions/states.ts', `import '../engine/part.ts';`],
  ['local/sim/daq.ts', 'export const daq = 1;'],
  ['stacks/functions.ts', 'export const stacks = 1;'],
  ['tests/builders/a-job.ts', `import '../../functions/adapters/store/memory.ts';`],
];

const Cruised = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
    ruleSetUsed: z.object({ forbidden: z.array(z.object({ name: z.string() })) }),
  }),
});

async function cruise(folder: string): Promise<z.infer<typeof Cruised>['summary']> {
  const args = ['functions', 'local', 'clients', 'stacks', 'tests', '--output-type', 'json'];
  const { stdout, stderr } = await tool('depcruise', args, folder);
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser said: ${stdout}${stderr}`);
  return Cruised.parse(JSON.parse(stdout)).summary;
}

/** Plants one violation of every import rule in a small tree; each must be caught, and nothing else. */
async function provoke(): Promise<readonly string[]> {
  const files = new Map<string, string>([...innocent, ...planted.map(([, file, line]) => [file, line] as const)]);
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    files.set(file, await readFile(join(root, file), 'utf8'));
  }
  const { totalCruised, violations, ruleSetUsed } = await withFolder(files, cruise);
  const caught = new Set(violations.map(({ rule, from }) => `${rule.name} ${from}`));
  const wanted = new Set(planted.map(([rule, file]) => `${rule} ${file}`));
  const tried = new Set(planted.map(([rule]) => rule));
  const clean = new Set(innocent.map(([file]) => file));
  return [
    ...(totalCruised < files.size - 3 ? [`only ${totalCruised} modules were looked at`] : []),
    ...[...wanted].filter((one) => !caught.has(one)).map((one) => `planted and not caught: ${one}`),
    ...violations
      .filter(({ from, rule }) => clean.has(from) && !(rule.name === 'no-cycles' && from === 'functions/jobs/two.ts'))
      .map(({ from, rule }) => `an allowed import was refused: ${rule.name} ${from}`),
    ...ruleSetUsed.forbidden
      .filter(({ name }) => !tried.has(name))
      .map(({ name }) => `no violation is planted for: ${name}`),
  ];
}

/** The import rules hold in the project itself, and the tool that says so looked at it. */
async function importsAllowed(): Promise<readonly string[]> {
  const { totalCruised, violations } = await cruise(root);
  return [
    ...(totalCruised === 0 ? ['dependency-cruiser looked at 0 modules'] : []),
    ...violations.map(({ from, rule }) => `${rule.name}: ${from}`),
  ];
}

/** Import rules: the project obeys them, and each is known to bite. */
export const importSteps: readonly Step[] = [
  {
    name: 'imports',
    run: async () => {
      const problems = await importsAllowed();
      // The text report names both ends of each edge and shows every cycle.
      return problems.length === 0
        ? []
        : [...problems, (await tool('depcruise', ['functions', 'local', 'clients', 'stacks', 'tests'])).stdout];
    },
  },
  { name: 'imports planted', run: provoke },
];
