import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { chainHash, chainStart, encodeEvent } from '../../functions/adapters/event-log/chain.ts';
import { openForWriting } from '../../functions/adapters/store/sqlite-file.ts';
import { anEvent } from './an-event.ts';

/** Events of one STF in a long log. */
const perStf = 10;

const stfAt = (at: number): string => String(Math.floor(at / perStf)).padStart(8, '0');
const nouns = ['message', 'stf', 'job', 'attempt', 'output'] as const;

/** The event at a place of a long log: ten an STF, about five things, half a second an STF. */
export const longLogEvent = (at: number) => {
  const noun = nouns[at % nouns.length];
  const step = Math.floor((at % perStf) / nouns.length);
  return anEvent({
    subject: `prod_${noun}_00102363-${stfAt(at)}`,
    version: step + 1,
    time: new Date(Date.UTC(2026, 0, 1) + at * 50).toISOString(),
    data: { tfFirst: String(13739298033664 + at), sizeBytes: 3_000_000 + at, facility: 'local' },
  });
};

/** Fills a store's file with a chained log of rows, far faster than a plane would; returns the hash of the last. */
export const fillLongLog = (path: string, events: number, options: { readonly isOld?: boolean } = {}): string => {
  mkdirSync(dirname(path), { recursive: true });
  openForWriting(path).close();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA synchronous=OFF; BEGIN');
  const insert = db.prepare('INSERT INTO events (seq, id, body, hash) VALUES (?, ?, ?, ?)');
  let hash = chainStart;
  for (let at = 0; at < events; at++) {
    const { id, body } = encodeEvent(longLogEvent(at));
    hash = chainHash(hash, body);
    insert.run(at + 1, id, body, hash);
  }
  db.exec('COMMIT');
  // As an earlier papilio left it: without a manifest, and with the format of that time.
  if (options.isOld) db.exec('DROP TABLE sealedFiles; PRAGMA user_version=1');
  db.close();
  return hash;
};
