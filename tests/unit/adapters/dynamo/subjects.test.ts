import { expect, test } from 'vitest';
import { encodeEvent } from '../../../../functions/adapters/event-log/chain.ts';
import { createDynamoLog } from '../../../../functions/adapters/event-log/dynamo.ts';
import {
  type LogItem,
  type LogTable,
  type LogWrite,
  logKeys,
  pendingWrite,
} from '../../../../functions/adapters/event-log/dynamo-items.ts';
import { anEvent } from '../../../builders/an-event.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const keyOf = ({ pk, sk }: Pick<LogItem, 'pk' | 'sk'>): string => `${pk}\0${sk}`;

/** A table in memory, with pages of three items. */
const aTable = () => {
  const items = new Map<string, LogItem>();
  const isFree = ({ ifVersion, row }: LogWrite): boolean => (items.get(keyOf(row))?.version ?? 0) === ifVersion;
  const apply = (write: LogWrite): void => {
    if (write.op === 'delete') items.delete(keyOf(write.row));
    else items.set(keyOf(write.row), { ...write.row, version: write.ifVersion + 1 });
  };
  const table: LogTable = {
    getMany: async (keys) => keys.flatMap((key) => items.get(keyOf(key)) ?? []),
    page: async (pk, after = '', limit = 3) => {
      const found = [...items.values()].filter((item) => item.pk === pk && item.sk > after);
      const inOrder = found.sort((a, b) => (a.sk < b.sk ? -1 : 1));
      const page = inOrder.slice(0, Math.min(limit, 3));
      return { items: page, isMore: page.length < inOrder.length };
    },
    commit: async (writes) => {
      if (!writes.every(isFree)) return false;
      for (const write of writes) apply(write);
      return true;
    },
  };
  return { table, items };
};

const names = ['prod_stf_1', 'prod_stf_10', 'prod_run_ü'];

const append = async (
  { table, items }: ReturnType<typeof aTable>,
  { settle }: Pick<ReturnType<typeof createDynamoLog>, 'settle'>,
  versions: readonly number[],
): Promise<void> => {
  for (const version of versions) {
    const events = names.map((subject) => encodeEvent(anEvent({ subject, version })));
    await table.commit([pendingWrite(`${String(items.size).padStart(8, '0')}-${version}`, events)]);
  }
  await settle();
};

const openOn = (table: LogTable) =>
  createDynamoLog({ table, clock: fakeClock(), name: 'one', pause: async () => undefined });

test('the events of a subject are found by pages of its own partition', async () => {
  const kept = aTable();
  const log = openOn(kept.table);
  await append(kept, log, [1, 2, 3, 4, 5, 6, 7]);
  for (const subject of names) {
    const found = await log.ofSubject({ subject });
    expect(found).toEqual((await log.read(0)).filter((event) => event.subject === subject));
    expect(found.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await log.ofSubject({ subject, afterSeq: found[1]?.seq ?? 0, limit: 3 })).toEqual(found.slice(2, 5));
  }
  expect(await log.ofSubject({ subject: 'prod_stf' })).toEqual([]);
  expect(await log.verify()).toEqual({ ok: true, events: 21 });
});

test('events that an earlier papilio sequenced without an index are found too', async () => {
  const kept = aTable();
  const log = openOn(kept.table);
  await append(kept, log, [1, 2, 3]);
  // As an earlier papilio left it: no rows by subject, and a head that does not say from where on there are.
  for (const [key, { pk }] of kept.items) if (pk.startsWith('subject/')) kept.items.delete(key);
  const head = kept.items.get(keyOf(logKeys.head));
  const { subjectsAfter: _, ...older } = JSON.parse(head?.doc ?? '{}');
  if (head !== undefined) kept.items.set(keyOf(logKeys.head), { ...head, doc: JSON.stringify(older) });
  const next = openOn(kept.table);
  expect((await next.ofSubject({ subject: 'prod_stf_1' })).map(({ version }) => version)).toEqual([1, 2, 3]);
  await append(kept, next, [4, 5]);
  const found = await next.ofSubject({ subject: 'prod_stf_1' });
  expect(found.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
  expect(await next.ofSubject({ subject: 'prod_stf_1', afterSeq: found[1]?.seq ?? 0, limit: 2 })).toEqual(
    found.slice(2, 4),
  );
});
