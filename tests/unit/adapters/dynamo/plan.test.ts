import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chainStart, faultOf } from '../../../../functions/adapters/event-log/chain.ts';
import { type Head, type Pending, rowsOf } from '../../../../functions/adapters/event-log/dynamo-items.ts';
import { inVersionOrder, isLeased, nextStep } from '../../../../functions/adapters/event-log/dynamo-plan.ts';

const emptyHead: Head = { seq: 0, hash: chainStart, holder: '', term: 0, untilMs: 0 };
const sequencer = { name: 'one', nowMs: 1000 };

const eventOf = (subject: string, version: number, text = '') => {
  const id = `${subject}-${version}`;
  return { id, body: JSON.stringify({ id, type: 'stf.archived', subject, version, data: { text } }) };
};

const waiting = (transactions: readonly (readonly (readonly [string, number])[])[], text = ''): Pending[] =>
  transactions.map((events, at) => ({
    sk: String(at).padStart(4, '0'),
    events: events.map(([subject, version]) => eventOf(subject, version, text)),
  }));

/** Makes steps until nothing waits; returns the rows of the log, and the sizes of the steps' writes. */
const sequenceAll = (all: readonly Pending[]) => {
  const held = new Set<string>();
  const rows: ReturnType<typeof rowsOf>[number][] = [];
  const sizes: number[] = [];
  let [head, version, pending] = [emptyHead, 0, all];
  for (let steps = 0; pending.length > 0 && steps < 1000; steps++) {
    const step = nextStep({ head, version, pending, held }, sequencer);
    sizes.push(step.writes.length);
    const done = new Set(step.writes.flatMap(({ op, row }) => (op === 'delete' ? [row.sk] : [])));
    for (const { op, row } of step.writes) {
      if (op === 'put' && row.pk === 'events') rows.push(...rowsOf({ ...row, version: 1 }));
    }
    for (const { id } of rows) held.add(id);
    pending = pending.filter(({ sk }) => !done.has(sk));
    head = step.head;
    version += 1;
  }
  return { rows, sizes, head, left: pending.length };
};

const someTransactions = fc.array(
  fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.integer({ min: 1, max: 60 })), {
    maxLength: 120,
  }),
  { maxLength: 30 },
);

describe('the steps of a log on DynamoDB', () => {
  test('give each event one seq, without a gap, in a chain, within what a transaction takes', () => {
    fc.assert(
      fc.property(someTransactions, (transactions) => {
        const { rows, sizes, head, left } = sequenceAll(waiting(transactions));
        expect(left).toBe(0);
        const ids = new Set(transactions.flat().map(([subject, version]) => `${subject}-${version}`));
        expect(new Set(rows.map(({ id }) => id))).toEqual(ids);
        let previous = { seq: 0, hash: chainStart };
        for (const row of rows) {
          expect(faultOf(previous, row)).toBeUndefined();
          previous = row;
        }
        expect(head).toMatchObject({ seq: ids.size, hash: previous.hash, untilMs: 0 });
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(100);
      }),
    );
  });

  test('segments of long events stay below the size of an item', () => {
    const many = waiting([Array.from({ length: 90 }, (_, at) => ['a', at + 1] as const)], '"'.repeat(2000));
    const { writes, head } = nextStep({ head: emptyHead, version: 0, pending: many, held: new Set() }, sequencer);
    const segment = writes.find(({ row }) => row.pk === 'events');
    expect(Buffer.byteLength(segment !== undefined && 'doc' in segment.row ? segment.row.doc : '')).toBeLessThan(
      400_000,
    );
    expect(head.seq).toBeGreaterThan(10);
    expect(head.seq).toBeLessThan(90);
    expect(head.untilMs).toBeGreaterThan(sequencer.nowMs);
  });

  test('a step that finds only what the log holds clears it away, and the log does not grow', () => {
    const pending = waiting([[['a', 1]]]);
    const { writes, head } = nextStep({ head: emptyHead, version: 3, pending, held: new Set(['a-1']) }, sequencer);
    expect(head.seq).toBe(0);
    expect(writes.map(({ op, row }) => [op, row.pk])).toEqual([
      ['put', 'log'],
      ['delete', 'log'],
    ]);
  });

  test('the term rises when another goes on', () => {
    const pending = waiting([[['a', 1]]]);
    const first = nextStep({ head: emptyHead, version: 0, pending, held: new Set() }, sequencer).head;
    const found = { head: first, version: 1, pending: waiting([[['a', 2]]]), held: new Set<string>() };
    expect([first.term, nextStep(found, sequencer).head.term]).toEqual([1, 1]);
    expect(nextStep(found, { ...sequencer, name: 'other' }).head).toMatchObject({ term: 2, holder: 'other' });
  });

  test('whoever has more to do is left alone for a while, and not for ever', () => {
    const head: Head = { ...emptyHead, holder: 'one', untilMs: 3000 };
    expect(isLeased(head, { name: 'other', nowMs: 2999 })).toBe(true);
    expect(isLeased(head, { name: 'other', nowMs: 3000 })).toBe(false);
    expect(isLeased(head, { name: 'one', nowMs: 1000 })).toBe(false);
  });
});

describe('the order of what waits', () => {
  test('is that of the versions of a subject, whatever the stamps say, and that of the stamps otherwise', () => {
    const [late, early, other] = waiting([[['a', 2]], [['a', 1]], [['b', 1]]]);
    const ordered = inVersionOrder([late, early, other].flatMap((one) => one ?? []));
    expect(ordered.map(({ sk }) => sk)).toEqual(['0001', '0000', '0002']);
  });

  test('loses nothing, even where two wait for each other', () => {
    const pending = waiting([
      [
        ['a', 1],
        ['b', 2],
      ],
      [
        ['a', 2],
        ['b', 1],
      ],
    ]);
    expect(inVersionOrder(pending)).toHaveLength(2);
  });
});
