/**
 * The few file operations that durability rests on, as a port, so that a test can run on a disk which drops and tears
 * what was not synced. Paths are relative to the process's working directory or absolute. Errors are Node's own (`code`).
 */
export type Disk = {
  /** `r-plain` reads what somebody else has put there: a link is not followed (ELOOP), the writer of a pipe not awaited. */
  readonly open: (path: string, flags: 'r' | 'r-plain' | 'r+' | 'a' | 'w' | 'wx') => Promise<DiskFile>;
  readonly readFile: (path: string) => Promise<Buffer>;
  readonly list: (folder: string) => Promise<string[]>;
  readonly makeFolder: (folder: string) => Promise<void>;
  /** Renames within one file system; durable only after `syncFolder` of the parent. */
  readonly rename: (from: string, to: string) => Promise<void>;
  /** Gives the file a second name; fails with EEXIST if it is taken. Durable only after `syncFolder` of the parent. */
  readonly link: (from: string, to: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  readonly syncFolder: (folder: string) => Promise<void>;
  readonly sizeOf: (path: string) => Promise<number | undefined>;
};

/** An open file of a `Disk`. */
export type DiskFile = {
  /** Writes all of `bytes` at `offsetBytes`. */
  readonly write: (bytes: Uint8Array, offsetBytes: number) => Promise<void>;
  /** Reads up to `into.length` bytes at `offsetBytes`; returns how many came. */
  readonly read: (into: Uint8Array, offsetBytes: number) => Promise<number>;
  readonly truncate: (lengthBytes: number) => Promise<void>;
  /** Returns when data (and length) are on the medium: fdatasync. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
};
