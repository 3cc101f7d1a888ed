import { crc32 } from 'node:zlib';
import { PapilioError } from '#lib/errors';
import { nameOf, type Row } from './record.ts';

/** A row as it lies in the file; `checksum` is null for a row that an earlier papilio wrote. */
export type CheckedRow = Row & { readonly checksum: number | null };

/**
 * CRC-32 over all that a row stores: document, key, version, expiry and index keys. No key has NUL, so the parts cannot
 * run into each other. One pass over the text, about 1 µs a kB.
 */
export const checksumOf = ({ doc, pk, sk, version, expiresMs, i1Pk, i1Sk, i2Pk, i2Sk }: Row): number => {
  const parts = [pk, sk, version, expiresMs ?? '', i1Pk ?? '', i1Sk ?? '', i2Pk ?? '', i2Sk ?? ''];
  return crc32(`\0${parts.join('\0')}`, crc32(doc));
};

/** Whether a row is as it was written; a row without a checksum passes. */
export const isIntact = (row: CheckedRow): boolean => row.checksum === null || row.checksum === checksumOf(row);

/** The error of a row that is not as it was written. */
export const corruptRecord = (key: Pick<Row, 'pk' | 'sk'>, path: string, why: string): PapilioError =>
  new PapilioError('record-corrupt', `${nameOf(key)} in ${path}: ${why}`);

/** The reason that a row without a right checksum is refused for. */
export const checksumDiffers = (row: CheckedRow): string =>
  `its stored checksum is ${hex(row.checksum ?? 0)}, its content has ${hex(checksumOf(row))}`;

const hex = (value: number): string => value.toString(16).padStart(8, '0');
