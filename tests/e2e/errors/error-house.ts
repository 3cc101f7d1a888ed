import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { demoRecording } from '../../../local/sim/daq/demo.ts';
import { frontOf } from '../../../local/supervisor/front-client.ts';
import { type House, type HouseOptions, startHouse } from '../../../local/supervisor/house.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';

const programs = {
  papilio: fileURLToPath(new URL('../../../clients/cli/main.ts', import.meta.url)),
  start: fileURLToPath(new URL('../../../local/main.ts', import.meta.url)),
};

/** An answer, whether it is a problem or a command that was refused. */
const Answer = z.looseObject({
  code: z.string().optional(),
  problem: z.looseObject({ code: z.string() }).optional(),
});

/** A papilio that runs, asked by HTTP as its administrator. */
export type ErrorHouse = {
  readonly house: House;
  readonly folder: string;
  readonly baseUrl: string;
  readonly token: string;
  /** The error code of an answer. */
  readonly code: (path: string, init?: RequestInit) => Promise<string | undefined>;
  /** The error code of what is to change something. */
  readonly act: (
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<string | undefined>;
  readonly get: <S extends z.ZodType>(path: string, schema: S) => Promise<z.output<S>>;
};

/** Starts papilio and plays a run of a few STFs; unless told otherwise, until everything is done. */
export const anErrorHouse = async (
  scratch: string,
  lines: readonly string[],
  { waits = true, ...options }: Partial<HouseOptions> & { readonly waits?: boolean } = {},
): Promise<ErrorHouse> => {
  const folder = join(scratch, 'data');
  const recording = join(mkdtempSync(join(scratch, 'recording-')), 'run.jsonl');
  writeFileSync(recording, lines.join('\n'));
  const house = await startHouse({
    folder,
    port: 0,
    bridge: ['--replay', recording, '--speed', 'max'],
    ...options,
    environment: { ...plainEnvironment, ...options.environment },
  });
  await house.bridgeDone;
  const front = await frontOf(folder);
  if (waits) await front.quiet();
  const { baseUrl, token } = front;
  const authorization = `Bearer ${token}`;
  const code: ErrorHouse['code'] = async (path, init = {}) => {
    const answer = Answer.parse(await (await fetch(`${baseUrl}${path}`, init)).json());
    return answer.code ?? answer.problem?.code;
  };
  return {
    ...{ house, folder, baseUrl, token, code },
    act: (path, body = {}, headers = {}) =>
      code(path, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ why: 'to see the error', ...body }),
      }),
    get: async (path, schema) =>
      schema.parse(await (await fetch(`${baseUrl}${path}`, { headers: { authorization } })).json()),
  };
};

/** A run of the DAQ. */
export const aRun = (run: number, stfs = 2): string[] => demoRecording(run, new Date('2026-11-24T06:00:00Z'), stfs);

/** The code in what a program said on stderr: `error[code]: …`, or `[code] …` of a start. */
export const codeIn = (err: string): string | undefined => /\[([a-z]+(?:-[a-z]+)*)\]/.exec(err)?.[1];

type Said = { readonly code: string | undefined; readonly exit: number; readonly err: string };

/** Runs one of papilio's programs to its end. */
export const say = (
  program: keyof typeof programs,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Said> =>
  new Promise((resolve) => {
    const env = { ...plainEnvironment, ...environment };
    execFile(process.execPath, [programs[program], ...words], { env }, (error, _, err) =>
      resolve({ code: codeIn(err), exit: error === null ? 0 : Number(error.code), err }),
    );
  });
