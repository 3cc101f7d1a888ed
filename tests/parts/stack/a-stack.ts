import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readStack, type StackFile, stackPath } from '../../../local/stack/stack-file.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';

const command = fileURLToPath(new URL('../../../local/stack.ts', import.meta.url));

/** What a command said, and its exit code. */
export type Said = { readonly code: number; readonly out: string; readonly err: string };

/** `npm run stack -- …`, as a process of its own. */
export const stackCommand = (words: readonly string[]): Promise<Said> =>
  new Promise((resolve) => {
    const env = { ...plainEnvironment, PAPILIO_INSTANCE: 'test' };
    const child = execFile(process.execPath, [command, ...words], { env, cwd: tmpdir() }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

/** The stack of a folder, which must be there. */
export const theStack = async (folder: string): Promise<StackFile> => {
  const stack = await readStack(stackPath(folder));
  if (stack === undefined) throw new Error(`no stack in ${folder}`);
  return stack;
};

/** The process of a part. */
export const pidOf = ({ parts }: StackFile, name: string): number => parts.find((part) => part.name === name)?.pid ?? 0;
