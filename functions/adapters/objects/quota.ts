import { PapilioError } from '#lib/errors';
import type { Disk } from '#ports/disk';
import { filesBelow } from './disk-files.ts';

type QuotaOptions = { readonly folder: string; readonly disk: Disk; readonly quotaBytes?: number };

const sumOfSizes = async ({ folder, disk }: QuotaOptions): Promise<number> => {
  let sumBytes = 0;
  for await (const path of filesBelow(disk, `${folder}/data`)) {
    sumBytes += (await disk.sizeOf(`${folder}/data/${path}`)) ?? 0;
  }
  return sumBytes;
};

/** Counts the objects' bytes against a quota, if there is one; puts under way count from their start. */
export const openQuota = async (options: QuotaOptions) => {
  const { quotaBytes } = options;
  let usedBytes = quotaBytes === undefined ? 0 : await sumOfSizes(options);

  const within = async <T>(key: string, sizeBytes: number, put: () => Promise<T>): Promise<T> => {
    if (quotaBytes !== undefined && usedBytes + sizeBytes > quotaBytes) {
      throw new PapilioError(
        'store-full',
        `${key}: ${usedBytes} + ${sizeBytes} bytes are over the quota of ${quotaBytes}`,
      );
    }
    usedBytes += sizeBytes;
    try {
      return await put();
    } catch (error) {
      usedBytes -= sizeBytes;
      throw error;
    }
  };

  return { within };
};
