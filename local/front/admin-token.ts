import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a token is the one that a file holds now; a new one holds from the moment it is written. */
export const tokenIn =
  (path: string) =>
  async (token: string): Promise<boolean> => {
    const held = (await readFile(path, 'utf8').catch(() => '')).trim();
    return held !== '' && timingSafeEqual(digest(token), digest(held));
  };
