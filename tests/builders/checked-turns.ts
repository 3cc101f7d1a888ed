import * as z from 'zod';
import { systemClock } from '#lib/system-clock';
import type { Clock } from '#ports/clock';
import type { EngineOptions } from '../../local/engine/engine.ts';
import type { Journal, PartName, Position } from '../../local/engine/part.ts';
import { createFoldingParts, type Identity, type Parts } from '../../local/engine/parts.ts';
import { rememberedMs } from '../../local/sqs/recent.ts';

/** A record lost something: the state that is live is not the one that a snapshot before it gives together with it. */
export class TurnLost extends Error {
  constructor(records: readonly Noted[], live: string, kept: string) {
    const at = [...live].findIndex((char, index) => char !== kept[index]);
    const around = (text: string) => text.slice(Math.max(0, at - 300), at + 300);
    const what = JSON.stringify(records.map(({ record }) => record)).slice(0, 1000);
    super(`after ${what} the engine has\n…${around(live)}…\nbut from a snapshot it would have\n…${around(kept)}…`);
    this.name = 'TurnLost';
  }
}

type Witness = NonNullable<EngineOptions['witness']>;

type Noted = { readonly part: PartName; readonly record: unknown; readonly at: Position };

/** How the folds of a journal are looked at. */
export type Checking = {
  readonly live: () => Partial<Parts>;
  /** The same parts, empty and without effects. */
  readonly fresh: () => Partial<Parts>;
  readonly nowMs: () => number;
  readonly onLoss?: (loss: TurnLost) => void;
};

/** A state of so many characters is looked at after every record; a larger one when records have come in proportion. */
const smallChars = 16_384;
const charsPerRecord = 1024;
const isEnough = (records: number, chars: number): boolean => records > (chars - smallChars) / charsPerRecord;

const partsOf = (parts: Partial<Parts>) => [parts.sqs, parts.sfn].filter((part) => part !== undefined);
const textOf = (parts: Partial<Parts>): string =>
  JSON.stringify(partsOf(parts).map(({ name, items }) => ({ name, items: [...items()] })));

const Kept = z.array(z.object({ name: z.enum(['sqs', 'sfn']), items: z.array(z.unknown()) }));

const play = (parts: Partial<Parts>, base: string, records: readonly Noted[]): string => {
  for (const { name, items } of Kept.parse(JSON.parse(base))) for (const item of items) parts[name]?.restore(item);
  for (const { part, record, at } of records) parts[part]?.apply(record, at);
  const text = textOf(parts);
  for (const part of partsOf(parts)) part.close();
  return text;
};

const Timed = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('queue'), id: z.string(), attributes: z.record(z.string(), z.string()) }),
  z.looseObject({
    kind: z.literal('message'),
    queue: z.string(),
    message: z.looseObject({ visibleAtMs: z.number(), sentMs: z.number() }),
  }),
  z.looseObject({ kind: z.enum(['dedup', 'attempt']), value: z.looseObject({ atMs: z.number() }) }),
]);
type Timed = z.infer<typeof Timed>;

const keptMs = ({ MessageRetentionPeriod = '345600' }: Readonly<Record<string, string>>) =>
  Number(MessageRetentionPeriod) * 1000;

/** Queues change with time alone: what is due is visible, and what is old is forgotten, sooner or later. */
const settled = (items: readonly Timed[], nowMs: number): Timed[] => {
  const retention = new Map(
    items.flatMap((item) => (item.kind === 'queue' ? [[item.id, keptMs(item.attributes)]] : [])),
  );
  return items.flatMap((item): Timed[] => {
    if (item.kind === 'queue') return [item];
    if (item.kind !== 'message') return item.value.atMs > nowMs - rememberedMs ? [item] : [];
    const { message, queue } = item;
    if (message.sentMs + (retention.get(queue) ?? 0) <= nowMs) return [];
    return [message.visibleAtMs > nowMs ? item : { ...item, message: { ...message, isInFlight: false } }];
  });
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text that is the same for equal values, however their fields are ordered. */
const ordered = (value: unknown): string =>
  JSON.stringify(value, (_, field: unknown) =>
    isRecord(field) ? Object.fromEntries(Object.entries(field).toSorted(([a], [b]) => (a < b ? -1 : 1))) : field,
  ) ?? '';

const comparable = (text: string, nowMs: number): string =>
  Kept.parse(JSON.parse(text))
    .flatMap(({ name, items }) =>
      name === 'sfn' ? items.map(ordered) : settled(z.array(Timed).parse(items), nowMs).map(ordered).toSorted(),
    )
    .join('\n');

/** Of nobody's making: a loss fails the test wherever it is found. */
const failTest = (loss: TurnLost): void =>
  queueMicrotask(() => {
    throw loss;
  });

/**
 * A journal that looks at the fold of its records: serialize(state) must be serialize(restore(state before) + record). A
 * record is applied in the turn of the loop that appends it, so it is looked at when that turn ends or the next one comes.
 */
export const checkedJournal = (journal: Journal, { live, fresh, nowMs, onLoss = failTest }: Checking): Journal => {
  let base: string | undefined;
  let noted: Noted[] = [];
  const compare = (now: string, kept: string) => {
    if (now !== kept) onLoss(new TurnLost(noted, now, kept));
  };
  const check = () => {
    base ??= textOf(live());
    if (noted.length === 0 || !isEnough(noted.length, base.length)) return;
    const now = textOf(live());
    const kept = play(fresh(), base, noted);
    if (now !== kept) compare(comparable(now, nowMs()), comparable(kept, nowMs()));
    base = now;
    noted = [];
  };
  return {
    // Asked each time: a test may put something else in their place.
    synced: () => journal.synced(),
    read: (at) => journal.read(at),
    isHeld: (at) => journal.isHeld(at),
    append: (part, record) => {
      check();
      const appended = journal.append(part, record);
      noted.push({ part, record: JSON.parse(JSON.stringify(record)), at: appended.at });
      queueMicrotask(check);
      return appended;
    },
  };
};

/** What an engine's `witness` is in tests: looks at the folds of both parts. */
export const checkedEngine =
  (identity: Partial<Identity>, clock: Pick<Clock, 'nowMs'> = systemClock): Witness =>
  (journal, live) => {
    const whole = { account: '111111111111', region: 'us-east-1', queueBaseUrl: 'http://127.0.0.1', ...identity };
    return checkedJournal(journal, { live, fresh: () => createFoldingParts(whole), nowMs: clock.nowMs });
  };
