import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { play } from '../sim/daq/scenario.ts';
import { ScheduleError } from '../sim/daq/schedule-error.ts';
import { defaultFolder } from '../stack/stack-file.ts';
import { AwsOptions, addAwsOptions, awsProblemOf } from './aws-options.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const Seed = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const Speed = z.union([z.literal('max'), z.coerce.number().positive()]);

/** What `npm start` was told. */
export const StartOptions = AwsOptions.extend({
  data: z.string(),
  replay: z.string().optional(),
  scenario: z.string().optional(),
  seed: Seed,
  brokers: z.string().optional(),
  stfSize: z.coerce.number().min(1).max(2000),
  pace: z.enum(['tick', 'start']),
  speed: Speed,
  exit: z.boolean().default(false),
  json: z.boolean().default(false),
  port,
  host: z.union([z.ipv4(), z.ipv6()], 'not an IP address'),
  on: z.enum(['embedded', 'stack']),
  stack: z.string(),
  with: z.enum(['localstack', 'ministack']).optional(),
  demo: z.boolean(),
  acceptCopy: z.boolean().default(false),
});
export type StartOptions = z.infer<typeof StartOptions>;

const checked =
  (schema: z.ZodType) =>
  (value: string): string => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'invalid');
    return value;
  };

const examples = `
Examples:
  npm start                                        plays a short run of papilio's own, and shows what becomes of it
  npm start -- --replay run.jsonl --speed 10       plays a recording ten times as fast
  npm start -- --scenario faults --speed 5         plays a simulated DAQ, here with faults; see papilio dev sim --list
  npm start -- --replay run.jsonl --speed max --exit --json > summary.json
                                                   exits when all is done: code 0 if everything announced is archived and processed, else 1
  npm start -- --on stack                          works on LocalStack and MinIO; see docs/operators/stack-planes.md
  npm start -- --brokers brokers.json              listens to message brokers; see docs/operators/connect-a-broker.md
  npm start -- --data /data/papilio --no-demo      serves from another folder and waits for messages
`;

const describe = (): Command =>
  new Command('npm start --')
    .description(
      'Runs papilio on this machine: two planes, the front, and a recording or demo run played through them.',
    )
    .option('--data <folder>', 'data folder; made if it is not there', '.papilio')
    .option('--brokers <file>', 'brokers to listen to, a JSON file')
    .option('--replay <file>', 'recording to play, one JSON object a line')
    .option('--scenario <name>', 'simulated DAQ to play: a name, or a schedule as a .yml or .toml file')
    .option('--seed <number>', 'seed of the scenario: the same seed plays the same', checked(Seed), '1')
    .option(
      '--stf-size <MB>',
      'size of the STF files that are made for the recording',
      checked(StartOptions.shape.stfSize),
      '1',
    )
    .addOption(new Option('--pace <clock>', 'clock of the replay').choices(['tick', 'start']).default('tick'))
    .option('--speed <factor>', 'how many times as fast as that clock, or max', checked(Speed), '1')
    .option('--exit', 'end when everything is played and nothing is in flight')
    .option('--json', 'with --exit: print one JSON object on stdout, everything else on stderr')
    .option('--port <port>', 'port of the HTTP API; 0 takes a free one', checked(port), '8714')
    .option(
      '--host <address>',
      'address to listen on; one that others reach needs identity, see docs/operators/tls-front.md',
      checked(StartOptions.shape.host),
      '127.0.0.1',
    )
    .addOption(
      new Option('--on <place>', 'what the planes work on: what papilio brings itself, or a stack')
        .choices(['embedded', 'stack'])
        .default('embedded'),
    )
    .option('--stack <folder>', 'with --on stack: folder of the stack, which is brought up if it is not', defaultFolder)
    .addOption(
      new Option('--with <emulator>', 'with --on stack: what a new stack has in the place of AWS').choices([
        'localstack',
        'ministack',
      ]),
    )
    .option('--accept-copy', 'start also on a copy of a data folder that was made while papilio was running there')
    .option('--no-demo', 'play nothing without --replay or --scenario')
    .addHelpText('after', examples)
    .allowExcessArguments(false);

/** The processes of papilio run in the data folder. */
const absolute = (name: 'replay' | 'brokers', options: StartOptions): Partial<StartOptions> => {
  const path = options[name];
  return path === undefined ? {} : { [name]: resolve(path) };
};

/** A schedule lies in a file, a scenario of papilio's own does not. */
const located = (scenario: string): string => (/\.(ya?ml|toml)$/.test(scenario) ? resolve(scenario) : scenario);

/** Why a scenario cannot be played; found before anything is started. */
const problemOf = (scenario: string): string | undefined => {
  try {
    play({ scenario, seed: 1, firstRun: 1, startedAt: new Date() });
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
};

/** Reads the command line; prints help or what is wrong with it, and ends the process, as commander does. */
export const readOptions = (words: readonly string[]): StartOptions => {
  const command = addAwsOptions(describe());
  const options = StartOptions.parse(command.parse(words, { from: 'user' }).opts());
  if (options.json && !options.exit)
    command.error('error: --json goes with --exit: it prints what has happened in the end');
  if ([options.brokers, options.replay, options.scenario].filter((source) => source !== undefined).length > 1)
    command.error('error: --brokers, --replay and --scenario exclude each other: the bridge has one source');
  if (options.brokers !== undefined && options.exit)
    command.error('error: --exit goes with a recording: a broker has no end');
  if (options.on === 'stack' && options.awsPort !== undefined)
    command.error('error: --aws-port opens an engine of papilio, and a stack has its own; see its stack.json');
  const awsProblem = awsProblemOf(options);
  if (awsProblem !== undefined) command.error(`error: ${awsProblem}`);
  const scenario = options.scenario === undefined ? {} : { scenario: located(options.scenario) };
  const problem = scenario.scenario === undefined ? undefined : problemOf(scenario.scenario);
  if (problem !== undefined) command.error(`error: --scenario: ${problem}`);
  return { ...options, ...scenario, ...absolute('replay', options), ...absolute('brokers', options) };
};
