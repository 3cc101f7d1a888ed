import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { pythonPart } from '../../local/stack/parts/python-part.ts';

const version = '4.32.5';
/** Schemathesis as it is installed. */
export const schemathesisPart = pythonPart('schemathesis', version, [[`schemathesis==${version}`]]);
const folder = fileURLToPath(new URL('schemathesis', import.meta.url));

/** What is asked of it. */
export type Search = {
  readonly url: string;
  readonly token: string;
  /** The folder where it leaves what it keeps. */
  readonly cwd: string;
  /** Ids of things that are there, by path and parameter. */
  readonly there: Readonly<Record<string, readonly string[]>>;
  readonly args: readonly string[];
};

/** What it says of itself at the end: `isClean` when it has found nothing, and how many requests it made. */
export type Found = { readonly isClean: boolean; readonly cases: number; readonly report: string };

/** Has it look for faults, with every check. */
export const searchFaults = async ({ url, token, cwd, there, args }: Search): Promise<Found> => {
  const config = ['--config-file', join(folder, 'schemathesis.toml')];
  const auth = ['--header', `Authorization: Bearer ${token}`];
  // One worker: Python 3.11 does not take several in one process.
  const common = ['--workers', '1', '--no-color', '--report-dir', '/dev/null', ...auth];
  const child = spawn(
    schemathesisPart.bin('schemathesis'),
    [...config, 'run', `${url}/v1/openapi.json`, ...common, ...args],
    {
      cwd,
      env: {
        PYTHONDONTWRITEBYTECODE: '1',
        PATH: process.env.PATH,
        SCHEMATHESIS_HOOKS: join(folder, 'hooks.py'),
        PAPILIO_THERE: JSON.stringify(there),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [report, problem, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const cases = Number(/Test cases:\s+([\d,]+) generated/.exec(report)?.[1]?.replaceAll(',', '') ?? 0);
  return { isClean: code === 0, cases, report: `${report}\n${problem}` };
};
