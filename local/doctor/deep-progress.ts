/** What a look at everything has read so far. */
export type DeepCount = { records: number; objects: number; sizeBytes: number };

const everyMs = 2_000;

/** Writes a line on how far a long look has come, at most every two seconds: `progress archive: 1200 records, …`. */
export const createProgress = (of: string, write: (line: string) => void) => {
  let saidMs = performance.now();
  return ({ records, objects, sizeBytes }: DeepCount): void => {
    if (performance.now() < saidMs + everyMs) return;
    saidMs = performance.now();
    write(`progress ${of}: ${records} records, ${objects} files, ${(sizeBytes / 1e9).toFixed(1)} GB read\n`);
  };
};
