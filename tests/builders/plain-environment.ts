import { fileURLToPath } from 'node:url';

const compiled = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));
const { PATH, NODE_COMPILE_CACHE = compiled } = process.env;

/** What every program of papilio's finds in its environment when it is started by hand: nothing of the test's. */
export const plainEnvironment: Readonly<Record<string, string>> = {
  ...(PATH !== undefined && { PATH }),
  NODE_COMPILE_CACHE,
};
