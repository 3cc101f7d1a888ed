import type { Deps } from './deps.ts';
import { stfKey } from './model/ids.ts';
import { stfs } from './records.ts';
import type { Stf } from './schema/stf.ts';

/** Reasons for which processing fails and that another file under the same name mends. */
const fileFaults: ReadonlySet<string> = new Set([
  'stf-file-missing',
  'stf-file-lost',
  'stf-corrupt',
  'stf-name-mismatch',
]);

/**
 * Whether an STF that failed is processed once more when its file is in the archive. Pass 1 reads what was announced,
 * wherever it lies; pass 2 what was archived, which never changes: so there is no third by itself.
 */
export const wantsNextPass = ({ processing, pass, failure }: Stf): boolean =>
  processing === 'failed' && pass === 1 && fileFaults.has(failure?.code ?? '');

/** Starts the next pass of those of the STFs that want one; their files are in the archive. Named after STF and pass. */
export const startNextPasses = async (stfIds: readonly string[], deps: Deps): Promise<void> => {
  for (const stf of await stfs.getMany(deps.store, stfIds)) {
    if (!stf || !wantsNextPass(stf.doc)) continue;
    const { id: stfId, run, sequence } = stf.doc;
    const pass = stf.doc.pass + 1;
    await deps.machines.start('process-stf', deps.ids.exec(`stf-${stfKey(run, sequence)}-p${pass}`), { stfId, pass });
  }
};
