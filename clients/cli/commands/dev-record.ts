import { rm } from 'node:fs/promises';
import type { Command } from 'commander';
import * as z from 'zod';
import { type Broker, brokerOf, readBrokers } from '../../bridge/brokers.ts';
import { openRecorder, type Recorder } from '../../bridge/record.ts';
import { stompSource } from '../../bridge/stomp-source.ts';
import { ApiError } from '../../http/api-error.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';

const Options = z.object({
  broker: z.string(),
  destination: z.array(z.string().min(1)),
  to: z.string(),
  count: z.coerce.number().int().min(1).optional(),
  for: z.coerce.number().positive().max(2_000_000).optional(),
  append: z.boolean().default(false),
  json: z.boolean().default(false),
});
type Options = z.output<typeof Options>;

/** Subscriptions that get copies; all others share the messages of a queue. */
const isCopied = (destination: string): boolean => /^\/(topic|exchange)\//.test(destination);

/** The broker with plain subscriptions of its own: the bridge's client id and durable subscriptions stay the bridge's. */
const brokerFor = (named: string, destinations: readonly string[]): Broker => {
  if (/^stomp(\+ssl)?:/.test(named)) return brokerOf(named, destinations);
  const [path = '', name] = named.split('#');
  const brokers = readBrokers(path);
  const found = brokers.filter((broker) => name === undefined || broker.name === name);
  const [broker] = found;
  const names = brokers.map((one) => `${path}#${one.name}`).join(' or ');
  if (broker === undefined || found.length > 1) throw new Error(`name one broker of the file: ${names}`);
  if (broker.passcode?.startsWith('env:')) throw new Error(`${path}: here a passcode is read from a file: only`);
  const { clientId: _, ...rest } = broker;
  return { ...rest, subscriptions: destinations.map((destination) => ({ destination, headers: {} })) };
};

const understood = <T>(act: () => T): T => {
  try {
    return act();
  } catch (thrown) {
    throw new UsageError(
      thrown instanceof Error ? thrown.message : String(thrown),
      '--broker is a file of brokers, FILE#NAME, or stomp://host:port; --help says more',
    );
  }
};

const begin = async ({ to, append }: Options): Promise<Recorder> => {
  try {
    return await openRecorder(to, append, () => new Date());
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
    if (thrown.code === 'EEXIST')
      throw new UsageError(`${to} exists`, 'name another file, or go on with it by --append');
    throw new UsageError(thrown.message, 'name a file that can be written');
  }
};

/** Records until the count, the time or the user says that it is enough. */
const record = async (options: Options, io: Io): Promise<number> => {
  const { broker: named, destination, to, count, for: forS, append } = options;
  const broker = understood(() => brokerFor(named, destination));
  const taken = destination.filter((one) => !isCopied(one));
  if (taken.length > 0)
    io.err.write(`warning: what is recorded of ${taken.join(', ')} is taken from whoever else listens there\n`);
  await using recorder = await begin(options);
  const refused = new AbortController();
  const limit = forS === undefined ? [] : [AbortSignal.timeout(forS * 1000)];
  let wasConnected = false;
  const source = stompSource(broker, {
    environment: {},
    signal: AbortSignal.any([io.signal, refused.signal, ...limit]),
    onConnect: () => {
      wasConnected = true;
      io.err.write(`records ${destination.join(', ')} of ${broker.url}; Ctrl-C ends it\n`);
    },
    onBreak: (reason, tries) => {
      if (!wasConnected) refused.abort(reason);
      else if (tries === 1) io.err.write(`broker is away, what it says to topics now is not recorded: ${reason}\n`);
    },
  });
  const recorded = await recorder.record(source, count);
  if (!refused.signal.aborted) return recorded;
  // A file that was made for nothing stands in the way of the next try.
  if (!append && recorded === 0) await rm(to, { force: true });
  throw new ApiError({
    ...{ code: 'unreachable', status: 0, title: 'nothing can be recorded' },
    detail: `${broker.url}: ${String(refused.signal.reason)}`,
    help: 'see docs/operators/connect-a-broker.md for what it may want',
  });
};

/** `papilio dev record`. */
export const addRecord = (dev: Command, io: Io): void => {
  dev
    .command('record')
    .description('record a live stream, for `npm start -- --replay` to play')
    .requiredOption(
      '--broker <broker>',
      'a file of brokers (FILE, or FILE#NAME if it has several), or stomp://host:port',
    )
    .requiredOption('--destination <name...>', 'topics, which are copied, or queues, whose messages are taken')
    .requiredOption('--to <file>', 'recording to write, one JSON object a line')
    .option('--count <n>', 'end after so many messages')
    .option('--for <seconds>', 'end after so many seconds')
    .option('--append', 'go on with a recording that exists')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio dev record --broker brokers.json --destination /topic/epictopic --to run.jsonl --for 600\n  npm start -- --replay run.jsonl',
    )
    .action(async (_raw, command: Command) => {
      const parsed = Options.safeParse(command.optsWithGlobals());
      if (!parsed.success) throw new UsageError(z.prettifyError(parsed.error), '--help says how it is used');
      const recorded = await record(parsed.data, io);
      const { to, json } = parsed.data;
      io.out.write(json ? `${JSON.stringify({ recorded, file: to })}\n` : `recorded ${recorded} messages in ${to}\n`);
    });
};
