/** Where a simulated DAQ sends its messages: a papilio that runs in a data folder, or a broker. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { embedded } from '#lib/deps';
import { createIds } from '#lib/ids';
import type { Delivery } from '../../../clients/bridge/bridge.ts';
import { runBridge } from '../../../clients/bridge/bridge.ts';
import type { Broker } from '../../../clients/bridge/brokers.ts';
import type { Frame } from '../../../clients/bridge/envelope.ts';
import { openStompSender } from '../../../clients/bridge/stomp-sender.ts';
import { accounts } from '../../../functions/catalog.ts';
import { createRequestHandler, noSigning } from '../../engine/request-handler.ts';
import { backoffMs } from '../../plane/backoff.ts';
import { Deed } from '../../supervisor/data-folder.ts';

/** Groups of messages whose files are there already. */
export type Groups = AsyncIterable<readonly Frame[]>;

const socketPath = 'archive/sock';

/** Whether a papilio runs in the working directory. */
export const isHouseUp = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.end());
  });

async function* deliveriesOf(groups: Groups): AsyncGenerator<readonly Delivery[]> {
  for await (const frames of groups) yield frames.map((frame) => ({ frame, acknowledge: async () => undefined }));
}

/** Sends to both inboxes of the papilio in the working directory, as its own bridge does. */
export const sendToHouse = async (groups: Groups, say: (line: string) => void): Promise<void> => {
  const deed = Deed.parse(JSON.parse(await readFile('config.json', 'utf8')));
  const requestHandler = createRequestHandler({
    routes: { [accounts.archive]: { socketPath } },
    defaultAccount: accounts.archive,
  });
  const createQueues = await embedded.sqsQueues();
  const queues = createQueues({ ...noSigning, requestHandler }, 'archive');
  await runBridge({
    source: deliveriesOf(groups),
    send: queues.send,
    idOf: createIds(deed.instance, deed.wing, deed.epoch).message,
    now: () => new Date().toISOString(),
    pause: (tries) => sleep(backoffMs(tries, Math.random())),
    onTrouble: (reason, tries) => (tries === 1 ? say(`${reason}; tries again`) : undefined),
  });
  requestHandler.destroy();
};

/** Sends to a broker; each message is on its way no longer than until the broker has it. */
export const sendToBroker = async (
  groups: Groups,
  broker: Broker,
  {
    destination,
    environment,
  }: { destination?: string | undefined; environment: Readonly<Record<string, string | undefined>> },
): Promise<void> => {
  const sender = await openStompSender(broker, environment);
  try {
    for await (const frames of groups)
      for (const frame of frames) await sender.send({ ...frame, destination: destination ?? frame.destination });
  } finally {
    await sender.close();
  }
};
