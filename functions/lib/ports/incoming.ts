/** The folder where DAQ leaves STF files. Names are plain file names. Errors: `stf-name-invalid` (Invalid), `incoming-unavailable` (Transient). */
export type Incoming = {
  /** Absolute path of a file, there or not. */
  readonly path: (name: string) => string;
  /** Whether a file is there; a folder or a link of that name is none. */
  readonly has: (name: string) => Promise<boolean>;
  /** Removes a file that is safely archived; one that is gone already is fine. */
  readonly remove: (name: string) => Promise<void>;
};
