import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { Event } from '#schema/event';

const Row = z.object({ sk: z.string(), doc: z.string() });
const EventRow = z.object({ seq: z.int(), hash: z.string(), body: z.string() });

/** Records and events of a plane, read from its file and not through papilio. */
export const recordsOf = (folder: string, plane: string) => {
  using database = new DatabaseSync(join(folder, plane, 'store.db'), { readOnly: true });
  const items = z.array(Row).parse(database.prepare('SELECT sk, doc FROM items').all());
  const events = z
    .array(EventRow)
    .parse(database.prepare('SELECT seq, hash, body FROM events ORDER BY seq').all())
    .map(({ seq, hash, body }) => Event.parse({ ...JSON.parse(body), seq, hash }));
  const of = <T>(noun: string, schema: z.ZodType<T>): T[] =>
    items.filter((item) => item.sk === noun).map((item) => schema.parse(JSON.parse(item.doc)));
  return { of, events, nouns: items.map((item) => item.sk) };
};
