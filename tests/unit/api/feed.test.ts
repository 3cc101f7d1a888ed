import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createFeed, type Feed } from '../../../functions/api/feed.ts';
import { createLog, silentLog } from '../../../functions/lib/log.ts';
import { nodeDisk } from '../../../functions/lib/node-disk.ts';
import { openCheckpoint } from '../../../local/front/checkpoint.ts';
import { aFolder } from '../../builders/a-folder.ts';
import { countedTo, logsOf, shownBy } from '../../builders/counted-logs.ts';

const owner = { instance: 'prod', wing: 'bnl', epoch: 1 };
const caughtUp = async (feed: Feed): Promise<void> => {
  while (feed.progress().isCatchingUp) await setImmediate();
};

describe('a front over long logs', () => {
  it('counts 240,000 events a few at a time, with turns of the loop in between and no more open than ever was', async () => {
    const stfs = 40_000;
    let turns = 0;
    let turnsAtRead = -1;
    let mostInTurn = 0;
    let mostWaiting = 0;
    let inTurn = 0;
    let isOver = false;
    const turning = (async () => {
      while (!isOver) {
        await setImmediate();
        turns += 1;
      }
    })();
    const logs = logsOf(stfs, {
      onRead: (count) => {
        inTurn = turns === turnsAtRead ? inTurn + count : count;
        turnsAtRead = turns;
        mostInTurn = Math.max(mostInTurn, inTurn);
        mostWaiting = Math.max(mostWaiting, feed.tally.waiting().count);
      },
    });
    const feed = createFeed({ ...logs, log: silentLog });
    expect(feed.progress().isCatchingUp, 'it is there before it has counted').toBe(true);
    await caughtUp(feed);
    isOver = true;
    await turning;
    expect(feed.position()).toEqual(logs.end);
    expect(feed.tally.figures().stfs).toMatchObject({ seen: stfs, archived: stfs, processed: stfs });
    expect(mostInTurn).toBeLessThanOrEqual(250);
    expect(mostWaiting, 'the log with the older event goes first').toBeLessThan(500);
    await feed.stop();
  }, 60_000);
});

describe('a front that starts again', () => {
  const stfs = 1_200;
  const warnings = () => {
    const lines: string[] = [];
    return { lines, log: createLog('warn', {}, { write: (line: string) => void lines.push(line) }) };
  };
  const run = async (folder: string, logs: ReturnType<typeof logsOf>, of = owner) => {
    const { lines, log } = warnings();
    const keeping = await openCheckpoint(nodeDisk, log, join(folder, 'front'));
    const feed = createFeed({ ...logs, log, keeping, owner: of });
    await caughtUp(feed);
    const shown = shownBy(feed.tally, stfs);
    await feed.stop();
    return { shown, lines };
  };

  it('reads the tail only, and shows what it would show had it read all', async () => {
    using folder = aFolder();
    await run(folder.path, logsOf(stfs - 200));
    let events = 0;
    const { shown, lines } = await run(folder.path, logsOf(stfs, { onRead: (count) => (events += count) }));
    const logs = logsOf(stfs);
    expect(shown).toEqual(shownBy(await countedTo(logs, logs.end), stfs));
    expect(events).toBe(200 * 6 + 2);
    expect(lines).toEqual([]);
  });

  it.each([
    ['another log', async () => undefined, 'b', owner, stfs, /event \d+ of the archive log is another/],
    ['a log that ends before', async () => undefined, '', owner, 600, /counted 2400 events of the archive log/],
    ['another epoch', async () => undefined, '', { ...owner, epoch: 2 }, stfs, /it is of prod at bnl, epoch 1/],
    ['a torn checkpoint', (path: string) => cut(path), '', owner, stfs, /it has no end/],
    ['a flipped bit', (path: string) => flip(path), '', owner, stfs, /does not match its checksum/],
    ['another format', (path: string) => writeFile(path, 'a line\n'), '', owner, stfs, /it has no end/],
    ['no runs at rest', (path: string) => writeFile(join(path, '../runs.jsonl'), ''), '', owner, stfs, /shorter/],
  ] as const)('counts all again and says why: %s', async (_, spoil, salt, of, count, reason) => {
    using folder = aFolder();
    await run(folder.path, logsOf(stfs));
    await spoil(join(folder.path, 'front/checkpoint.jsonl'));
    const logs = logsOf(count, { salt });
    const { shown, lines } = await run(folder.path, logs, of);
    expect(shown).toEqual(shownBy(await countedTo(logs, logs.end), stfs));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(reason);
    // What was counted again is kept: the next start goes on from it.
    expect(await run(folder.path, logs, of)).toEqual({ shown, lines: [] });
  });

  it('counts all again where a run at rest was spoiled', async () => {
    using folder = aFolder();
    await run(folder.path, logsOf(stfs));
    await flip(join(folder.path, 'front/runs.jsonl'));
    const { lines, log } = warnings();
    const feed = createFeed({
      ...logsOf(stfs + 200),
      log,
      keeping: await openCheckpoint(nodeDisk, log, join(folder.path, 'front')),
      owner,
    });
    while (feed.position().archive < 2_400) await setImmediate();
    expect(() => shownBy(feed.tally, stfs)).toThrow(/does not match its checksum/);
    while (feed.progress().isCatchingUp || lines.length === 0) await setImmediate();
    await feed.stop();
    expect(lines[0]).toMatch(/the line of run \d+ does not match its checksum/);
  });
});

const cut = async (path: string): Promise<void> => {
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length / 2));
};
const flip = async (path: string): Promise<void> => {
  const bytes = await readFile(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
};
