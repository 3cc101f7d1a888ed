import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../local/engine.ts', import.meta.url));

/** An engine that runs as people run it: a process of its own on a folder and a port. */
export type EngineProcess = {
  readonly pid: number;
  readonly address: string;
  /** Ends it as a power cut would end it, but for what the system still has to write. */
  readonly kill: () => Promise<void>;
};

/** Where an engine process lives; port 0 takes a free one. */
export type EnginePlace = { readonly folder: string; readonly port?: number; readonly lambda?: string };

/** The line that says it is ready. @throws with what it wrote if it ends before. */
const readyLine = async (child: ChildProcess): Promise<string> => {
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the engine ended with ${code}: ${errors}`);
  });
  const [line] = await Promise.race([once(child.stdout ?? child, 'data'), ended]);
  ended.catch(() => undefined);
  return String(line);
};

/** Starts the engine's command and waits until it serves. */
export const startEngineProcess = async ({ folder, port = 0, lambda }: EnginePlace): Promise<EngineProcess> => {
  const words = [
    '--port',
    String(port),
    '--data',
    folder,
    ...(lambda === undefined ? [] : ['--lambda-endpoint', lambda]),
  ];
  const child = spawn(process.execPath, [command, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(await readyLine(child))?.[0] ?? '';
  return {
    pid: child.pid ?? 0,
    address,
    kill: async () => {
      process.off('exit', onExit);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
};
