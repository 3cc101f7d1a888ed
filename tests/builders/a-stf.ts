import { writeFileSync } from 'node:fs';
import type { Deps } from '#lib/deps';
import { createChecksums } from '#lib/model/checksum';
import { archiveKey } from '#lib/model/ids';
import { StfMessage } from '#schema/daq-message';
import { catalogueStf } from '../../functions/metadata/catalogue-stf.fn.ts';
import { type AnStfMessage, anStfMessage } from './a-message.ts';

/** Leaves an STF file where DAQ would, and returns the message that announces it with its true size and checksum. */
export const anStfFile = (
  deps: Pick<Deps, 'incoming'>,
  sequence: number,
  content = `content of ${sequence}`,
  fields: Readonly<Record<string, unknown>> = {},
): AnStfMessage => {
  const bytes = Buffer.from(content);
  const checksums = createChecksums();
  checksums.update(bytes);
  const { adler32, sizeBytes } = checksums.digest();
  const message = anStfMessage(sequence, { size: sizeBytes, checksum: `ad:${adler32}`, ...fields });
  writeFileSync(deps.incoming.path(message.fact.name), bytes);
  return message;
};

/** Catalogues an STF whose file is not archived; returns the ids of the STF and its job. */
export const anAwaitedStf = async (deps: Deps, sequence = 1): Promise<{ stfId: string; jobId: string }> => {
  const message = StfMessage.parse(anStfMessage(sequence, { timestamp: '2026-01-01T00:00:01.000000' }));
  return catalogueStf.run({ message }, deps);
};

/** Catalogues an STF whose file is archived; returns the ids of the STF and its job. */
export const aCataloguedStf = async (deps: Deps, sequence = 1): Promise<{ stfId: string; jobId: string }> => {
  const catalogued = await anAwaitedStf(deps, sequence);
  const { fact } = anStfMessage(sequence);
  await deps.archive.putBytes(archiveKey(fact.run, fact.name), Buffer.from(`archived ${sequence}`));
  return catalogued;
};
