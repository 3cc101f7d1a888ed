import type { Clock } from '#ports/clock';
import type { EventTest } from '../event-filter.ts';
import { readEvents } from '../events.ts';
import { isPast, type Position } from '../position.ts';
import type { Surroundings } from '../surroundings.ts';
import { entryOf, heartbeat, positionAfter } from './block.ts';
import type { LiveClient } from './client.ts';
import type { Hub } from './hub.ts';
import type { LivePolicy } from './policy.ts';

type TellingOptions = {
  readonly clock: Clock;
  readonly records: Surroundings['records'];
  readonly hub: Pick<Hub, 'reaches' | 'listen'>;
  readonly policy: Pick<LivePolicy, 'replayEvents' | 'heartbeatMs'>;
};

/** How long to wait before a store that gave nothing is read again. */
const retryMs = 500;

/** One after the other, with a turn of the loop between them: who replays much holds up nobody who listens. */
const inTurn = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(() => new Promise((resolve) => setImmediate(resolve))).then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
};

/**
 * Tells a client what the stores hold after a position, page after page as fast as it takes them, and then what comes.
 * One who takes less than comes is told again what he missed, so that no more is held for him than a page.
 */
export const createTelling = ({ clock, records, hub, policy }: TellingOptions) => {
  const turn = inTurn();

  const blocksAfter = async (
    from: Position,
    { fits }: EventTest,
  ): Promise<{ blocks: Buffer[]; position: Position }> => {
    let position = from;
    const blocks: Buffer[] = [];
    for (const event of await readEvents(records, from, policy.replayEvents)) {
      position = positionAfter(position, event);
      const entry = entryOf(event, position);
      if (fits(entry.facets())) blocks.push(entry.block());
    }
    return { blocks, position };
  };

  /** Says from time to time how far the search for what fits has come. */
  const createSearch = (client: LiveClient, test: EventTest) => {
    let saidAtMs = clock.nowMs();
    return async (from: Position): Promise<Position> => {
      const { blocks, position } = await turn(() => blocksAfter(from, test));
      const isDue = clock.nowMs() - saidAtMs >= policy.heartbeatMs;
      if (blocks.length === 0 && isDue) blocks.push(heartbeat(position));
      if (blocks.length > 0) {
        saidAtMs = clock.nowMs();
        client.push(Buffer.concat(blocks));
      }
      // The store of a plane cannot be read now, and its log has moved on.
      if (!isPast(position, from)) await new Promise<void>((resolve) => clock.at(clock.nowMs() + retryMs, resolve));
      return position;
    };
  };

  return async (client: LiveClient, test: EventTest, from: Position): Promise<void> => {
    const search = createSearch(client, test);
    let position = from;
    while (client.isOpen()) {
      position = hub.reaches(position) ? await hub.listen(client, test, position) : await search(position);
      await client.whenTaken();
    }
  };
};
