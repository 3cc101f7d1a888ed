import { spawnSync } from 'node:child_process';
import { existsSync, globSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { partHome } from './part-home.ts';

/** Runs a command to its end; says why if it fails. */
export const run = (command: string, args: readonly string[], cwd?: string): string | undefined => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...(cwd !== undefined && { cwd }) });
  return status === 0 ? undefined : `${command} ${args.join(' ')}: ${error?.message ?? stderr}`;
};

/** @throws what a command said that failed */
export const must = (failure: string | undefined): void => {
  if (failure !== undefined) throw new Error(failure);
};

/** Which Python a part runs on, in words and as it says itself. */
type Needed = { readonly says: string; readonly commands: readonly string[]; readonly check: string };
const newEnough: Needed = {
  says: 'Python 3.10 or newer',
  commands: ['python3'],
  check: 'sys.version_info >= (3, 10)',
};

/** Python of one minor version, wherever it is. */
export const exactly = (minor: number): Needed => ({
  says: `Python 3.${minor}`,
  commands: [`python3.${minor}`, ...globSync(join(homedir(), `.pyenv/versions/3.${minor}*/bin/python`))],
  check: `sys.version_info[:2] == (3, ${minor})`,
});

/** A part that comes from PyPI, in an environment of its own. */
export type PythonPart = {
  /** A program of its environment. */
  readonly bin: (program: string) => string;
  /** Why it cannot be had on this machine; undefined if it can. */
  readonly whyNot: () => string | undefined;
  /** Installs it into the cache, if it is not there. @throws what pip says */
  readonly install: () => void;
};

/** Describes a part: `packages` are installed one row after the other. */
export const pythonPart = (
  name: string,
  version: string,
  packages: readonly (readonly string[])[],
  { says, commands, check }: Needed = newEnough,
): PythonPart => {
  const home = partHome(name, version);
  const mark = join(home, 'installed');
  const bin = (program: string): string => join(home, 'bin', program);
  const python = (): string | undefined =>
    commands.find(
      (command) => run(command, ['-c', `import ensurepip, sys, venv; sys.exit(not ${check})`]) === undefined,
    );
  return {
    bin,
    whyNot: () => (existsSync(mark) || python() !== undefined ? undefined : `it needs ${says} with venv`),
    install: () => {
      if (existsSync(mark)) return;
      rmSync(home, { recursive: true, force: true });
      must(run(python() ?? says, ['-m', 'venv', home]));
      for (const some of packages) must(run(bin('pip'), ['install', '--quiet', ...some]));
      // The last thing: an installation that was cut off begins anew.
      writeFileSync(mark, `${version}\n`);
    },
  };
};
