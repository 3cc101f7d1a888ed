import type { ErrorKind } from './error-rows.ts';
import type { PapilioError } from './errors.ts';

const passingKinds: ReadonlySet<ErrorKind> = new Set(['Transient', 'SiteFault']);

/** Whether what hinders passes by itself: no message is to blame for it, however often it is met. */
export const isPassing = ({ kind, code }: Pick<PapilioError, 'kind' | 'code'>): boolean =>
  passingKinds.has(kind) || code === 'store-conflict';
