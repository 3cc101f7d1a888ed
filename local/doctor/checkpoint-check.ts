import { join } from 'node:path';
import { nodeDisk } from '#lib/node-disk';
import type { Check } from '#schema/check-up';
import { checkpointFault } from '../front/checkpoint.ts';

/** Reads the checkpoint of the front by its checksum. A damaged one costs time only: the front counts all events again. */
export const checkCheckpoint = async (folder: string): Promise<Check[]> => {
  const path = join(folder, 'front', 'checkpoint.jsonl');
  const fault = await checkpointFault(nodeDisk, path);
  if (fault === undefined) return [];
  return [
    {
      ...{ check: 'store', of: 'front', level: 'warning' },
      what: `${path} is damaged: ${fault}`,
      todo: 'Nothing is lost: the next start of the front counts all events again and writes a new one.',
    },
  ];
};
