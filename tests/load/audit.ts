import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkAudit } from '#lib/audit-check';
import { auditChange } from '#lib/audit-event';
import { commit } from '#lib/change';
import { readConfig } from '#lib/config';
import { audits } from '#lib/records';
import { systemClock } from '#lib/system-clock';
import type { Store } from '#ports/store';
import type { AuditLine } from '#schema/audit';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { aFolder } from '../builders/a-folder.ts';
import { fillLongLog } from '../builders/a-long-log.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { rounded } from './figures.ts';

export const name = 'audit';
export const about = 'the price of a line of the audit log with the event that covers it, and of a verification';

const linesAll = 4_000;
const linesAtOnce = 40;
const eventsFew = 40_000;
const eventsMany = 400_000;

const lineAt = (nth: number): AuditLine => ({
  ...{ id: `prod_audit_${nth}`, at: new Date(Date.UTC(2026, 0, 1) + nth).toISOString(), by: 'victor@issuer.example' },
  ...{ action: 'processing.suspend', subject: 'prod_facet_processing', outcome: 'denied', count: 1, plane: 'front' },
  problem: { code: 'role-missing', reason: 'victor@issuer.example may not processing.suspend: it needs operator' },
});

type Way = (store: Store, lines: readonly AuditLine[]) => Promise<void>;
const deps = { config: readConfig(), plane: 'work', now: () => '2026-01-01T00:00:00.000Z' } as const;
const ways: Readonly<Record<string, Way>> = {
  'a record': (store, lines) =>
    audits.putMany(
      store,
      lines.map((line) => [line.id, line]),
    ),
  'a record and its event': (store, lines) =>
    commit(
      { store },
      lines.map((line) => auditChange(deps, 'audit', audits.put(line.id, line, 0), 'record-access')),
    ),
};

/** Time, CPU and bytes of each line, written so many at a time. */
const writeLines = async (path: string, what: string, way: Way, count: number): Promise<Row> => {
  const { store } = await openSqliteStore({ path, clock: systemClock });
  const beganMs = performance.now();
  const before = process.cpuUsage();
  for (let first = 0; first < count; first += linesAtOnce)
    await way(
      store,
      Array.from({ length: linesAtOnce }, (_, at) => lineAt(first + at)),
    );
  const cpu = process.cpuUsage(before);
  const wallMs = performance.now() - beganMs;
  await store.close();
  return {
    'a line is': what,
    'us a line': rounded((wallMs * 1000) / count),
    'CPU us a line': rounded((cpu.user + cpu.system) / count),
    'bytes a line': rounded(statSync(path).size / count),
  };
};

/** A verification of a log of so many events, with its lines. */
const verify = async (folder: string, events: number, lines: number): Promise<Row> => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'store.db');
  fillLongLog(path, events);
  await writeLines(path, '', ways['a record and its event'] ?? (async () => undefined), lines);
  const { store, log } = await openSqliteStore({ path, clock: systemClock, readOnly: true });
  let heapBytes = 0;
  const beganMs = performance.now();
  const report = await checkAudit({
    ...{ store, log, owner: { instance: 'dev-local', wing: 'bnl', plane: 'work' } },
    onProgress: () => {
      heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed);
    },
  });
  const wallMs = performance.now() - beganMs;
  await store.close();
  if (report.faults.length > 0 || report.lines !== lines) throw new Error(JSON.stringify(report).slice(0, 500));
  return {
    events,
    lines,
    's in all': rounded(wallMs / 1000),
    'us an event': rounded((wallMs * 1000) / events),
    'most heap, MB': rounded(heapBytes / 1e6),
  };
};

/** Price of writing, and of verifying a log of two lengths. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const lines = Math.ceil((linesAll * scale) / linesAtOnce) * linesAtOnce;
  say(`${lines} lines`);
  const price: Row[] = [];
  // The first round is for the compiler.
  for (const [at, way] of Object.values(ways).entries())
    await writeLines(join(folder.path, `first-${at}.db`), '', way, lines);
  for (const [at, [what, way]] of Object.entries(ways).entries())
    price.push(await writeLines(join(folder.path, `lines-${at}.db`), what, way, lines));
  const verification: Row[] = [];
  for (const events of [eventsFew, eventsMany]) {
    say(`verifying ${events} events`);
    verification.push(await verify(join(folder.path, String(events)), Math.ceil(events * scale), lines));
  }
  return {
    tables: { price, verification },
    bars: [],
    notes: [`${linesAtOnce} lines a transaction, as a flood of refusals has them`],
  };
};
