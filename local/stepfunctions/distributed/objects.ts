/** An object as a listing shows it, with the names that S3's ListObjectsV2 gives. */
export type ListedObject = {
  readonly Key: string;
  readonly Size: number;
  /** Seconds since 1970, as distributed Maps give it to their items. */
  readonly LastModified: number;
  readonly Etag: string;
  readonly StorageClass: string;
};

/** Where distributed Maps read their items and write their results: buckets of objects. */
export type Objects = {
  /** The bytes of an object, piece by piece. @throws if there is none */
  readonly read: (bucket: string, key: string) => AsyncIterable<Uint8Array>;
  /** All objects below a prefix, in order of their keys. @throws if there is no such bucket */
  readonly list: (bucket: string, prefix: string) => AsyncIterable<ListedObject>;
  /** Writes an object, in the place of an older one; returns its size in bytes. */
  readonly write: (bucket: string, key: string, pieces: AsyncIterable<string>) => Promise<number>;
};
