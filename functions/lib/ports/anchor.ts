import type { AnchoredHead } from '../schema/anchor.ts';

/** A place outside the data folder that takes signed heads of event logs and gives none of them up. */
export type Anchor = {
  /** Where it is: a path or an address without credentials. */
  readonly name: string;
  /** Adds a head. The same head again is a success. @throws store-unavailable */
  readonly add: (head: AnchoredHead) => Promise<void>;
  /** What it holds, a head each, those of one log in the order in which they were added; unchecked. @throws store-unavailable */
  readonly heads: () => AsyncIterable<string>;
  readonly close: () => void;
};
