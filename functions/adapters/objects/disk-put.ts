import { PapilioError } from '#lib/errors';
import type { ObjectFacts, Objects, PutCheck } from '#ports/objects';
import { createKeyLocks, passOver, withFile, withSource } from './disk-files.ts';
import type { Shelf } from './disk-shelf.ts';
import { existsWithOther, factsOf, isSameContent, needSameContent } from './facts.ts';
import type { openQuota } from './quota.ts';

type Put = ObjectFacts & { readonly created: boolean };
type KeepFacts = (facts: ObjectFacts) => Promise<void>;
type Offer = {
  readonly key: string;
  readonly sizeBytes: number;
  /** The facts of what is offered, read without keeping it. */
  readonly look: () => Promise<ObjectFacts>;
  /** Writes it to a new file and returns its facts once it is synced; `keepFacts` has them meanwhile. */
  readonly fill: (path: string, keepFacts: KeepFacts) => Promise<ObjectFacts>;
};

/** Waits until all have ended, then throws the first error: no write of a failed put goes on after it. */
const allOf = async (...writes: readonly Promise<void>[]): Promise<void> => {
  await Promise.allSettled(writes);
  await Promise.all(writes);
};

/** Brings content into a folder, whole or not at all; puts of one key go one after the other. */
export const createPuts = (shelf: Shelf, quota: Awaited<ReturnType<typeof openQuota>>) => {
  const { disk, folder } = shelf;
  const locked = createKeyLocks();
  let puts = 0;

  const putAgain = async (key: string, existing: ObjectFacts, offered: ObjectFacts): Promise<Put> => {
    if (!isSameContent(existing, offered)) throw existsWithOther(key, existing, offered);
    // The earlier put may have been killed before its own sync.
    await shelf.syncPlace(key);
    return { ...existing, created: false };
  };

  const putNew = async ({ key, fill }: Offer): Promise<Put> => {
    await shelf.makePlace(key);
    puts += 1;
    const tempPath = `${folder}/temp/${puts}`;
    try {
      const facts = await fill(tempPath, (known) => shelf.writeFacts(key, known));
      await shelf.publish(key, tempPath);
      return { ...facts, created: true };
    } finally {
      await disk.remove(tempPath);
    }
  };

  const put = async (offer: Offer): Promise<Put> => {
    const existing = await shelf.factsAt(offer.key);
    if (existing !== undefined) return putAgain(offer.key, existing, await offer.look());
    return quota.within(offer.key, offer.sizeBytes, () => putNew(offer));
  };

  const offerOfFile = async (key: string, path: string, check: PutCheck): Promise<Offer> => {
    const sizeBytes = await disk.sizeOf(path);
    if (sizeBytes === undefined) throw new PapilioError('object-missing', `the file ${path} is not there`);
    const pass = async (keep: Parameters<typeof passOver>[1]): Promise<ObjectFacts> => {
      const facts = await withSource(disk, path, (source) => passOver(source, keep, check.inspector));
      needSameContent(key, check.expect ?? {}, facts);
      check.inspector?.judge();
      return facts;
    };
    const fill: Offer['fill'] = (tempPath, keepFacts) =>
      withFile(disk, tempPath, 'wx', async (target) => {
        const facts = await pass(target.write);
        await allOf(target.sync(), keepFacts(facts));
        return facts;
      });
    return { key, sizeBytes, look: () => pass(async () => {}), fill };
  };

  const putFile: Objects['putFile'] = (key, sourcePath, check = {}) =>
    locked(key, async () => put(await offerOfFile(key, sourcePath, check)));

  const putBytes: Objects['putBytes'] = (key, bytes) => {
    const facts = factsOf(bytes);
    const fill: Offer['fill'] = async (path, keepFacts) => {
      await allOf(shelf.write(path, bytes), keepFacts(facts));
      return facts;
    };
    return locked(key, () => put({ key, sizeBytes: bytes.length, look: async () => facts, fill }));
  };

  return { putFile, putBytes };
};
