import type { Quarantine } from '../schema/quarantine.ts';
import { stfKey } from './ids.ts';

const fileName = /swf\.(\d{1,8})\.(\d{6,8})\.stf/;

/** File name of the STF that a held message is about; undefined if its bytes name none. */
export const stfNameIn = (raw: string): string | undefined => fileName.exec(raw)?.[0];

/** Run and sequence of a file name, as in `00102363-00000001`. */
export const stfKeyOf = (name: string | undefined): string | undefined => {
  const [, run, sequence] = fileName.exec(name ?? '') ?? [];
  return run === undefined ? undefined : stfKey(Number(run), Number(sequence));
};

/** Partition of the held messages of an STF. */
export const quarantineOfStf = (key: string): string => `quarantine-of#${key}`;

/** Places of a held message: among all by time, and among those of its STF. */
export const quarantineOrder = ({ id, quarantinedAt, raw }: Pick<Quarantine, 'id' | 'quarantinedAt' | 'raw'>) => {
  const sk = `${quarantinedAt}#${id}`;
  const key = stfKeyOf(stfNameIn(raw));
  return { i1: { pk: 'quarantine', sk }, ...(key === undefined ? {} : { i2: { pk: quarantineOfStf(key), sk } }) };
};
