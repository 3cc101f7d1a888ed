import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { EngineReport } from '#schema/engine-report';
import { ApiError } from '../http/api-error.ts';
import { UsageError } from './failure.ts';
import { localProgram } from './local-program.ts';

/** Longer than an engine with a hundred thousand executions takes. */
const patienceMs = 30_000;

/** An engine that is to be examined. */
export type Place =
  | { readonly name: string; readonly url: string }
  /** `socket`: where it listens if it serves; an account's number is in what its records name. */
  | { readonly name: string; readonly folder: string; readonly socket?: string; readonly account?: string };

const planes = [
  { name: 'archive', account: '000000000001' },
  { name: 'work', account: '000000000002' },
] as const;

const isJournal = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => /^(journal-\d+\.log|snapshot-\d+)$/.test(name));

/** The engines of a folder: both planes', or that which `npm run engine` has there. @throws UsageError */
export const enginesIn = (data: string): readonly Place[] => {
  const found = planes.filter(({ name }) => isJournal(join(data, name, 'engine')));
  if (found.length > 0) {
    return found.map(({ name, account }) => {
      const folder = join(data, name, 'engine');
      return { name, folder, socket: join(data, name, 'sock'), account };
    });
  }
  if (isJournal(data)) return [{ name: data, folder: data }];
  throw new UsageError(
    `there is no engine in ${data}`,
    'name its folder with --data, or where it serves with --endpoint',
  );
};

const unreachable = (where: string, cause: unknown): ApiError => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const detail = `nothing listens at ${where} (${reason})`;
  const help = 'start it, or examine its folder with --data';
  return new ApiError({ code: 'unreachable', status: 0, title: 'The engine does not answer', detail, help }, cause);
};

/** Asks an engine that serves; `address` is a URL, or the path of a socket. */
const askServing = async (address: string, stuckAfterS: number, signal: AbortSignal): Promise<EngineReport> => {
  // Loaded only here: no other command needs Node's own client, and it takes longer to load than a command line does.
  const { request } = await import('node:http');
  const path = `/doctor?stuckAfterS=${stuckAfterS}`;
  const until = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const asked = /^https?:/.test(address)
    ? request(new URL(path, address), { signal: until })
    : request({ socketPath: address, path, signal: until });
  try {
    asked.end();
    const [response] = await once(asked, 'response');
    return EngineReport.parse(JSON.parse(await text(response)));
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(address, error);
  }
};

type Folder = Extract<Place, { folder: string }>;

/** Has the engine's program read a folder. */
const readFolder = async ({ folder, account }: Folder, stuckAfterS: number): Promise<EngineReport> => {
  const options = ['--data', folder, '--stuck-after', String(stuckAfterS), ...(account ? ['--account', account] : [])];
  // The engine belongs to what runs papilio, not to its clients, so it is a program of its own.
  const engine = localProgram('engine.ts');
  if (engine === undefined) {
    throw new UsageError(`the engine of ${folder} is down, and its program is not here`, 'papilio of a checkout');
  }
  const child = spawn(engine.node, [engine.path, 'doctor', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (out === '') throw new Error(`the examination of ${folder} ended with nothing: ${err.trim()}`);
  return EngineReport.parse(JSON.parse(out));
};

/** What there is to say of an engine: by itself if it serves, else by its folder. */
export const examine = async (place: Place, stuckAfterS: number, signal: AbortSignal): Promise<EngineReport> => {
  if ('url' in place) return askServing(place.url, stuckAfterS, signal);
  if (place.socket !== undefined && existsSync(place.socket)) {
    // A socket may lie there from a process that was killed; its folder knows as much.
    return askServing(place.socket, stuckAfterS, signal).catch(() => readFolder(place, stuckAfterS));
  }
  return readFolder(place, stuckAfterS);
};
