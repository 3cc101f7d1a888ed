import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { chainStart, type Link } from './chain.ts';

/**
 * A closed file of the log as its manifest names it. Level 0: a segment of events. Levels 1 to 4: a map from subjects
 * to the segments that hold them, over 8 files of the level below; derived from these, and made again if it is lost.
 */
export type SealedFile = {
  readonly level: number;
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Hash of the event before the first; empty for a map. */
  readonly previousHash: string;
  /** Hash of the last event; empty for a map. */
  readonly hash: string;
};

/** The manifest is a table of the store's file: a reader sees it and the rows that it replaces in one commit. */
export const manifestTable = `
  CREATE TABLE IF NOT EXISTS sealedFiles (
    level INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
    previousHash TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (level, last)
  ) STRICT, WITHOUT ROWID;
`;

const twelve = (seq: number): string => String(seq).padStart(12, '0');

/** The name of a file: `000000000001-000000050000.seg`. */
export const fileNameOf = ({ level, first, last }: Pick<SealedFile, 'level' | 'first' | 'last'>): string =>
  `${twelve(first)}-${twelve(last)}.${level === 0 ? 'seg' : `subjects-${level}`}`;

const fileOf = (found: Readonly<Record<string, SQLOutputValue>>): SealedFile => ({
  level: Number(found.level),
  first: Number(found.first),
  last: Number(found.last),
  bytes: Number(found.bytes),
  sha256: String(found.sha256),
  previousHash: String(found.previousHash),
  hash: String(found.hash),
});

/** Reads of the manifest: each O(log n) in the number of files. */
export type Manifest = {
  /** The first file of a level that ends at an event or after it; of a whole manifest, the one that holds the event. */
  readonly at: (level: number, seq: number) => SealedFile | undefined;
  /** The last sealed event; seq 0 if there is none. */
  readonly end: () => Link;
  /** Up to `limit` files of a level that end after an event, in order. */
  readonly after: (level: number, seq: number, limit: number) => SealedFile[];
  /** The last file of a level. */
  readonly last: (level: number) => SealedFile | undefined;
  /** The last file of each level that has one. */
  readonly lasts: () => SealedFile[];
};

/** Levels of maps, the largest first. */
export const mapLevels: readonly number[] = [4, 3, 2, 1];

const columns = 'level, first, last, bytes, sha256, previousHash, hash';

/** The manifest of a store's file; one that an earlier papilio wrote has none, until its plane starts again. */
export const createManifest = (db: DatabaseSync): Manifest => {
  const exists = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'sealedFiles'");
  const lastOf = (level: number | '?') =>
    `SELECT ${columns} FROM sealedFiles WHERE level = ${level} ORDER BY last DESC LIMIT 1`;
  let statements: Readonly<Record<'after' | 'last' | 'lasts', StatementSync>> | undefined;
  const prepared = () => {
    if (statements === undefined && exists.get() !== undefined) {
      statements = {
        after: db.prepare(`SELECT ${columns} FROM sealedFiles WHERE level = ? AND last > ? ORDER BY last LIMIT ?`),
        last: db.prepare(lastOf('?')),
        lasts: db.prepare([0, ...mapLevels].map((level) => `SELECT * FROM (${lastOf(level)})`).join(' UNION ALL ')),
      };
    }
    return statements;
  };
  const after = (level: number, seq: number, limit: number): SealedFile[] =>
    prepared()?.after.all(level, seq, limit).map(fileOf) ?? [];
  const last = (level: number): SealedFile | undefined => {
    const found = prepared()?.last.get(level);
    return found === undefined ? undefined : fileOf(found);
  };
  return {
    at: (level, seq) => after(level, seq - 1, 1)[0],
    after,
    last,
    lasts: () => prepared()?.lasts.all().map(fileOf) ?? [],
    end: () => {
      const found = last(0);
      return found === undefined ? { seq: 0, hash: chainStart } : { seq: found.last, hash: found.hash };
    },
  };
};

/** Answers that are remembered; then all are forgotten. */
const mostRemembered = 2_000;

/**
 * A manifest that answers from memory for as long as no level has a new last file: to look for one subject asks for the same
 * files as to look for another. `refresh` asks for the last files, by one statement.
 */
export const rememberManifest = (manifest: Manifest) => {
  let lasts = new Map<number, SealedFile>();
  const answers = new Map<string, SealedFile[]>();
  const refresh = (): void => {
    const found = new Map(manifest.lasts().map((file) => [file.level, file]));
    const isSame = [0, ...mapLevels].every((level) => found.get(level)?.sha256 === lasts.get(level)?.sha256);
    if (!isSame || answers.size > mostRemembered) answers.clear();
    lasts = found;
  };
  const after: Manifest['after'] = (level, seq, limit) => {
    const key = `${level} ${seq} ${limit}`;
    const found = answers.get(key) ?? manifest.after(level, seq, limit);
    answers.set(key, found);
    return found;
  };
  const at: Manifest['at'] = (level, seq) => after(level, seq - 1, 1)[0];
  return { refresh, manifest: { ...manifest, after, at, last: (level: number) => lasts.get(level) } };
};

/** Writes of the manifest and of the rows that it replaces; each is one bounded statement in the caller's transaction. */
export const createManifestWriter = (db: DatabaseSync) => {
  const insert = db.prepare(`INSERT INTO sealedFiles (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const remove = db.prepare('DELETE FROM sealedFiles WHERE level = ? AND last = ?');
  const drop = db.prepare('DELETE FROM events WHERE seq BETWEEN ? AND ?');
  return {
    add: (file: SealedFile): void => {
      insert.run(file.level, file.first, file.last, file.bytes, file.sha256, file.previousHash, file.hash);
    },
    remove: ({ level, last }: Pick<SealedFile, 'level' | 'last'>): void => {
      remove.run(level, last);
    },
    /** Removes rows of sealed events, both ends included. */
    dropRows: (first: number, last: number): void => {
      drop.run(first, last);
    },
  };
};
