/** Most intents of one bundle that are written at a time: syncs share the file system's commits, the loop stays free. */
const writersMax = 16;

/** Uses each item, some at a time. */
export const inPool = async <T>(items: readonly T[], use: (item: T) => Promise<void>): Promise<void> => {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await use(item);
  };
  await Promise.all(Array.from({ length: Math.min(writersMax, items.length) }, worker));
};
