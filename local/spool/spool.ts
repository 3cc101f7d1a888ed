import { createReadStream } from 'node:fs';
import { access, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { jsonOf } from '#lib/model/json';

/**
 * What is kept on the disk before it is sent to a stack: an emulator forgets its queues when it ends. Two files,
 * `<name>.jsonl` and the older `<name>.1.jsonl`, which goes when the younger has as many bytes as it may.
 */
export type Spool = { readonly folder: string; readonly name: string; readonly mostBytes: number };

type Folder = Pick<Spool, 'folder' | 'name'>;

const pathsOf = ({ folder, name }: Folder) => ({
  older: join(folder, `${name}.1.jsonl`),
  younger: join(folder, `${name}.jsonl`),
});

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const append = async (spool: Spool, items: readonly object[]): Promise<void> => {
  const { older, younger } = pathsOf(spool);
  if ((await sizeOf(younger)) > spool.mostBytes) await rename(younger, older);
  await using handle = await open(younger, 'a', 0o600);
  // Each begins a line: one that was cut off as it was written spoils none that comes after it.
  await handle.appendFile(items.map((item) => `\n${JSON.stringify(item)}`).join(''));
  await handle.datasync();
};

/** Returns what keeps items: they are on the disk when it returns. */
export const openSpool = (spool: Spool): ((items: readonly object[]) => Promise<void>) => {
  let tail: Promise<unknown> = Promise.resolve();
  // One after the other: only one may turn the files.
  return (items) => {
    const mine = tail.then(() => append(spool, items));
    tail = mine.catch(() => undefined);
    return mine;
  };
};

async function* linesOf(path: string): AsyncGenerator<string> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}

/** What was kept, in its order, as JSON; a line that was cut off as it was written was not sent, and is left out. */
export async function* readSpool(spool: Folder): AsyncGenerator<unknown> {
  const { older, younger } = pathsOf(spool);
  for (const path of [older, younger]) {
    for await (const line of linesOf(path)) {
      const item = jsonOf(line);
      if (item !== undefined) yield item;
    }
  }
}
