import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const Address = z.object({ url: z.url() });
const defaultUrl = 'http://127.0.0.1:8714';

type Place = { readonly url?: string | undefined; readonly data: string };

/** What the front of a data folder wrote down. */
export const frontOf = (data: string): string | undefined => {
  try {
    return Address.parse(JSON.parse(readFileSync(join(data, 'front.json'), 'utf8'))).url;
  } catch {
    return undefined;
  }
};

/** Where the API is: as told, else as the front of the data folder wrote down, else at its usual port. */
export const findUrl = ({ url, data }: Place): string => url ?? frontOf(data) ?? defaultUrl;

/** The token of the data folder whose front is asked; no other front is shown it. */
export const findToken = ({ url, data }: Place): string | undefined => {
  const own = frontOf(data);
  if (own === undefined || (url !== undefined && new URL(url).origin !== new URL(own).origin)) return undefined;
  try {
    return readFileSync(join(data, 'admin.token'), 'utf8').trim();
  } catch {
    return undefined;
  }
};
