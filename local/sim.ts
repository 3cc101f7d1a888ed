import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { environment, readConfig } from '#lib/config';
import { type Broker, brokerOf, readBrokers } from '../clients/bridge/brokers.ts';
import { isHouseUp, sendToBroker, sendToHouse } from './sim/daq/outlets.ts';
import { paced } from './sim/daq/paced.ts';
import { programLines, programOf } from './sim/daq/program.ts';
import { play, type Request, recordingOf, scenarioNames } from './sim/daq/scenario.ts';
import { ScheduleError } from './sim/daq/schedule-error.ts';
import { frontOf } from './supervisor/front-client.ts';

/** The simulated DAQ, as `papilio dev sim` starts it: plays a scenario into a papilio, a broker or a file. */
const number = z.coerce.number();
const Options = z.object({
  scenario: z.string().default('demo'),
  seed: number.int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  run: number.int().min(0).max(99_999_999).optional(),
  sequence: number.int().min(0).max(99_999_999).optional(),
  speed: z.union([z.literal('max'), number.positive()]).default(1),
  stfSize: number.positive().max(2000).default(1),
  interval: number.positive().optional(),
  dialect: z.enum(['runner', 'daqsim']).optional(),
  start: z.iso.datetime().optional(),
  to: z.string().optional(),
  broker: z.string().optional(),
  destination: z.string().optional(),
  incoming: z.string().optional(),
  data: z.string(),
  dryRun: z.boolean().default(false),
  list: z.boolean().default(false),
  json: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

const firstRun = 1001;
const bytesPerMb = 1_000_000;

/** What the user can mend; `code` is the exit code. */
class Refusal extends Error {
  readonly todo: string;
  readonly exitCode: number;
  constructor(message: string, todo: string, exitCode: number) {
    super(message);
    this.todo = todo;
    this.exitCode = exitCode;
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const read = (): Options => {
  const parsed = Options.safeParse(JSON.parse(process.argv[2] ?? '{}'));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const option = String(issue?.path[0]).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new Refusal(`--${option}: ${issue?.message}`, 'papilio dev sim --help', 2);
};

const requestOf = (options: Options, run: number): Request => ({
  scenario: options.scenario,
  seed: options.seed,
  firstRun: options.run ?? run,
  firstSequence: options.sequence,
  startedAt: options.start === undefined ? new Date() : new Date(options.start),
  intervalS: options.interval,
  dialect: options.dialect,
});

const writeRecording = async (request: Request, to: string): Promise<void> => {
  const lines = recordingOf(request);
  if (to === '-') return print(lines.join('\n'));
  try {
    await writeFile(to, `${lines.join('\n')}\n`, { flag: 'wx' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`--to ${to}: ${reason}`, 'name another file: none is written over', 2);
  }
  say(`${lines.length} messages in ${to}; play them: npm start -- --replay ${to}`);
};

/** Plays from a run number on; further runs of the scenario count up from it. */
const playInto = async (
  options: Options,
  run: number,
  send: (groups: ReturnType<typeof paced>) => Promise<void>,
  folder: string,
) => {
  const request = requestOf(options, run);
  const { frames } = play(request);
  const config = readConfig();
  const files = {
    folder,
    sizeBytes: options.stfSize * bytesPerMb,
    seed: options.seed,
    tfsPerStf: config.PAPILIO_TFS_PER_STF,
    bxPerTf: config.PAPILIO_BX_PER_TF,
  };
  say(`plays ${request.scenario}, seed ${request.seed}, from run ${request.firstRun} on: ${frames.length} messages`);
  await send(paced(frames, options.speed, files));
  say('played');
};

const brokerNamed = (name: string, destination: string): Broker => {
  try {
    const [broker] = /^stomp(\+ssl)?:/.test(name) ? [brokerOf(name, [destination])] : readBrokers(name);
    if (broker !== undefined) return broker;
    throw new Error('it names no broker');
  } catch (error) {
    throw new Refusal(
      `--broker: ${error instanceof Error ? error.message : String(error)}`,
      'stomp://host:61613, or a file of brokers',
      2,
    );
  }
};

const playToBroker = async (options: Options, name: string): Promise<void> => {
  const { destination } = options;
  const broker = brokerNamed(name, destination ?? '/topic/epictopic');
  const folder = resolve(options.incoming ?? join(options.data, 'incoming'));
  const send = (groups: ReturnType<typeof paced>) =>
    sendToBroker(groups, broker, { destination, environment: environment() });
  try {
    await playInto(options, firstRun, send, folder);
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : String(error), 'is the broker there?', 6);
  }
};

const playToHouse = async (options: Options): Promise<void> => {
  const folder = resolve(options.data);
  // Sockets have short names, so the house's own lies in the working directory.
  const isThere = await readFile(join(folder, 'config.json')).then(
    () => true,
    () => false,
  );
  if (isThere) process.chdir(folder);
  if (!isThere || !(await isHouseUp()))
    throw new Refusal(`no papilio runs in ${folder}`, 'npm start -- --no-demo, or --to FILE, or --broker', 6);
  const latest = options.run === undefined ? await (await frontOf(folder)).latestRun() : undefined;
  const incoming = options.incoming === undefined ? 'incoming' : resolve(options.incoming);
  await playInto(options, Math.max(firstRun, (latest ?? 0) + 1), (groups) => sendToHouse(groups, say), incoming);
};

const main = async (): Promise<void> => {
  const options = read();
  const { to, broker } = options;
  if (options.list) {
    return print(
      options.json
        ? JSON.stringify(scenarioNames)
        : scenarioNames.map(({ name, about }) => `${name.padEnd(8)} ${about}`).join('\n'),
    );
  }
  if (to !== undefined && broker !== undefined)
    throw new Refusal('--to and --broker exclude each other', 'give one of them', 2);
  // What cannot be played is found before anything is asked for or opened.
  play(requestOf(options, firstRun));
  if (options.dryRun) {
    const program = programOf(requestOf(options, firstRun));
    return print(options.json ? JSON.stringify(program, null, 2) : programLines(program).join('\n'));
  }
  if (to !== undefined) return writeRecording(requestOf(options, firstRun), to);
  return broker === undefined ? playToHouse(options) : playToBroker(options, broker);
};

const words: Readonly<Record<number, string>> = { 1: 'bug', 2: 'usage', 6: 'unavailable' };

const asRefusal = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ScheduleError) return new Refusal(message, 'papilio dev sim --list', 2);
  return new Refusal(message, 'report it with the command that you gave', 1);
};

const complain = (error: unknown): number => {
  const { exitCode, message, todo } = asRefusal(error);
  say(`error[${words[exitCode]}]: ${message}\n  try: ${todo}`);
  return exitCode;
};

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.stdout.on('error', () => process.exit(0));
process.exitCode = await main().then(() => 0, complain);
