import { readFile } from 'node:fs/promises';
import { hashOfToken, isHashOf } from '#lib/model/token-text';

/** Whether a token is the one that a file holds now; a new one holds from the moment it is written. */
export const tokenIn =
  (path: string) =>
  async (token: string): Promise<boolean> => {
    const held = (await readFile(path, 'utf8').catch(() => '')).trim();
    return held !== '' && isHashOf(token, hashOfToken(held));
  };
