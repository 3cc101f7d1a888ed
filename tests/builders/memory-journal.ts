import type { Journal, Position } from '../../local/engine/part.ts';

/** A journal in memory that serialises like the real one and can be read back. */
export type MemoryJournal = Journal & {
  /** All records so far, parsed again, with where they lie. */
  readonly records: () => { readonly record: unknown; readonly at: Position }[];
  /** How many records there are. */
  readonly size: () => number;
  /** Refuses every append until it is called again with `false`. */
  readonly refuse: (isFull: boolean) => void;
};

/** Makes an empty journal; `synced` resolves as soon as the loop turns. */
export function memoryJournal(former: readonly unknown[] = []): MemoryJournal {
  const texts: string[] = former.map((record) => JSON.stringify(record));
  let isFull = false;
  const position = (index: number): Position => ({ segment: 1, offsetBytes: index });
  return {
    append: (_part, record) => {
      if (isFull) throw new Error('no space');
      const at = position(texts.push(JSON.stringify(record)) - 1);
      return { at, synced: Promise.resolve() };
    },
    synced: () => Promise.resolve(),
    isHeld: () => false,
    read: async (at) => JSON.parse(texts[at.offsetBytes] ?? 'null'),
    records: () => texts.map((text, index) => ({ record: JSON.parse(text), at: position(index) })),
    size: () => texts.length,
    refuse: (full) => {
      isFull = full;
    },
  };
}
