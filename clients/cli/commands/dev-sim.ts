import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Command, Option } from 'commander';
import * as z from 'zod';
import { exit, UsageError, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { type LocalProgram, localProgram } from '../local-program.ts';

/** The simulator belongs to what runs papilio, not to its clients, so it is a program of its own. @throws UsageError */
const simulator = (): LocalProgram => {
  const found = localProgram('sim.ts');
  if (found !== undefined) return found;
  throw new UsageError(
    'the simulator is no part of a command line that stands alone',
    'npm run papilio -- dev sim, in a clone',
  );
};

const Ended = z.tuple([z.number().nullable(), z.string().nullable()]);

const runSimulator = async (options: object, io: Io): Promise<void> => {
  const { node, path } = simulator();
  const child = spawn(node, [path, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => child.kill('SIGTERM');
  io.signal.addEventListener('abort', stop);
  child.stdout.setEncoding('utf8').on('data', (text: string) => io.out.write(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => io.err.write(text));
  const [code] = Ended.parse(await once(child, 'close'));
  io.signal.removeEventListener('abort', stop);
  if (io.signal.aborted) throw new Verdict(exit.interrupted);
  if (code !== 0) throw new Verdict(code ?? exit.failed);
};

const examples = `
Examples:
  papilio dev sim --list
  papilio dev sim --scenario faults --seed 7 --dry-run
  papilio dev sim --scenario day --speed 1440             a day in a minute, into the papilio that runs here
  papilio dev sim --scenario storm --to storm.jsonl       as a recording for npm start -- --replay
  papilio dev sim --scenario rt --broker stomp://localhost:61613 --destination /topic/epictopic`;

/** `papilio dev sim`. */
export const addSim = (dev: Command, io: Io): void => {
  dev
    .command('sim')
    .description('a simulated DAQ: plays a scenario into the papilio of --data, a broker or a file')
    .option('--scenario <name>', 'which, see --list; or a schedule as a .yml or .toml file', 'demo')
    .option('--seed <number>', 'the same seed, run and start play the same bytes', '1')
    .option('--speed <factor>', 'how many times as fast as the detector, or max', '1')
    .option('--run <number>', 'number of the first run (default: the next free one, or 1001)')
    .option('--sequence <number>', 'sequence of the first STF of each run (default: as the dialect has it)')
    .option('--start <time>', 'when it begins by the DAQ clock, such as 2026-11-24T06:00:00Z (default: now)')
    .option('--interval <s>', 'seconds from one STF to the next (default: as the scenario has it)')
    .addOption(new Option('--dialect <dialect>', 'speak this one only').choices(['runner', 'daqsim']))
    .option('--stf-size <MB>', 'size of the STF files', '1')
    .option('--to <file>', 'write the messages down as a recording; - is stdout')
    .option(
      '--broker <broker>',
      'send to a broker: stomp://host:port, or a file of brokers of which the first is taken',
    )
    .option('--destination <name>', 'where at the broker (default: as the dialect has it)')
    .option('--incoming <folder>', 'where the STF files are left (default: incoming in the folder of --data)')
    .option('--dry-run', 'say what would be played: runs, phases, STFs, faults')
    .option('--list', 'the scenarios that there are')
    .addHelpText('after', examples)
    .action((_options, command: Command) => {
      const { data, json, output } = command.optsWithGlobals();
      return runSimulator({ ...command.opts(), data, json: json === true || output === 'json' }, io);
    });
};
