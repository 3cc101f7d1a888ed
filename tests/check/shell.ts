import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** A step of the check: what it is called, and the problems it finds, a line each; none means passed. */
export type Step = {
  readonly name: string;
  readonly run: () => Promise<readonly string[]>;
  /** What is worth knowing although it is no problem. */
  readonly note?: () => Promise<string>;
};

/** What a tool left behind when it ended. */
export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs one of the installed tools to its end, in the project's folder unless told otherwise. */
export async function tool(name: string, args: readonly string[], cwd: string = root): Promise<Ended> {
  const child = spawn(name, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
    },
  });
  const ended = Promise.withResolvers<number>();
  child.on('error', ended.reject);
  child.on('close', (code) => ended.resolve(code ?? 1));
  const [stdout, stderr, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), ended.promise]);
  return { code, stdout, stderr };
}

/** The step that runs a tool and takes its exit code for the answer. */
export function toolStep(name: string, command: string, args: readonly string[]): Step {
  return {
    name,
    run: async () => {
      const { code, stdout, stderr } = await tool(command, args);
      return code === 0 ? [] : `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
    },
  };
}

/** Calls `use` with a folder that holds `files` and the installed packages, and removes the folder afterwards. */
export async function withFolder<T>(
  files: ReadonlyMap<string, string>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'papilio-check-'));
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const piece of stream) text += piece;
  return text;
}
