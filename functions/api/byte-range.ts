/** Bytes of a representation, `[firstByte, endByte)`. */
export type ByteRange = { readonly firstByte: number; readonly endByte: number };

/**
 * The part that a header `Range` names, as RFC 9110 has it. `undefined`: all of it, also for several ranges, another unit, and
 * what cannot be read. `unsatisfiable`: the range begins behind the end.
 */
export const readByteRange = (
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'unsatisfiable' | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '') return last === '' ? undefined : suffixOf(Number(last), sizeBytes);
  const firstByte = Number(first);
  const endByte = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== '' && Number(last) < firstByte) return undefined;
  return firstByte < sizeBytes ? { firstByte, endByte } : 'unsatisfiable';
};

const suffixOf = (length: number, sizeBytes: number): ByteRange | 'unsatisfiable' =>
  length === 0 || sizeBytes === 0
    ? 'unsatisfiable'
    : { firstByte: Math.max(0, sizeBytes - length), endByte: sizeBytes };
