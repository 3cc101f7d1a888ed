/** What is known of a stored object. Checksums are lower-case hex, eight digits. */
export type ObjectFacts = {
  readonly sizeBytes: number;
  readonly checksumAdler32: string;
  readonly checksumCrc32c: string;
};

/** Looks at an object's bytes while they are copied; what it throws keeps the object from becoming visible. */
export type Inspector = {
  /** Each piece, in order. */
  readonly see: (bytes: Uint8Array) => void;
  /** After the last one, and after what was expected was found. */
  readonly judge: () => void;
};

/** What a put is held against. */
export type PutCheck = { readonly expect?: Partial<ObjectFacts>; readonly inspector?: Inspector };

/**
 * Objects by key (`/`-separated segments of `A-Z a-z 0-9 . _ -`, no segment of dots only). Put-once: a key never changes
 * its content. Errors are catalogue errors: `object-key-invalid` (Invalid), `object-exists` (Conflict: other content),
 * `object-missing` (Missing), `object-corrupt` (Invalid, names key and both checksums), `store-full` (Transient).
 */
export type Objects = {
  /**
   * Copies a local file under `key` in one pass with its checksums, synced before it returns. The same content again is a
   * success that changes nothing. `check` is made before the object becomes visible.
   */
  readonly putFile: (
    key: string,
    sourcePath: string,
    check?: PutCheck,
  ) => Promise<ObjectFacts & { readonly created: boolean }>;
  readonly putBytes: (key: string, bytes: Uint8Array) => Promise<ObjectFacts & { readonly created: boolean }>;
  readonly read: (key: string) => Promise<Uint8Array>;
  readonly readRange: (key: string, firstByte: number, endByte: number) => Promise<Uint8Array>;
  /**
   * Bytes as they lie on the medium, up to the end of the file whatever size is recorded: for checks, never for users.
   * Fewer than asked for mean that the file ends there.
   */
  readonly readStored: (key: string, firstByte: number, endByte: number) => Promise<Uint8Array>;
  /** Size and checksums as recorded when it was put; undefined if there is no such object. */
  readonly stat: (key: string) => Promise<ObjectFacts | undefined>;
  /** Reads the whole object again and compares. */
  readonly verify: (key: string) => Promise<ObjectFacts>;
  readonly list: (prefix: string) => AsyncIterable<string>;
  /** A path a local payload can open once the object is there, where objects are files; undefined elsewhere. */
  readonly localPath: (key: string) => Promise<string | undefined>;
  /** An address from which whoever has it may read the object for so long, where objects are served over HTTP. */
  readonly presignedGet?: (key: string, validS: number) => Promise<string>;
};
