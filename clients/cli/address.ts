import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const Address = z.object({ url: z.url() });
const defaultUrl = 'http://127.0.0.1:8714';

/** Where the API is: as told, else as the front of the data folder wrote down, else at its usual port. */
export const findUrl = ({ url, data }: { readonly url?: string | undefined; readonly data: string }): string => {
  if (url !== undefined) return url;
  try {
    return Address.parse(JSON.parse(readFileSync(join(data, 'front.json'), 'utf8'))).url;
  } catch {
    return defaultUrl;
  }
};
