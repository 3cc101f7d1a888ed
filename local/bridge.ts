import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { type Config, readConfig } from '#lib/config';
import { embedded } from '#lib/deps';
import { createIds } from '#lib/ids';
import { createLog, type Log } from '#lib/log';
import { type Delivery, runBridge } from '../clients/bridge/bridge.ts';
import { createPacer } from '../clients/bridge/pacer.ts';
import { type Pace, type RecordedLine, readRecording } from '../clients/bridge/recording.ts';
import { accounts } from '../functions/catalog.ts';
import { hasCode } from './engine/disk.ts';
import { createRequestHandler, noSigning } from './engine/request-handler.ts';
import { backoffMs } from './plane/backoff.ts';
import { joinParent } from './plane/parent.ts';
import { withFile } from './sim/daq/replay-files.ts';
import { replaceFile, takeNamePlate } from './supervisor/name-plate.ts';

/**
 * The bridge process: plays a recording into both planes' queues. Its position lies in `replay.json`, so that after a kill
 * it goes on where both queues have everything before.
 */
const positionFile = 'replay.json';
const Position = z.object({ file: z.string(), next: z.int().min(0), isDone: z.boolean() });
type Position = z.infer<typeof Position>;

const Options = z.object({
  replay: z.string(),
  pace: z.enum(['tick', 'start', 'max']).default('tick'),
  speed: z.union([z.literal('max'), z.coerce.number().positive()]).default(1),
  'stf-size': z.coerce.number().positive().max(2000).default(1),
  seed: z.coerce.number().int().min(0).default(1),
});
type Options = z.infer<typeof Options>;

/** Lines that are sent together when nothing paces them. */
const groupMax = 10;
const bytesPerMb = 1_000_000;

type Patience = <T>(act: () => Promise<T>) => Promise<T>;

/** Does again what a full disk hinders, ever more slowly: a bridge that fell over it would be given up before there is space. */
const patienceOf =
  (log: Log): Patience =>
  async (act) => {
    for (let tries = 1; ; tries++) {
      try {
        return await act();
      } catch (error) {
        if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EDQUOT')) throw error;
        log.warn({ reason: String(error), tries }, 'disk is full');
        await sleep(backoffMs(tries, Math.random()));
      }
    }
  };

const readPosition = async (file: string): Promise<Position> => {
  const fresh = { file, next: 0, isDone: false };
  try {
    const known = Position.parse(JSON.parse(await readFile(positionFile, 'utf8')));
    return known.file === file && !known.isDone ? known : fresh;
  } catch {
    return fresh;
  }
};

const writePosition = (position: Position): Promise<void> => replaceFile(positionFile, JSON.stringify(position));

async function* linesInGroups(lines: AsyncIterable<RecordedLine>, size: number): AsyncGenerator<RecordedLine[]> {
  let group: RecordedLine[] = [];
  for await (const line of lines) {
    group.push(line);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

async function* deliveriesOf(
  options: Options,
  config: Config,
  from: number,
  patiently: Patience,
): AsyncGenerator<Delivery[]> {
  const pace: Pace = options.speed === 'max' ? 'max' : options.pace;
  const dueMsOf = createPacer(options.speed === 'max' ? 1 : options.speed);
  const startedMs = performance.now();
  const files = {
    folder: 'incoming',
    sizeBytes: options['stf-size'] * bytesPerMb,
    seed: options.seed,
    tfsPerStf: config.PAPILIO_TFS_PER_STF,
    bxPerTf: config.PAPILIO_BX_PER_TF,
  };
  const groups = linesInGroups(readRecording(options.replay, from, pace), pace === 'max' ? groupMax : 1);
  for await (const group of groups) {
    const bodies: { readonly line: RecordedLine; readonly body: string }[] = [];
    for (const line of group) bodies.push({ line, body: await patiently(() => withFile(line.frame.body, files)) });
    const dueMs = Math.max(...group.map((line) => (pace === 'max' ? 0 : dueMsOf(line.atS))));
    const waitMs = startedMs + dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const last = group.at(-1)?.line ?? 0;
    yield bodies.map(({ line, body }) => ({
      frame: { destination: line.frame.destination, body },
      acknowledge: async () => {
        if (line.line !== last) return;
        await patiently(() => writePosition({ file: options.replay, next: last + 1, isDone: false }));
      },
    }));
  }
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      replay: { type: 'string' },
      pace: { type: 'string' },
      speed: { type: 'string' },
      'stf-size': { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const options = Options.parse(values);
  const config = readConfig();
  const log = createLog(config.PAPILIO_LOG_LEVEL, { process: 'bridge', instance: config.PAPILIO_INSTANCE });
  const parent = joinParent(() => process.exit(0));
  const patiently = patienceOf(log);
  const unlock = await patiently(() => takeNamePlate('bridge.lock', 'bridge'));
  process.once('SIGTERM', () => process.exit(0));
  const requestHandler = createRequestHandler({
    routes: { [accounts.archive]: { socketPath: 'archive/sock' } },
    defaultAccount: accounts.archive,
  });
  const createQueues = await embedded.sqsQueues();
  const queues = createQueues({ ...noSigning, region: config.PAPILIO_REGION, requestHandler }, 'archive');
  const ids = createIds(config.PAPILIO_INSTANCE, config.PAPILIO_WING, config.PAPILIO_EPOCH);
  const position = await readPosition(options.replay);
  await patiently(() => writePosition(position));
  parent.ready();
  log.info({ file: options.replay, next: position.next }, 'replay begins');
  await runBridge({
    source: deliveriesOf(options, config, position.next, patiently),
    send: queues.send,
    idOf: ids.message,
    now: () => new Date().toISOString(),
    pause: (tries) => sleep(backoffMs(tries, Math.random())),
    onTrouble: (reason, tries) => log.warn({ reason, tries }, 'plane is away'),
  });
  await patiently(async () => writePosition({ ...(await readPosition(options.replay)), isDone: true }));
  log.info({ file: options.replay }, 'replay is done');
  await unlock();
  parent.close();
};

await main();
