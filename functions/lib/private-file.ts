import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const othersRights = 0o077;

const words = {
  link: 'is a link; name the file itself',
  'no-file': 'is no file',
  foreign: 'belongs to another user; chown it to yourself',
  open: 'is open to other users; chmod 600 it',
} as const;

/** A file that others can read, or may have put there. */
export class NotPrivate extends Error {
  readonly why: keyof typeof words;
  /** Whose it is, where that is known. */
  readonly uid: number | undefined;
  constructor(path: string, why: keyof typeof words, uid?: number) {
    super(`${path} ${words[why]}`);
    this.name = 'NotPrivate';
    this.why = why;
    this.uid = uid;
  }
}

const isLink = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ELOOP';

/**
 * What stands in a file that this process's user alone can reach. What is checked is what is read: the file is opened once.
 * @throws NotPrivate, and what the disk throws
 */
export const readPrivate = async (path: string): Promise<string> => {
  const file = await open(path, flags).catch((error: unknown) => {
    throw isLink(error) ? new NotPrivate(path, 'link') : error;
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new NotPrivate(path, 'no-file', stats.uid);
    if (stats.uid !== process.geteuid?.()) throw new NotPrivate(path, 'foreign', stats.uid);
    if ((stats.mode & othersRights) !== 0) throw new NotPrivate(path, 'open', stats.uid);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
};
