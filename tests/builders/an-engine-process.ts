import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { engineNodeFlags } from '../../local/engine/node-flags.ts';
import { plainEnvironment } from './plain-environment.ts';

const command = fileURLToPath(new URL('../../local/engine.ts', import.meta.url));

/** An engine that runs as people run it: a process of its own on a folder and a port. */
export type EngineProcess = {
  readonly pid: number;
  /** Its address, when it serves. */
  readonly ready: Promise<string>;
  /** Ends it as a power cut would end it, but for what the system still has to write. */
  readonly kill: () => Promise<void>;
  /** How it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
};

/** Where an engine process lives; port 0 takes a free one. */
export type EnginePlace = {
  readonly folder: string;
  readonly port?: number;
  readonly lambda?: string;
  readonly segmentBytes?: number;
  /** More options, as they stand on the command line. */
  readonly more?: readonly string[];
  /** What it finds in its environment beside the plain one. */
  readonly env?: Readonly<Record<string, string>>;
};

const wordsOf = ({ folder, port = 0, lambda, segmentBytes, more = [] }: EnginePlace): string[] => [
  ...[...engineNodeFlags, command, '--port', String(port), '--data', folder],
  ...(lambda === undefined ? [] : ['--lambda-endpoint', lambda]),
  ...(segmentBytes === undefined ? [] : ['--segment-bytes', String(segmentBytes)]),
  ...more,
];

/** The address in the line that says it is ready. @throws with what it wrote if it ends before. */
const readyAddress = async (child: ChildProcess): Promise<string> => {
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the engine ended with ${code}: ${errors}`);
  });
  ended.catch(() => undefined);
  const [line] = await Promise.race([once(child.stdout ?? child, 'data'), ended]);
  return /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0] ?? '';
};

/** Starts the engine's command as `npm run engine` does. */
export const spawnEngineProcess = (place: EnginePlace): EngineProcess => {
  const env = { ...plainEnvironment, ...place.env };
  const child = spawn(process.execPath, wordsOf(place), { stdio: ['ignore', 'pipe', 'pipe'], env });
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  const ready = readyAddress(child);
  ready.catch(() => undefined);
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  ended.catch(() => undefined);
  return {
    ended,
    pid: child.pid ?? 0,
    ready,
    kill: async () => {
      process.off('exit', onExit);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
};
