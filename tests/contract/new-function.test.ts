import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'node_modules/.bin');
const copied = [
  'functions',
  'local/new-function.ts',
  'package.json',
  'tsconfig.json',
  '.biome.json',
  'tests/vitest.config.ts',
];
const made = ['functions/jobs/greet-pilot.fn.ts', 'tests/unit/jobs/greet-pilot.test.ts', 'functions/catalog.ts'];

let folder = '';

/** Runs an installed tool in the copy of the project. */
function run(command: string, ...args: readonly string[]): { code: number | null; said: string } {
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(join(bin, command), args, { cwd: folder, env, encoding: 'utf8' });
  return { code: status, said: `${stdout}${stderr}` };
}

const newFunction = (...args: readonly string[]) => run('node', 'local/new-function.ts', ...args);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'papilio-new-function-'));
  await mkdir(join(folder, 'local'));
  for (const path of copied) await cp(join(root, path), join(folder, path), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('npm run new:function', () => {
  it('makes a function, its test and its catalogue line, and all of them pass the check', async () => {
    expect(newFunction('jobs/greet-pilot')).toEqual({ code: 0, said: `${made.join('\n')}\n` });
    expect(await readFile(join(folder, 'functions/catalog.ts'), 'utf8')).toContain("'greet-pilot': {");
    expect(run('biome', 'check', '--error-on-warnings', ...made.slice(0, 2)).said).not.toContain('×');
    const types = run('tsc', '--noEmit', '--incremental', 'false', '--tsBuildInfoFile', 'null', '-p', 'tsconfig.json');
    expect(types.said.split('\n').filter((line) => line.includes('greet-pilot'))).toEqual([]);
    const test = run('vitest', 'run', '--config', 'tests/vitest.config.ts', '--project', 'unit');
    expect(test).toMatchObject({ code: 0, said: expect.stringContaining('2 passed') });
  }, 60_000);

  it.each([
    ['twice the same', ['jobs/assign-jobs'], "already has a function 'assign-jobs'"],
    ['an unknown area', ['misc/do-thing'], "'misc' is no area"],
    ['a name without a noun', ['jobs/plan'], "'plan' is not <verb-noun>"],
    ['a name in another case', ['jobs/planJob'], "'planJob' is not <verb-noun>"],
    ['a way out of the folder', ['jobs/../../plan-job'], 'usage:'],
    ['an unknown plane', ['jobs/plan-job', '--plane', 'front'], "'front' is no plane"],
    ['nothing at all', [], 'usage:'],
  ])('refuses %s and writes nothing', async (_, args, reason) => {
    const before = await readFile(join(folder, 'functions/catalog.ts'), 'utf8');
    expect(newFunction(...args)).toMatchObject({ code: 2, said: expect.stringContaining(reason) });
    expect(await readFile(join(folder, 'functions/catalog.ts'), 'utf8')).toBe(before);
  });
});
