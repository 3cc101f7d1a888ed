import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** A check in Python: a function `check_…` with its docstring. */
export type Boto3Check = { readonly module: string; readonly name: string; readonly title: string };

const version = '1.43.127';
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
/** Outside the repository, kept from run to run. */
const home = join(cache, 'papilio', `boto3-${version}`);
const python = join(home, 'bin', 'python');
const folder = fileURLToPath(new URL('boto3', import.meta.url));

const run = (command: string, args: readonly string[]): string | undefined => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? undefined : `${command} ${args.join(' ')}: ${error?.message ?? stderr}`;
};

const isInstalled = (): boolean => existsSync(python) && run(python, ['-c', 'import boto3']) === undefined;

/** Why AWS's client for Python cannot be had on this machine; undefined if it can. */
export const whyNoBoto3 = (): string | undefined => {
  if (isInstalled()) return undefined;
  const check = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))';
  return run('python3', ['-c', check]) === undefined ? undefined : 'it needs Python 3.10 or newer with venv';
};

/** Installs it from PyPI into the cache, if it is not there. */
export const installBoto3 = (): void => {
  if (isInstalled()) return;
  const pip = join(home, 'bin', 'pip');
  const failure = run('python3', ['-m', 'venv', home]) ?? run(pip, ['install', '--quiet', `boto3==${version}`]);
  if (failure !== undefined) throw new Error(failure);
};

/** All checks, as they stand in the files. */
export const boto3Checks: readonly Boto3Check[] = readdirSync(folder).flatMap((file) => {
  const source = file.endsWith('.py') ? readFileSync(join(folder, file), 'utf8') : '';
  return [...source.matchAll(/^def (check_\w+)\(\):\n {4}"""(.+)"""$/gm)].map(([, name = '', title = '']) => ({
    module: file.replace('.py', ''),
    name,
    title,
  }));
});

/** Runs `check.py` with these arguments, and gives what it prints. @throws with what it says if it fails */
export const runPython = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> => {
  const child = spawn(python, ['-B', join(folder, 'check.py'), ...args], { env: { PATH: process.env.PATH, ...env } });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, problem, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(problem);
  return out;
};
