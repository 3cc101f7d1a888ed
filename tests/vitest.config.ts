import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const long = ['tests/**/*.long.test.ts'];
/** Ends to ends that would take `npm test` beyond five minutes: `npm run test:more`, which `.ci/run` runs too. */
const more = [
  'errors/**/*',
  ...['access', 'aged', 'archive-held', 'audit-anchor', 'aws-port', 'bad-input', 'broken-house', 'cli-examples'],
  ...['day', 'dev-sim', 'docs', 'doctor', 'edge', 'engine-loops', 'file-faults', 'http-attacks', 'kill-in-turn'],
  ...['kill-replay', 'late-file', 'numbering', 'outages', 'people/tasks', 'planes-loop', 'quarantine'],
  ...['replay-account', 'status-watch', 'steer-work', 'stopped-execution', 'supervisor', 'suspend'],
].map((name) => `tests/e2e/${name}.test.ts`);
/** Two files at a time: whole systems have deadlines of their own. */
const wholeSystems = { exclude: long, maxWorkers: 2, testTimeout: 90_000, hookTimeout: 60_000 };

/** Where `.ci/run` wants the results as JSON; without it only the terminal gets them. */
const report = process.env.PAPILIO_TEST_REPORT;

export default defineConfig({
  root,
  test: {
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism()),
    passWithNoTests: true,
    restoreMocks: true,
    unstubEnvs: true,
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/unit/**/*.test.ts'],
          exclude: long,
          // Loading the same modules anew for each file would take longer than the tests: they keep nothing in modules.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'contract', include: ['tests/contract/**/*.test.ts'], exclude: long, testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          ...wholeSystems,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          exclude: [...long, ...more],
          // After the others.
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { ...wholeSystems, name: 'more', include: more, sequence: { groupOrder: 2 } } },
      {
        extends: true,
        test: {
          name: 'long',
          include: long,
          sequence: { groupOrder: 3 },
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        // Emulators on a busy machine take their time.
        test: { name: 'parts', include: ['tests/parts/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 120_000 },
      },
    ],
  },
});
