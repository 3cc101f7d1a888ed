import { asPapilioError, PapilioError } from '#lib/errors';
import { replicas, type Stored, stfs } from '#lib/records';
import type { Replica, Stf } from '#schema/stf';
import type { StfView } from '#schema/view';
import type { Plane } from '../catalog.ts';
import { runNumberOf } from './ids.ts';
import type { PlaneRecords, Surroundings } from './surroundings.ts';

type Records = Surroundings['records'];

/** Asks both planes' records; a plane that has none yet answers nothing. Both away is an error. */
export const fromBoth = async <A, B>(
  records: Records,
  ask: { readonly archive: (of: PlaneRecords) => Promise<A>; readonly work: (of: PlaneRecords) => Promise<B> },
): Promise<{ archive: A | undefined; work: B | undefined }> => {
  const failures: PapilioError[] = [];
  const one = async <T>(plane: Plane, read: (of: PlaneRecords) => Promise<T>): Promise<T | undefined> => {
    let opened: PlaneRecords;
    try {
      opened = await records(plane);
    } catch (thrown) {
      failures.push(asPapilioError(thrown));
      return undefined;
    }
    return read(opened);
  };
  const [archive, work] = await Promise.all([one('archive', ask.archive), one('work', ask.work)]);
  if (failures.length === 2 && failures[0]) throw failures[0];
  return { archive, work };
};

/** One STF out of its records in both planes; undefined without any. */
export const joinStf = (replica: Replica | undefined, stf: Stf | undefined): StfView | undefined => {
  const known = stf ?? replica;
  if (!known) return undefined;
  return {
    id: stf?.id ?? replica?.stfId ?? '',
    run: stf?.run ?? runNumberOf(known.runId),
    sequence: known.sequence,
    name: known.name,
    receivedAt: known.receivedAt,
    isArchived: replica !== undefined,
    processing: stf?.processing ?? 'unknown',
    ...(replica && { replica }),
    ...(stf && { stf }),
  };
};

/** An STF with both of its records. @throws record-missing */
export const needStf = async (
  records: Records,
  stfId: string,
): Promise<{ view: StfView; replica: Stored<Replica> | undefined; stf: Stored<Stf> | undefined }> => {
  const { archive: replica, work: stf } = await fromBoth(records, {
    archive: ({ store }) => replicas.get(store, stfId),
    work: ({ store }) => stfs.get(store, stfId),
  });
  const view = joinStf(replica?.doc, stf?.doc);
  if (!view) throw new PapilioError('record-missing', `${stfId} is neither archived nor catalogued`);
  return { view, replica, stf };
};
