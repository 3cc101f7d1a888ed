/** Ten Pass states in a row: the machine of the engine benchmark. */
export const tenPasses = {
  StartAt: 'S0',
  States: Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [
      `S${at}`,
      { Type: 'Pass', ...(at < 9 ? { Next: `S${at + 1}` } : { End: true }) },
    ]),
  ),
};

const fifty = (i: number) => ({
  i,
  items: Array.from({ length: 50 }, (_, id) => ({ id, name: `file-${id}`, ok: true, n: id * 3.5 })),
});

/** The inputs by name: `{i}`, and a document of 50 objects, about 2 kB. */
export const inputOf = (kind: string, i: number): { readonly i: number } => (kind === 'fifty' ? fifty(i) : { i });

/** Of every hundredth execution the history is read, or the output kept to be compared. */
export const isSampled = (index: number): boolean => index % 100 === 0;
