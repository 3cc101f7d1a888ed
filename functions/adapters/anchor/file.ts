import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { PapilioError } from '#lib/errors';
import { headLine } from '#lib/model/anchor-head';
import type { Anchor } from '#ports/anchor';

// A pipe without a reader refuses at once instead of holding the writer.
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;
/** Longer than a head; what is longer is cut and reported. */
const lineMost = 4096;

const codeOf = (thrown: unknown): string => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '');

const away = (path: string, thrown: unknown): PapilioError =>
  new PapilioError('store-unavailable', `anchor ${path}: ${thrown instanceof Error ? thrown.message : thrown}`, thrown);

/** A file that is there is never opened to be created: where anybody may make files, the system refuses that of others' files. */
const openToAppend = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, flags);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
    return open(path, flags | constants.O_CREAT, 0o600);
  }
};

const sync = async (file: FileHandle): Promise<void> => {
  try {
    await file.datasync();
  } catch (thrown) {
    // A pipe has nothing to sync.
    if (codeOf(thrown) !== 'EINVAL') throw thrown;
  }
};

/** Lines of a file, each cut at `lineMost` bytes, so that one without an end takes no memory. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of createReadStream(path, { encoding: 'latin1' })) {
    const [first = '', ...others] = String(piece).split('\n');
    const whole = [rest + first, ...others];
    rest = (whole.pop() ?? '').slice(0, lineMost);
    for (const line of whole) if (line !== '') yield line.slice(0, lineMost);
  }
  if (rest !== '') yield rest;
}

/** Heads as lines of a file outside the data folder, which it only appends to: the system can have it that nobody may do more. */
export const openFileAnchor = (path: string): Anchor => ({
  name: path,
  add: async (head) => {
    try {
      await using file = await openToAppend(path);
      // The line end comes first: whatever a full disk left of the last line does not run into this one.
      const line = Buffer.from(`\n${headLine(head)}\n`);
      const { bytesWritten } = await file.write(line);
      if (bytesWritten < line.length) throw new Error(`only ${bytesWritten} of ${line.length} bytes were written`);
      await sync(file);
    } catch (thrown) {
      throw away(path, thrown);
    }
  },
  heads: async function* () {
    try {
      if (!(await stat(path)).isFile()) throw new Error('it is not a file: name the one that its reader writes');
      yield* linesOf(path);
    } catch (thrown) {
      throw away(path, thrown);
    }
  },
  close: () => undefined,
});
