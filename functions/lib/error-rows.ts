import type { ErrorKind } from './error-row.ts';
import { accessErrors } from './error-rows-access.ts';
import { cliErrors } from './error-rows-cli.ts';
import { daqErrors } from './error-rows-daq.ts';
import { httpErrors } from './error-rows-http.ts';
import { identityErrors } from './error-rows-identity.ts';
import { storeErrors } from './error-rows-store.ts';
import { workErrors } from './error-rows-work.ts';

export type { ErrorKind };

/**
 * Every error that papilio can show, of its functions, its API and its command line: adding one is adding a row, and a test
 * in `tests/e2e/errors` that provokes it. `docs/reference/errors.md` and a page for each code are made from this.
 */
export const errorCatalogue = {
  ...accessErrors,
  ...identityErrors,
  ...httpErrors,
  ...daqErrors,
  ...storeErrors,
  ...workErrors,
  ...cliErrors,
} as const;

/** Whether the same may succeed later without anything being mended. */
export const isPassing = (kind: ErrorKind): boolean => kind === 'Transient' || kind === 'SiteFault';
