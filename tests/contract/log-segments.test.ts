import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../functions/adapters/store/memory.ts';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { inspectStore } from '../../functions/adapters/store/sqlite-inspect.ts';
import type { Sealed } from '../../functions/adapters/store/sqlite-messages.ts';
import { listEvents, positionAt, readEvents } from '../../functions/api/events.ts';
import { startOfLogs } from '../../functions/api/position.ts';
import { aFolder } from '../builders/a-folder.ts';
import { longLogEvent } from '../builders/a-long-log.ts';
import { allEvents, countRows, readingLog, sealedFiles, sealNow, smallSegments } from '../builders/a-sealed-log.ts';
import { anEvent } from '../builders/an-event.ts';
import { faultKinds } from '../builders/failing-disk.ts';
import { fakeClock } from '../builders/fake-clock.ts';
import { aRandom } from '../builders/random.ts';
import { countAccesses, flipBits, longLogs, sealWithFault } from '../builders/sealing-faults.ts';

const idsOf = (found: readonly { id: string }[]): string[] => found.map(({ id }) => id);

const { events, ids: longIds, aLog, expectWhole } = longLogs(3_000);

describe('a log with sealed segments', () => {
  test('reads like one in rows: from any position, of any subject, to the last byte', async () => {
    using log = aLog();
    const before = await readingLog(log.path, (rows) => allEvents(rows));
    await expectWhole(log.path);
    expect(await sealNow(log.path)).toEqual({ last: 2400 });
    expect(countRows(log.path)).toBe(600);
    expect(sealedFiles(log.path, '.seg')).toHaveLength(6);
    await expectWhole(log.path);
    await readingLog(log.path, async (sealed) => {
      expect(await allEvents(sealed, 77)).toEqual(before);
      const random = aRandom(1);
      for (let round = 0; round < 40; round++) {
        const after = Math.floor(random() * events);
        const limit = 1 + Math.floor(random() * 300);
        expect(await sealed.read(after, limit)).toEqual(before.slice(after, after + limit));
        const { subject = '' } = before[after] ?? {};
        const afterSeq = random() < 0.5 ? 0 : after;
        expect(await sealed.ofSubject({ subject, afterSeq })).toEqual(
          before.filter((event) => event.subject === subject && event.seq > afterSeq),
        );
      }
      expect(await sealed.ofSubject({ subject: 'prod_stf_00102363' })).toEqual([]);
    });
  });

  test('keeps the events of a subject in order and by pages across segments and rows', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'store.db');
    const { store, log } = await openSqliteStore({ path, clock: fakeClock() });
    const versions = Array.from({ length: 1500 }, (_, at) => at + 1);
    const all = versions.map((version) => anEvent({ subject: 'prod_facility_local', version }));
    const others = versions.map((version) => anEvent({ subject: 'prod_facility_local_b', version }));
    await store.transact({ writes: [], events: all.flatMap((event, at) => [event, ...others.slice(at, at + 1)]) });
    await store.close();
    await sealNow(path);
    await readingLog(path, async (sealed) => {
      const pages: number[] = [];
      for (let afterSeq = 0; ; ) {
        const page = await sealed.ofSubject({ subject: 'prod_facility_local', afterSeq, limit: 200 });
        pages.push(...page.map(({ version }) => version));
        if (page.length < 200) break;
        afterSeq = page.at(-1)?.seq ?? 0;
      }
      expect(pages).toEqual(versions);
    });
    await expect(log.read(0)).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  test('finds subjects by maps once there are enough segments, also when a map is lost or damaged', async () => {
    using log = aLog();
    await sealNow(log.path, { ...smallSegments, unsealedEvents: 1_600, segmentEvents: 160 });
    const [map = '', ...more] = sealedFiles(log.path, '.subjects-1');
    expect(more).toEqual([]);
    const subject = longLogEvent(55).subject;
    const expectFound = () =>
      readingLog(log.path, async (sealed) => {
        expect(idsOf(await sealed.ofSubject({ subject }))).toEqual([longLogEvent(50).id, longLogEvent(55).id]);
      });
    await expectFound();
    const bytes = readFileSync(map);
    writeFileSync(
      map,
      bytes.map((byte, at) => (at > 100 ? byte ^ 1 : byte)),
    );
    await expectFound();
    expect((await inspectStore(log.path, true)).problems).toEqual([expect.stringContaining('remove this file')]);
    rmSync(map);
    await expectFound();
    await sealNow(log.path);
    expect(readFileSync(map)).toEqual(bytes);
    expect((await inspectStore(log.path, true)).problems).toEqual([]);
  });

  test('finds every subject as rows do by maps over maps', async () => {
    using log = aLog();
    const subjects = Array.from({ length: 60 }, (_, at) => longLogEvent(at * 40).subject);
    const askAll = () =>
      readingLog(log.path, async (read) => {
        const found = await Promise.all(subjects.map((subject) => read.ofSubject({ subject })));
        return found.map(idsOf);
      });
    const inRows = await askAll();
    await sealNow(log.path, { ...smallSegments, unsealedEvents: 200, segmentEvents: 10 });
    expect(sealedFiles(log.path, '.subjects-1').length).toBeGreaterThan(8);
    expect(sealedFiles(log.path, '.subjects-2').length).toBeGreaterThan(1);
    expect(await askAll()).toEqual(inRows);
  });

  test('is sealed while its plane serves, and a reader of another process misses and doubles nothing', async () => {
    using log = aLog();
    const clock = fakeClock();
    const reported = Promise.withResolvers<Sealed>();
    const options = { path: log.path, clock, seal: smallSegments, onSealed: reported.resolve };
    const reader = await openSqliteStore({ path: log.path, clock, readOnly: true });
    const plane = await openSqliteStore(options);
    let isSealed = false;
    const sealed = reported.promise.finally(() => {
      isSealed = true;
    });
    const extra: string[] = [];
    for (let version = 1; !isSealed; version++) {
      const event = anEvent({ subject: 'prod_run_1', version });
      const write = { op: 'put', pk: 'prod_run_1', sk: 'run', ifVersion: version - 1, doc: {} } as const;
      await plane.store.transact({ writes: [write], events: [event] });
      extra.push(event.id);
      expect(idsOf(await allEvents(reader.log))).toEqual([...longIds, ...extra]);
    }
    expect((await sealed).last).toBeGreaterThanOrEqual(2400);
    expect(extra.length).toBeGreaterThan(0);
    expect(await plane.log.verify()).toEqual({ ok: true, events: events + extra.length });
    await reader.store.close();
    await plane.store.close();
  });

  test('gives the API the same pages, events of a subject and events since a moment as rows do', async () => {
    using log = aLog();
    const archive = createMemoryStore({ clock: fakeClock() });
    const ask = () =>
      readingLog(log.path, async (sealed) => {
        const planes = { archive, work: { store: archive.store, log: sealed } };
        const records = async (plane: 'archive' | 'work') => planes[plane];
        const since = await positionAt(records, longLogEvent(700).time);
        expect(since).toEqual({ archive: 0, work: 700 });
        return {
          merged: await readEvents(records, { archive: 0, work: 350 }, 500),
          ofType: await listEvents(records, { archive: 0, work: 10 }, { limit: 1000, type: 'stf' }),
          ofSubject: await listEvents(records, startOfLogs, { limit: 1000, subject: longLogEvent(1233).subject }),
          since: await listEvents(records, since, { limit: 100 }),
        };
      });
    const before = await ask();
    await sealNow(log.path);
    expect(await ask()).toEqual(before);
    expect(before.merged).toHaveLength(500);
    expect(before.ofSubject).toMatchObject({ items: [{ seq: 1234 }, { seq: 1239 }], next: 'a0-w3000' });
    expect(before.since).toMatchObject({ next: 'a0-w800' });
  });

  test('does not take an event twice whose first copy is in a segment', async () => {
    using log = aLog();
    await sealNow(log.path);
    const { store, log: opened } = await openSqliteStore({ path: log.path, clock: fakeClock() });
    expect(await store.transact({ writes: [], events: [longLogEvent(3)] })).toEqual({ seq: events });
    expect(await store.transact({ writes: [], events: [longLogEvent(events)] })).toEqual({ seq: events + 1 });
    expect(await opened.verify()).toEqual({ ok: true, events: events + 1 });
    await store.close();
  });

  test('a file of another log under the name of a segment is kept, and is not read', async () => {
    using log = aLog();
    const folder = join(dirname(log.path), 'segments');
    mkdirSync(folder);
    writeFileSync(join(folder, '000000000001-000000000400.seg'), 'from before an older store.db was put back');
    expect(await sealNow(log.path)).toEqual({ last: 2400 });
    const kept = readdirSync(folder).filter((name) => name.includes('.not-of-this-log-'));
    expect(kept).toEqual([expect.stringMatching(/^000000000001-000000000400\.seg\.not-of-this-log-[0-9a-f]{8}$/)]);
    await expectWhole(log.path);
  });

  test('a log whose rows do not fit their chain is not sealed, and the reason is reported', async () => {
    using log = aLog();
    const db = new DatabaseSync(log.path);
    db.exec(`UPDATE events SET body = replace(body, 'local', 'locam') WHERE seq = 700`);
    db.close();
    expect(await sealNow(log.path)).toMatchObject({
      last: 400,
      problem: { code: 'store-unavailable', reason: expect.stringContaining('event 700') },
    });
    expect(countRows(log.path)).toBe(2600);
  });
});

describe('sealing that is interrupted', () => {
  const short = longLogs(700);

  test.each(faultKinds)('by a fault of the disk (%s) at any access loses nothing', async (kind) => {
    const accesses = await countAccesses(short);
    expect(accesses).toBeGreaterThan(20);
    // Every twelfth access, from another one for each kind; the long form has them all.
    for (let at = 1 + faultKinds.indexOf(kind); at <= accesses; at += 12) await sealWithFault(short, kind, at);
  });
});

describe('a damaged segment', () => {
  test('is named by the check and by reads that meet it, and never served', async () => {
    using log = aLog();
    await flipBits(log.path, { seed: 5, rounds: 12 });
    await expectWhole(log.path);
  });

  test('that is cut off, empty or missing is named without reading all', async () => {
    using log = aLog();
    await sealNow(log.path);
    const [path = '', other = ''] = sealedFiles(log.path, '.seg');
    const whole = readFileSync(path);
    for (const part of [whole.subarray(0, whole.length >> 1), Buffer.alloc(0)]) {
      writeFileSync(path, part);
      expect((await inspectStore(log.path, false)).problems).toEqual([expect.stringContaining(path)]);
    }
    copyFileSync(other, path);
    await readingLog(log.path, (sealed) =>
      expect(sealed.read(0, 10)).rejects.toMatchObject({ code: 'log-segment-corrupt' }),
    );
    rmSync(path);
    expect((await inspectStore(log.path, false)).problems).toEqual([expect.stringContaining('is missing')]);
    await readingLog(log.path, async (sealed) => {
      await expect(sealed.read(0, 10)).rejects.toMatchObject({ code: 'log-segment-corrupt' });
      expect(await sealed.read(400, 1)).toMatchObject([{ seq: 401 }]);
    });
  });
});
