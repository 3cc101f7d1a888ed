import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AuditLine } from '#schema/audit';
import { recordAccess } from '../../functions/access/record-access.fn.ts';
import { steerTokens } from '../../functions/access/steer-tokens.fn.ts';
import { chainHash, chainStart } from '../../functions/adapters/event-log/chain.ts';
import { checksumOf } from '../../functions/adapters/store/record-checksum.ts';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { change, commit } from '../../functions/lib/change.ts';
import { coverAudit } from '../../functions/lib/cover-audit.ts';
import { openDataFolder } from '../../local/supervisor/data-folder.ts';
import { aCommand } from './a-command.ts';
import { aDeps, type TestDeps } from './a-deps.ts';

/** A line of the audit log as the front reports it. */
export const anAuditLine = (nth: number, changes: Partial<AuditLine> = {}): AuditLine => ({
  id: `test_audit_line-${nth}`,
  at: `2026-01-01T00:00:${String(nth % 60).padStart(2, '0')}.000Z`,
  by: 'victor',
  action: 'processing.suspend',
  subject: 'test_facet_processing',
  outcome: 'denied',
  problem: { code: 'role-missing', reason: 'victor may not' },
  count: 1,
  plane: 'front',
  ...changes,
});

/** Records with an event each that have nothing to do with the audit log. */
export const addThings = async (deps: TestDeps, first: number, count: number): Promise<void> => {
  for (let nth = first; nth < first + count; nth++) {
    const id = deps.ids.of('thing', String(nth));
    const write = { op: 'put', pk: id, sk: 'thing', ifVersion: 0, doc: { nth } } as const;
    await commit(deps, [change(deps, id, write, { type: 'thing.made', by: 'test', data: { nth } })]);
  }
};

/** The work plane of a folder, open for writing. */
export const openWork = async (folder: string): Promise<TestDeps> => {
  mkdirSync(join(folder, 'work'), { recursive: true });
  const deps = aDeps({ plane: 'work' });
  const { store, log } = await openSqliteStore({ path: join(folder, 'work', 'store.db'), clock: deps.clock });
  return { ...deps, store, eventLog: log, events: () => log.read(0) };
};

const grant = (nth: number) => ({
  ...{ name: `dashboard ${nth}`, owner: 'anna', roles: ['user'], facilities: [], days: 2 },
  hashSha256: String(nth).repeat(64),
});

/** Acts of people and what was refused to them, as papilio writes them. */
export const addActs = async (deps: TestDeps, first: number, count: number): Promise<void> => {
  for (let nth = first; nth < first + count; nth++) {
    const token = deps.ids.of('token', `000000000000000${nth}`);
    await steerTokens.run(aCommand('token.create', token, { data: grant(nth) }, nth), deps);
    await recordAccess.run({ kind: 'audit', lines: [anAuditLine(nth)] }, deps);
  }
};

/** A data folder at rest whose work plane has three acts, three denied ones, and eight events of other things behind them. */
export const anAuditedFolder = async (folder: string): Promise<void> => {
  await (await openDataFolder(folder, { PAPILIO_INSTANCE: 'test' })).unlock();
  const deps = await openWork(folder);
  await coverAudit({ deps, log: deps.eventLog, isStopped: () => false });
  await addActs(deps, 1, 3);
  await addThings(deps, 1, 8);
  await deps.store.close();
};

type Db = DatabaseSync;

const textOf = (value: unknown): string => String(value);

/** Writes a record's document with the checksum that it must have. */
const rewriteDoc = (db: Db, sk: string, edit: (doc: string) => string): void => {
  for (const row of db.prepare('SELECT rowid, * FROM items WHERE sk = ?').all(sk)) {
    const doc = edit(textOf(row.doc));
    const own = (name: string) => (row[name] === null ? null : textOf(row[name]));
    const whole = {
      ...{ pk: textOf(row.pk), sk, doc, version: Number(row.version), expiresMs: null },
      ...{ i1Pk: own('i1Pk'), i1Sk: own('i1Sk'), i2Pk: own('i2Pk'), i2Sk: own('i2Sk') },
    };
    db.prepare('UPDATE items SET doc = ?, checksum = ? WHERE rowid = ?').run(
      doc,
      checksumOf(whole),
      Number(row.rowid ?? 0),
    );
  }
};

/** Chains all events again, as they are now: what anybody can who may write the file. */
const recompute = (db: Db): void => {
  let hash = chainStart;
  for (const { seq, body } of db.prepare('SELECT seq, body FROM events ORDER BY seq').all()) {
    hash = chainHash(hash, textOf(body));
    db.prepare('UPDATE events SET hash = ?, checksum = NULL WHERE seq = ?').run(hash, Number(seq ?? 0));
  }
};

/** What somebody with papilio's uid can do to the audit log, by name. */
export const manipulations = {
  'all denied lines are deleted': (db: Db) => db.exec("DELETE FROM items WHERE sk = 'audit'"),
  'who did an act is changed': (db: Db) =>
    rewriteDoc(db, 'command', (doc) => doc.replace('"by":"anna"', '"by":"bert"')),
  'all acts are deleted': (db: Db) => db.exec("DELETE FROM items WHERE sk = 'command'"),
  'the last five events are cut off': (db: Db) =>
    db.exec('DELETE FROM events WHERE seq > (SELECT max(seq) - 5 FROM events)'),
  'the whole chain is recomputed': (db: Db) => {
    db.exec(`UPDATE events SET body = replace(body, '"nth":1', '"nth":9') WHERE body LIKE '%thing.made%'`);
    recompute(db);
  },
  'an event is changed and its hash left': (db: Db) =>
    db.exec(
      `UPDATE events SET body = replace(body, '"nth":1', '"nth":9'), checksum = NULL WHERE body LIKE '%"nth":1}%'`,
    ),
} as const satisfies Readonly<Record<string, (db: Db) => void>>;
export type Manipulation = keyof typeof manipulations;

/** Does it to the work plane of a folder at rest. */
export const manipulate = (folder: string, act: (db: Db) => void): void => {
  const db = new DatabaseSync(join(folder, 'work', 'store.db'));
  act(db);
  db.close();
};
