import type { Item, Store, Write } from './ports/store.ts';
import type { Seal } from './seal.ts';

/** Records that grant rights. */
const sealedKinds: ReadonlySet<string> = new Set(['token']);

type Doc = Item['doc'];
type Sealable = Pick<Item, 'pk' | 'sk' | 'doc' | 'expiresAt'>;

/** Of the key too: a record that is copied to another key is none there. */
const saidIn = ({ pk, sk, expiresAt = '' }: Sealable, doc: Doc) =>
  ['record', pk, sk, expiresAt, JSON.stringify(doc)] as const;

/**
 * A store whose records that grant rights are sealed in their field `seal`, for where others may write into its tables.
 * One without a right seal is nobody's: it is not there.
 */
export const sealedStore = (store: Store, seal: Seal): Store => {
  const sealedOf = <T extends Sealable>(item: T): T =>
    sealedKinds.has(item.sk) ? { ...item, doc: { ...item.doc, seal: seal.of(...saidIn(item, item.doc)) } } : item;
  const genuine = (item: Item | undefined): Item | undefined => {
    if (item === undefined || !sealedKinds.has(item.sk)) return item;
    const { seal: given, ...doc } = item.doc;
    return typeof given === 'string' && seal.holds(given, ...saidIn(item, doc)) ? { ...item, doc } : undefined;
  };
  const written = (write: Write): Write => (write.op === 'put' ? sealedOf(write) : write);
  return {
    ...store,
    get: async (key) => genuine(await store.get(key)),
    getMany: async (keys) => (await store.getMany(keys)).map(genuine),
    query: async (query) => {
      const { items, ...page } = await store.query(query);
      return { ...page, items: items.flatMap((item) => genuine(item) ?? []) };
    },
    transact: ({ writes, ...rest }) => store.transact({ ...rest, writes: writes.map(written) }),
    putMany: (items) => store.putMany(items.map(sealedOf)),
  };
};
