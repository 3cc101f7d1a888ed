import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const version = '4.32.5';
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
/** Outside the repository, kept from run to run. */
const home = join(cache, 'papilio', `schemathesis-${version}`);
const program = join(home, 'bin', 'schemathesis');
const folder = fileURLToPath(new URL('schemathesis', import.meta.url));

const run = (command: string, args: readonly string[]): string | undefined => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? undefined : `${command} ${args.join(' ')}: ${error?.message ?? stderr}`;
};

const isInstalled = (): boolean => existsSync(program) && run(program, ['--version']) === undefined;

/** Why schemathesis cannot be had on this machine; undefined if it can. */
export const whyNoSchemathesis = (): string | undefined => {
  if (isInstalled()) return undefined;
  const check = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))';
  return run('python3', ['-c', check]) === undefined ? undefined : 'it needs Python 3.10 or newer with venv';
};

/** Installs it from PyPI into the cache, if it is not there. */
export const installSchemathesis = (): void => {
  if (isInstalled()) return;
  const pip = join(home, 'bin', 'pip');
  const failure = run('python3', ['-m', 'venv', home]) ?? run(pip, ['install', '--quiet', `schemathesis==${version}`]);
  if (failure !== undefined) throw new Error(failure);
};

/** What is asked of it. */
export type Search = {
  readonly url: string;
  readonly token: string;
  /** Ids of things that are there, by path and parameter. */
  readonly there: Readonly<Record<string, readonly string[]>>;
  readonly args: readonly string[];
};

/** What it says of itself at the end: `isClean` when it has found nothing, and how many requests it made. */
export type Found = { readonly isClean: boolean; readonly cases: number; readonly report: string };

/** Has it look for faults, with every check. */
export const searchFaults = async ({ url, token, there, args }: Search): Promise<Found> => {
  const config = ['--config-file', join(folder, 'schemathesis.toml')];
  const auth = ['--header', `Authorization: Bearer ${token}`];
  // One worker: Python 3.11 does not take several in one process.
  const common = ['--workers', '1', '--no-color', '--report-dir', '/dev/null', ...auth];
  const child = spawn(program, [...config, 'run', `${url}/v1/openapi.json`, ...common, ...args], {
    env: {
      PATH: process.env.PATH,
      SCHEMATHESIS_HOOKS: join(folder, 'hooks.py'),
      PAPILIO_THERE: JSON.stringify(there),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [report, problem, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const cases = Number(/Test cases:\s+([\d,]+) generated/.exec(report)?.[1]?.replaceAll(',', '') ?? 0);
  return { isClean: code === 0, cases, report: `${report}\n${problem}` };
};
