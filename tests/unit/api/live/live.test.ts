import { describe, expect, it } from 'vitest';
import type { PapilioError } from '../../../../functions/lib/errors.ts';
import type { Principal } from '../../../../functions/lib/schema/access.ts';
import { LiveReset, type NewEvent } from '../../../../functions/lib/schema/event.ts';
import { anEvent } from '../../../builders/an-event.ts';
import { aLiveHouse, aViewer, type Listening } from '../../../builders/live-events.ts';

type Plane = 'archive' | 'work';
/** The work plane's events are fewer. */
const everyS = { archive: 1, work: 4 };
const event = (plane: Plane, n: number, data: NewEvent['data'] = {}): NewEvent =>
  anEvent({
    ...{ id: `${plane}-${n}`, source: `/prod/bnl/${plane}`, data },
    time: new Date(Date.UTC(2026, 0, 1) + n * everyS[plane] * 1_000).toISOString(),
  });
const several = (plane: Plane, first: number, last: number, data?: NewEvent['data']): NewEvent[] =>
  Array.from({ length: last - first + 1 }, (_, at) => event(plane, first + at, data));
const ids = ({ messages }: Listening): (string | undefined)[] => messages.map(({ id }) => id);
const padding = { note: 'x'.repeat(500) };

describe('live events', () => {
  it('begin with what comes next, each under the position of both logs', async () => {
    await using house = await aLiveHouse();
    await house.write('archive', several('archive', 1, 3));
    await house.settle();
    const listening = await house.listen();
    await house.write('work', [event('work', 1)]);
    await house.settle();
    await house.write('archive', [event('archive', 4)]);
    await house.settle();
    expect(ids(listening)).toEqual(['a3-w1', 'a4-w1']);
    expect(listening.events()).toMatchObject([
      { specversion: '1.0', id: 'work-1', source: '/prod/bnl/work', type: 'stf.catalogued', seq: 1 },
      { id: 'archive-4', seq: 4 },
    ]);
  });

  it('come after a position in the order of time, as far back as it is', async () => {
    await using house = await aLiveHouse({ live: { recentEvents: 2, replayEvents: 4 } });
    await house.write('archive', several('archive', 1, 40));
    await house.write('work', several('work', 1, 10));
    await house.settle();
    const listening = await house.listen({}, 'a0-w0');
    await house.settle();
    const heard = listening.events();
    expect(heard).toHaveLength(50);
    expect(heard.map(({ time }) => time)).toEqual(heard.map(({ time }) => time).sort());
  });

  it('come from 20,000 events back, with no more than a page of them waiting', async () => {
    await using house = await aLiveHouse({ live: { aheadBytes: 65_536, replayEvents: 100 } });
    const count = 10_000;
    for (let first = 1; first <= count; first += 1_000)
      for (const plane of ['archive', 'work'] as const) await house.write(plane, several(plane, first, first + 999));
    await house.settle();
    const listening = await house.listen({}, 'a0-w0');
    let most = 0;
    listening.stream.on('data', () => {
      most = Math.max(most, listening.stream.readableLength);
    });
    while (listening.messages.length < 2 * count) await house.settle();
    expect(listening.lastId()).toBe(`a${count}-w${count}`);
    expect(most).toBeLessThan(200_000);
  });

  it('of each other’s heels go out together, the first at once and the rest 50 ms later', async () => {
    await using house = await aLiveHouse();
    const listening = await house.listen();
    await house.settle();
    const chunks: number[] = [];
    listening.stream.on('data', () => chunks.push(house.clock.nowMs()));
    const startMs = house.clock.nowMs();
    for (let n = 1; n <= 5; n += 1) {
      await house.write('work', [event('work', n)]);
      await house.clock.advance(0);
      await house.clock.advance(10);
    }
    await house.clock.advance(50);
    expect(chunks.map((ms) => ms - startMs)).toEqual([0, 50]);
    expect(listening.events()).toHaveLength(5);
  });

  it('under ids that are never behind a client, while a front that has just begun still reads the logs', async () => {
    await using before = await aLiveHouse();
    await before.write('archive', several('archive', 1, 7));
    await before.write('work', several('work', 1, 5));
    await using front = await aLiveHouse({ planes: before.planes, clock: before.clock, lag: { work: 10 } });
    const listening = await front.listen({}, 'a5-w5');
    await front.settle();
    expect(ids(listening)).toEqual(['a6-w5', 'a7-w5']);
  });

  it('are not told again to a client of such a front that was too slow', async () => {
    await using before = await aLiveHouse();
    await before.write('archive', several('archive', 1, 7));
    await before.write('work', several('work', 1, 5));
    const live = { backlogBytes: 10, aheadBytes: 10 };
    await using front = await aLiveHouse({ planes: before.planes, clock: before.clock, lag: { work: 200 }, live });
    const listening = await front.listen({}, 'a5-w5');
    listening.stall();
    await front.settle();
    await front.write('archive', [event('archive', 8)]);
    await front.settle();
    listening.goOn();
    for (let turn = 0; turn < 10; turn += 1) await front.settle();
    expect(ids(listening)).toEqual(['a6-w5', 'a7-w5', 'a8-w5']);
  });

  it('say from time to time that they are there, and how far they are', async () => {
    await using house = await aLiveHouse({ live: { heartbeatMs: 15_000 } });
    await house.write('work', several('work', 1, 3));
    await house.settle();
    const listening = await house.listen({ type: 'nothing' });
    await house.write('work', several('work', 4, 5));
    await house.clock.advance(45_000);
    expect(listening.comments).toEqual(['a0-w3', 'a0-w5', 'a0-w5', 'a0-w5']);
    expect(listening.messages).toEqual([]);
  });

  it('after a position that the logs never came to begin with a reset, and go on from their end', async () => {
    await using house = await aLiveHouse();
    await house.write('archive', several('archive', 1, 2));
    await house.settle();
    const listening = await house.listen({}, 'a9-w0');
    await house.write('archive', [event('archive', 3)]);
    await house.settle();
    const [reset, next] = listening.messages;
    expect(reset).toMatchObject({ event: 'reset', id: 'a2-w0' });
    expect(LiveReset.parse(JSON.parse(reset?.data ?? ''))).toEqual({ asked: 'a9-w0', position: 'a2-w0' });
    expect(next?.id).toBe('a3-w0');
  });
});

describe('a client of live events', () => {
  it('that takes nothing is dropped, and one beside it that takes all hears all', async () => {
    const live = { backlogBytes: 4_000, aheadBytes: 2_000, stallMs: 20_000, sweepMs: 5_000, heartbeatMs: 1e9 };
    await using house = await aLiveHouse({ live });
    await house.settle();
    const [stalled, well] = [await house.listen(), await house.listen()];
    stalled.stall();
    for (let n = 1; n <= 60; n += 1) {
      await house.write('work', [event('work', n, padding)]);
      await house.clock.advance(1_000);
      expect(stalled.stream.readableLength).toBeLessThan(6_000);
    }
    await expect(stalled.over).resolves.toBe('dropped');
    expect(well.events()).toHaveLength(60);
    const back = await house.listen({}, stalled.lastId() ?? 'a0-w0');
    await house.settle();
    expect([...stalled.events(), ...back.events()].map(({ seq }) => seq)).toEqual(well.events().map(({ seq }) => seq));
  });

  it('that is slow but takes something is not dropped, and hears all', async () => {
    const live = { backlogBytes: 2_000, aheadBytes: 1_000, stallMs: 20_000, sweepMs: 5_000, heartbeatMs: 1e9 };
    await using house = await aLiveHouse({ live });
    await house.settle();
    const slow = await house.listen();
    for (let n = 1; n <= 60; n += 1) {
      slow.stall();
      await house.write('work', several('work', 2 * n - 1, 2 * n, padding));
      await house.clock.advance(15_000);
      slow.goOn();
      await house.settle();
    }
    expect(slow.events()).toHaveLength(120);
    expect(slow.stream.destroyed).toBe(false);
  });

  it('is refused when there are as many as may be, in all or of one principal', async () => {
    await using house = await aLiveHouse({ live: { clients: 3, clientsOfOne: 2 } });
    const ada: Principal = { ...aViewer, id: 'ada@idp', kind: 'oidc' };
    const first = await house.listen({}, undefined, ada);
    await house.listen({}, undefined, ada);
    const refused = { code: 'live-clients-too-many' } satisfies Partial<PapilioError>;
    const pilot: Principal = { ...aViewer, id: 'prod_token_1', kind: 'machine', owner: 'ada@idp' };
    for (const who of [ada, pilot])
      await expect(house.listen({}, undefined, who)).rejects.toMatchObject({
        ...{ code: 'quota-exceeded', reason: expect.stringContaining('live streams: at most 2 at a time') },
      });
    expect(house.live.standingOf(pilot)).toEqual({ most: 2, used: 2 });
    await house.listen();
    await expect(house.listen()).rejects.toMatchObject(refused);
    first.cut();
    await house.settle();
    await house.listen();
  });

  it('hears no longer than its token holds', async () => {
    await using house = await aLiveHouse();
    const expiresAt = new Date(house.clock.nowMs() + 60_000).toISOString();
    const listening = await house.listen({}, undefined, { ...aViewer, id: 'ada@idp', kind: 'oidc', expiresAt });
    await house.clock.advance(59_000);
    expect(listening.stream.destroyed).toBe(false);
    await house.clock.advance(2_000);
    await expect(listening.over).resolves.toBe('ended');
  });

  it('hears no more once its token is revoked, and others hear on', async () => {
    await using house = await aLiveHouse();
    const pilot: Principal = { ...aViewer, id: 'prod_token_1', kind: 'machine', tokenId: 'prod_token_1' };
    const revoked = await house.listen({}, undefined, pilot);
    const other = await house.listen({}, undefined, { ...pilot, id: 'prod_token_2', tokenId: 'prod_token_2' });
    await house.settle();
    await house.write('work', [{ ...event('work', 1), type: 'token.revoked', subject: 'prod_token_1' }]);
    await house.settle();
    await house.write('work', [event('work', 2)]);
    await house.settle();
    await expect(revoked.over).resolves.toBe('ended');
    expect([revoked.lastId(), other.lastId()]).toEqual(['a0-w1', 'a0-w2']);
  });

  it('hears the end of the stream when the front stops', async () => {
    const house = await aLiveHouse();
    const listening = await house.listen();
    await house[Symbol.asyncDispose]();
    await expect(listening.over).resolves.toBe('ended');
  });
});
