import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { partHome } from './part-home.ts';
import { whileInstalling } from './while-installing.ts';

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

/** Hears what an installation is at. */
export type Say = (line: string) => void;

/** A part that comes from PyPI, in an environment of its own. */
export type PythonPart = {
  readonly name: string;
  readonly version: string;
  /** A program of its environment. */
  readonly bin: (program: string) => string;
  /** Why it cannot be had on this machine; undefined if it can. */
  readonly whyNot: () => string | undefined;
  readonly isInstalled: () => boolean;
  /** Installs it into the cache, if it is not there; goes on where an earlier one was cut off. @throws what pip says */
  readonly install: (say?: Say) => void;
};

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** Describes a part: `packages` are installed one row after the other. */
export const pythonPart = (
  name: string,
  version: string,
  packages: readonly (readonly string[])[],
  { says, commands, check }: Needed = newEnough,
): PythonPart => {
  const home = partHome(name, version);
  const bin = (program: string): string => join(home, 'bin', program);
  const markOf = (row: number): string => join(home, row === packages.length ? 'installed' : `installed-${row}`);
  /** The last row that is whole: a row's mark is its last thing, and says what all rows to it are. */
  const isRowThere = (row: number): boolean => textOf(markOf(row)) === `${JSON.stringify(packages.slice(0, row))}\n`;
  const isInstalled = (): boolean => isRowThere(packages.length);
  const python = (): string | undefined =>
    commands.find(
      (command) => run(command, ['-c', `import ensurepip, sys, venv; sys.exit(not ${check})`]) === undefined,
    );
  const begin = (): void => {
    rmSync(home, { recursive: true, force: true });
    must(run(python() ?? says, ['-m', 'venv', home]));
  };
  const install = (say: Say = () => undefined): void => {
    const done = [...packages.keys()].reverse().find((row) => row > 0 && isRowThere(row)) ?? 0;
    if (done === 0) begin();
    for (const [row, some] of packages.entries()) {
      if (row < done) continue;
      say(`${name} ${version}: pip installs ${some.join(' ')} (${row + 1} of ${packages.length})`);
      must(run(bin('python'), ['-m', 'pip', 'install', '--quiet', ...some]));
      writeFileSync(markOf(row + 1), `${JSON.stringify(packages.slice(0, row + 1))}\n`);
    }
  };
  return {
    name,
    version,
    bin,
    whyNot: () => (isInstalled() || python() !== undefined ? undefined : `it needs ${says} with venv`),
    isInstalled,
    install: (say) => {
      if (!isInstalled()) whileInstalling(home, () => void (isInstalled() || install(say)));
    },
  };
};
