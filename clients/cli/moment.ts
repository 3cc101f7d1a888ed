import * as z from 'zod';
import { UsageError } from './failure.ts';

/** A moment in any form that names its zone, as UTC; of an option of this name. */
export const momentOption = (option: string) =>
  z.iso
    .datetime({ offset: true })
    .transform((moment) => new Date(moment).toISOString())
    .optional()
    .catch(() => {
      throw new UsageError(`${option} is no moment with a zone`, `${option} 2026-11-26T18:00:00Z`);
    });
