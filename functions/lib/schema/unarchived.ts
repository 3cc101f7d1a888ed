import * as z from 'zod';
import { Problem } from './daq-message.ts';

/**
 * An STF of which the archive could not take the announced file. The work plane owns the record, from what the archive plane
 * reports; it goes when a sound file is archived.
 */
export const Unarchived = z.object({ stfId: z.string(), runId: z.string(), problem: Problem });
export type Unarchived = z.infer<typeof Unarchived>;
