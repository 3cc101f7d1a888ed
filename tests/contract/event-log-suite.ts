import { describe, expect, test } from 'vitest';
import { anEvent } from '../builders/an-event.ts';
import type { OpenStore } from './store-suite.ts';

const eventsOf = (count: number) => Array.from({ length: count }, (_, at) => anEvent({ version: at + 1 }));

/** What every event log keeps to. */
export const logSuite = (opened: () => OpenStore): void => {
  describe('the event log', () => {
    const append = async (count: number) => opened().store.transact({ writes: [], events: eventsOf(count) });

    test('holds events in order, with a gapless seq and a hash', async () => {
      expect(await append(5)).toEqual({ seq: 5 });
      const events = await opened().log.read(2, 2);
      expect(events.map(({ seq }) => seq)).toEqual([3, 4]);
      expect(events[0]).toEqual({ ...anEvent({ version: 3 }), seq: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(await opened().log.head()).toBe(5);
      expect(await opened().log.verify()).toEqual({ ok: true, events: 5 });
    });

    test('is empty at first', async () => {
      expect(await opened().log.head()).toBe(0);
      expect(await opened().log.read(0)).toEqual([]);
      expect(await opened().log.verify()).toEqual({ ok: true, events: 0 });
    });

    test('an event that it holds already is not written twice, and is no error', async () => {
      await append(3);
      expect(await append(4)).toEqual({ seq: 4 });
      const ids = (await opened().log.read(0)).map(({ id }) => id);
      expect(ids).toEqual(eventsOf(4).map(({ id }) => id));
      expect(await opened().log.verify()).toEqual({ ok: true, events: 4 });
    });

    test('holds nothing of a transaction that failed', async () => {
      const missing = { op: 'check', pk: 'prod_run', sk: '1', ifVersion: 1 } as const;
      const failed = opened().store.transact({ writes: [missing], events: eventsOf(2) });
      await expect(failed).rejects.toMatchObject({ code: 'store-conflict' });
      expect(await opened().log.head()).toBe(0);
    });

    test('finds the events of a subject, in order and by pages, and of no other', async () => {
      const names = ['prod_stf_1', 'prod_stf_10', 'prod_stf_1_b', 'prod_run_ü "1"'];
      const versions = Array.from({ length: 12 }, (_, at) => at + 1);
      for (const version of versions) {
        await opened().store.transact({ writes: [], events: names.map((subject) => anEvent({ subject, version })) });
      }
      const { log } = opened();
      for (const [place, subject] of names.entries()) {
        const found = await log.ofSubject({ subject });
        expect(found.map(({ version }) => version)).toEqual(versions);
        expect(found.map(({ seq }) => seq)).toEqual(
          versions.map((version) => (version - 1) * names.length + place + 1),
        );
        expect(found).toEqual((await log.read(0)).filter((event) => event.subject === subject));
        expect(await log.ofSubject({ subject, afterSeq: found[3]?.seq ?? 0, limit: 5 })).toEqual(found.slice(4, 9));
      }
      expect(await log.ofSubject({ subject: 'prod_stf' })).toEqual([]);
    });

    test('refuses data over 4 kB', async () => {
      const event = anEvent({ data: { text: 'x'.repeat(4096) } });
      await expect(opened().store.transact({ writes: [], events: [event] })).rejects.toMatchObject({
        code: 'store-item-invalid',
      });
    });

    test('whoever waits behind its head is answered at once', async () => {
      await append(2);
      expect(await opened().log.wait(1, 10_000)).toBe(2);
      expect(await opened().log.wait(2, 0)).toBe(2);
    });

    test('whoever waits at its head is woken by the next commit', async () => {
      await append(1);
      const woken = opened().log.wait(1, 10_000);
      await append(2);
      expect(await woken).toBe(2);
    });

    test('whoever waits in vain gets the head at the end of the time, and leaves no timer', async () => {
      const { log, clock } = opened();
      const timers = clock.timers();
      const waiting = log.wait(0, 5000);
      const woken = log.wait(0, 9000);
      await clock.advance(5000);
      expect(await waiting).toBe(0);
      await append(1);
      expect(await woken).toBe(1);
      expect(clock.timers()).toBe(timers);
    });

    test('whoever stops waiting gets the head', async () => {
      const stop = new AbortController();
      const waiting = opened().log.wait(0, 5000, stop.signal);
      stop.abort();
      expect(await waiting).toBe(0);
    });
  });
};
