import { crc32c } from '#lib/model/checksum';

/** A part of an upload as S3 has it. */
export type SentPart = { readonly partNumber: number; readonly etag: string; readonly checksumCrc32c: string };

type PartsOptions = {
  readonly partSizeBytes: number;
  /** Parts under way at once; memory is one part more. */
  readonly atOnce: number;
  /** Sends a part, from a buffer that is used again when it is done; returns its ETag. */
  readonly send: (partNumber: number, bytes: Buffer, checksumCrc32c: string) => Promise<string>;
};

const hex32 = (crc: number): string => crc.toString(16).padStart(8, '0');

/** Cuts what comes into parts and sends some at once, in buffers of which there are a fixed number. */
export const createParts = ({ partSizeBytes, atOnce, send }: PartsOptions) => {
  const free = Array.from({ length: atOnce + 1 }, () => Buffer.allocUnsafe(partSizeBytes));
  const sending = new Set<Promise<void>>();
  const sent: SentPart[] = [];
  let current = free.pop();
  let filledBytes = 0;
  let parts = 0;

  const sendPart = async (partNumber: number, whole: Buffer<ArrayBuffer>, sizeBytes: number): Promise<void> => {
    const bytes = whole.subarray(0, sizeBytes);
    const checksumCrc32c = hex32(crc32c(bytes));
    sent.push({ partNumber, etag: await send(partNumber, bytes, checksumCrc32c), checksumCrc32c });
    free.push(whole);
  };

  const flush = async (): Promise<void> => {
    if (current === undefined || filledBytes === 0) return;
    while (sending.size >= atOnce) await Promise.race(sending);
    parts += 1;
    const mine = sendPart(parts, current, filledBytes);
    sending.add(mine);
    mine.then(
      () => sending.delete(mine),
      () => undefined,
    );
    filledBytes = 0;
    current = free.pop();
  };

  /** Takes bytes in order. @throws what sending a part threw */
  const keep = async (bytes: Uint8Array): Promise<void> => {
    let taken = 0;
    while (taken < bytes.length && current !== undefined) {
      const count = Math.min(bytes.length - taken, partSizeBytes - filledBytes);
      current.set(bytes.subarray(taken, taken + count), filledBytes);
      taken += count;
      filledBytes += count;
      if (filledBytes === partSizeBytes) await flush();
    }
  };

  /** Sends what is left; all parts in order. */
  const end = async (): Promise<readonly SentPart[]> => {
    await flush();
    await Promise.all(sending);
    return sent.toSorted((one, other) => one.partNumber - other.partNumber);
  };

  /** Waits until nothing is under way any more. */
  const settled = async (): Promise<void> => {
    await Promise.allSettled(sending);
  };

  return { keep, end, settled };
};
