import { statSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#lib/system-clock';
import type { EventLog } from '#ports/event-log';
import { defaultSealPolicy } from '../../functions/adapters/event-log/sealer.ts';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { aFolder } from '../builders/a-folder.ts';
import { fillLongLog, longLogEvent } from '../builders/a-long-log.ts';
import { countRows, sealedFiles, sealNow } from '../builders/a-sealed-log.ts';
import { aRandom } from '../builders/random.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { quantile } from './figures.ts';

export const name = 'segments';
export const about =
  'the price of a sealed event: bytes, CPU of sealing, and reads from segments against reads from rows';

const eventsAll = 400_000;
const readsAll = 500;

const to = (digits: number, value: number): number => Number(value.toFixed(digits));

const timed = async (reads: number, read: (at: number) => Promise<unknown>): Promise<{ p50: number; p99: number }> => {
  const spansMs: number[] = [];
  for (let at = 0; at < reads; at++) {
    const startedAt = performance.now();
    await read(at);
    spansMs.push(performance.now() - startedAt);
  }
  return { p50: to(3, quantile(spansMs, 0.5)), p99: to(3, quantile(spansMs, 0.99)) };
};

/** Reads of one place: single events, pages, and events of a subject, at seeded positions. */
const measureReads = async (where: string, log: EventLog, events: number, reads: number): Promise<Row> => {
  const random = aRandom(9);
  const places = Array.from({ length: reads }, () => Math.floor(random() * (events - 1000)));
  const one = await timed(reads, (at) => log.read(places[at] ?? 0, 1));
  const page = await timed(Math.ceil(reads / 5), (at) => log.read(places[at] ?? 0, 1000));
  const subject = await timed(reads, (at) => log.ofSubject({ subject: longLogEvent(places[at] ?? 0).subject }));
  return {
    'events in': where,
    'one, p50 ms': one.p50,
    'one, p99 ms': one.p99,
    'page of 1,000, p50 ms': page.p50,
    'of a subject, p50 ms': subject.p50,
    'of a subject, p99 ms': subject.p99,
  };
};

const readAll = async (path: string, where: string, events: number, reads: number): Promise<Row> => {
  const { store, log } = await openSqliteStore({ path, clock: systemClock, readOnly: true });
  const row = await measureReads(where, log, events, reads);
  await store.close();
  return row;
};

/** Bytes and reads of the same log in rows, and sealed. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const path = join(folder.path, 'store.db');
  const events = Math.ceil(eventsAll * scale);
  const reads = Math.ceil(readsAll * scale);
  say(`${events} events in rows`);
  fillLongLog(path, events);
  const rowBytes = statSync(path).size / events;
  const inRows = await readAll(path, 'rows', events, reads);
  say('sealing');
  const before = process.cpuUsage();
  // 40 segments, so that a map is among them.
  await sealNow(path, { ...defaultSealPolicy, unsealedEvents: events / 5, segmentEvents: events / 50 });
  const cpu = process.cpuUsage(before);
  const sealed = events - countRows(path);
  const bytesOf = (suffix: string) => sealedFiles(path, suffix).reduce((sum, file) => sum + statSync(file).size, 0);
  const segmentBytes = bytesOf('.seg') / sealed;
  const price: Row = {
    'bytes an event in rows': to(1, rowBytes),
    'in a segment': to(1, segmentBytes),
    'in the map': to(1, bytesOf('.subjects-1') / sealed),
    'CPU us of sealing an event': to(1, (cpu.user + cpu.system) / sealed),
  };
  const inSegments = await readAll(path, `${sealedFiles(path, '.seg').length} segments`, sealed, reads);
  return {
    tables: { price: [price], reads: [inRows, inSegments] },
    bars: [{ what: 'bytes of an event in a segment', measured: to(1, segmentBytes), unit: 'bytes', atMost: 100 }],
    notes: ['a commit writes the same rows and indexes as before: the index of subjects in rows is that of the ids'],
  };
};
