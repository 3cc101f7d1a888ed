import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { pythonPart } from '../../local/stack/parts/python-part.ts';

/** A check in Python: a function `check_…` with its docstring. */
export type Boto3Check = { readonly module: string; readonly name: string; readonly title: string };

const version = '1.43.127';
/** AWS's client for Python. */
export const boto3Part = pythonPart('boto3', version, [[`boto3==${version}`]]);
const folder = fileURLToPath(new URL('boto3', import.meta.url));

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
  const child = spawn(boto3Part.bin('python'), ['-B', join(folder, 'check.py'), ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, problem, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(problem);
  return out;
};
