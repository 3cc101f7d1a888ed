import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, environment, readConfig } from '#lib/config';
import { embedded } from '#lib/deps';
import { createIds } from '#lib/ids';
import { createLog, type Log } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import type { Queues } from '#ports/queues';
import { type BridgeOptions, runBridge } from '../clients/bridge/bridge.ts';
import { type Broker, readBrokers } from '../clients/bridge/brokers.ts';
import { stompSource } from '../clients/bridge/stomp-source.ts';
import { accounts } from '../functions/catalog.ts';
import { forgetBrokers, tellOfBrokers } from './bridge/broker-state.ts';
import { readWords } from './bridge/options.ts';
import { patienceOf } from './bridge/patience.ts';
import { readPosition, writePosition } from './bridge/position.ts';
import { replaySource } from './bridge/replay-source.ts';
import { createRequestHandler, noSigning } from './engine/request-handler.ts';
import { backoffMs } from './plane/backoff.ts';
import { joinParent } from './plane/parent.ts';
import { stackAccess, stackOf } from './plane/stack-keeping.ts';
import { keepingSent } from './spool/kept-messages.ts';
import { takeNamePlate } from './supervisor/name-plate.ts';

/**
 * The bridge process: brings the messages of brokers, or of a recording, into both planes' queues. A recording's position
 * lies in `replay.json`; a broker keeps what is not acknowledged.
 */
type Sending = Omit<BridgeOptions, 'source'>;

/** Each broker by itself: a dead one holds up none of the others. */
const listen = (brokers: readonly Broker[], sending: Sending, log: Log): Promise<unknown> => {
  const { signal } = new AbortController();
  const told = tellOfBrokers(brokers, sending.now);
  return Promise.all(
    brokers.map((broker) => {
      const about = { broker: broker.name, url: broker.url };
      const source = stompSource(broker, {
        environment: environment(),
        signal,
        onConnect: () => {
          log.info(about, 'broker connected');
          told.connected(broker);
        },
        onBreak: (reason, tries) => {
          told.away(broker, reason, tries);
          // The first, then ever more rarely: a broker that is away for a night fills no log.
          if ((tries & (tries - 1)) === 0) log.warn({ ...about, reason, tries }, 'broker is away');
        },
      });
      return runBridge({ ...sending, source });
    }),
  );
};

/** Both inboxes lie with the archive plane: behind its socket, or on the stack under its account. */
const inboxesOf = async (config: Config): Promise<Queues> => {
  const createQueues = await embedded.sqsQueues();
  const stack = await stackOf(config);
  if (stack !== undefined) return createQueues(stackAccess(stack, 'archive').queues, 'archive');
  const requestHandler = createRequestHandler({
    routes: { [accounts.archive]: { socketPath: 'archive/sock' } },
    defaultAccount: accounts.archive,
  });
  return createQueues({ ...noSigning, region: config.PAPILIO_REGION, requestHandler }, 'archive');
};

const main = async (): Promise<void> => {
  const words = readWords();
  const config = readConfig();
  const log = createLog(config.PAPILIO_LOG_LEVEL, { process: 'bridge', instance: config.PAPILIO_INSTANCE });
  const parent = joinParent(() => process.exit(0));
  const patiently = patienceOf(log);
  const unlock = await patiently(() => takeNamePlate('bridge.lock', 'bridge'));
  process.once('SIGTERM', () => process.exit(0));
  const queues = await inboxesOf(config);
  const kept = keepingSent(queues.send);
  const ids = createIds(config.PAPILIO_INSTANCE, config.PAPILIO_WING, config.PAPILIO_EPOCH);
  const sending: Sending = {
    send: config.PAPILIO_STACK === undefined ? queues.send : (...sent) => patiently(() => kept(...sent)),
    idOf: ids.message,
    now: () => new Date(systemClock.nowMs()).toISOString(),
    pause: (tries) => sleep(backoffMs(tries, Math.random())),
    onTrouble: (reason, tries) => log.warn({ reason, tries }, 'plane is away'),
  };
  await patiently(forgetBrokers);
  if (words.kind === 'brokers') {
    const brokers = readBrokers(words.path);
    parent.ready();
    await listen(brokers, sending, log);
  } else {
    const { options } = words;
    const position = await readPosition(options.replay);
    await patiently(() => writePosition(position));
    parent.ready();
    log.info({ file: options.replay, next: position.next }, 'replay begins');
    await runBridge({ ...sending, source: replaySource({ options, config, patiently }) });
    log.info({ file: options.replay }, 'replay is done');
  }
  await unlock();
  parent.close();
};

await main();
