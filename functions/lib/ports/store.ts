import type { NewEvent } from '../schema/event.ts';

/** A record's address: partition key and sort key, each ≤ 1,024 bytes, never empty. */
export type Key = { readonly pk: string; readonly sk: string };

/** The declared secondary indexes. A record has a place in an index only if it gives both of its keys. */
export type IndexName = 'i1' | 'i2';
export type IndexKey = { readonly pk: string; readonly sk: string };

/** A JSON document of at most 400 kB under its key. Numbers are exact up to 2^53; larger ones travel as strings. */
export type Item = Key & {
  /** 1 at creation, one more with each write. */
  readonly version: number;
  readonly doc: Readonly<Record<string, unknown>>;
  readonly indexes?: Readonly<Partial<Record<IndexName, IndexKey>>>;
  /** UTC, ISO 8601; from then on the record is not read any more, and is swept later. */
  readonly expiresAt?: string;
};

/** One write of a transaction. `ifVersion` 0: the record must not exist. */
export type Write =
  | ({ readonly op: 'put'; readonly ifVersion: number } & Omit<Item, 'version'>)
  | ({ readonly op: 'delete'; readonly ifVersion: number } & Key)
  | ({ readonly op: 'check'; readonly ifVersion: number } & Key);
/** A write that puts a record. */
export type Put = Extract<Write, { readonly op: 'put' }>;

export type Transaction = {
  /** At most 99, each key once. */
  readonly writes: readonly Write[];
  /** Events of these writes, into the log in the same commit. An event whose id the log holds already is not written twice. */
  readonly events: readonly NewEvent[];
};

export type Query = {
  readonly index?: IndexName;
  readonly pk: string;
  /** Half-open range of sort keys, `[skFirst, skEnd)`. */
  readonly skFirst?: string;
  readonly skEnd?: string;
  readonly newestFirst?: boolean;
  /** 1 to 1,000; default 100. */
  readonly limit?: number;
  /** From an earlier answer; opaque. */
  readonly cursor?: string;
};

export type Page = { readonly items: readonly Item[]; readonly next?: string };

/** A record met by a walk over all: as it is, or why it cannot be trusted. */
export type ScanEntry = {
  /** Where a walk goes on behind it. */
  readonly after: string;
  readonly sizeBytes: number;
} & ({ readonly item: Item } | { readonly fault: Fault });

/** A record, or a part of the store, that is not as it was written. */
export type Fault = {
  /** The key as far as it can be read. */
  readonly key?: Key;
  /** The file or table. */
  readonly where: string;
  readonly reason: string;
};

/**
 * Documents by key, for one plane. Reads by key are consistent; reads of an index may lag behind writes.
 * Every acknowledged write is on the medium. Errors are catalogue errors: `store-conflict` (Conflict, with the keys and
 * versions that did not match), `store-item-invalid` (Invalid), `store-unavailable` (Transient), `store-full` (Transient),
 * `record-corrupt` and `store-corrupt` (Transient: a record or the file is not as it was written).
 */
export type Store = {
  readonly get: (key: Key) => Promise<Item | undefined>;
  /** In the order asked; any number of keys (the adapter chunks). */
  readonly getMany: (keys: readonly Key[]) => Promise<(Item | undefined)[]>;
  readonly query: (query: Query) => Promise<Page>;
  /** All or nothing; returns the last `seq` of the log that readers may wait for. */
  readonly transact: (transaction: Transaction) => Promise<{ readonly seq: number }>;
  /** Unconditional, any number, not atomic: only for what has no event. */
  readonly putMany: (items: readonly Omit<Item, 'version'>[]) => Promise<void>;
  /**
   * Records of all kinds in an order that stays, at most `limit`, behind an entry's `after`; none are left when it is empty.
   * Each is checked: its checksum, and that every index leads to it. A damaged one is an entry too, never an error.
   */
  readonly scan: (limit: number, after?: string) => Promise<readonly ScanEntry[]>;
  readonly close: () => Promise<void>;
};
