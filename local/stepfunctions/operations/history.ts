import * as z from 'zod';
import { seconds } from '../describe.ts';
import { replay } from '../history.ts';
import { Arn } from '../machines/arn.ts';
import type { EventBody, Recorder } from '../model.ts';
import { executionOf, type Operation, operation } from './operation.ts';
import { type Asked, type Listing, Paging, pageSize, positionOf, tokenOf } from './paging.ts';

/** A page ends when its events hold so much data, so that no history can fill the memory. */
const PAGE_BYTES = 8 * 2 ** 20;

/** Part of a history: half-open, by event id. */
type Span = { readonly idFirst: number; readonly idEnd: number };

/** The page behind the event `after`, or before it; events that are added meanwhile change nothing. */
const spanOf = (total: number, after: number | undefined, count: number, isReverse: boolean): Span => {
  if (!isReverse) return { idFirst: 1 + (after ?? 0), idEnd: Math.min(total, (after ?? 0) + count) + 1 };
  const idEnd = after ?? total + 1;
  return { idFirst: Math.max(1, idEnd - count), idEnd };
};

const DATA_FIELDS = new Set(['input', 'output', 'assignedVariables']);

/** Leaves away the data of an event's details, as `includeExecutionData: false` asks; a task's parameters are required. */
const withoutData = (details: unknown): unknown => {
  if (typeof details !== 'object' || details === null) return details;
  const kept = Object.entries(details).filter(([field]) => !DATA_FIELDS.has(field));
  return Object.fromEntries(kept.map(([field, value]) => [field, field === 'parameters' ? '' : value]));
};

/** Collects a span of events up to the size of a page: the first ones, or in reverse order the last ones. */
class Collector implements Recorder {
  readonly events: object[] = [];
  readonly #sizes: number[] = [];
  readonly #span: Span;
  readonly #isReverse: boolean;
  readonly #hasData: boolean;
  #sizeBytes = 0;

  constructor(span: Span, isReverse: boolean, hasData: boolean) {
    this.#span = span;
    this.#isReverse = isReverse;
    this.#hasData = hasData;
  }

  readonly wants = (id: number): boolean =>
    id >= this.#span.idFirst && id < this.#span.idEnd && (this.#isReverse || this.#sizeBytes < PAGE_BYTES);

  readonly take = ({ type, ...details }: EventBody, id: number, previousEventId: number, atMs: number): void => {
    const entries = Object.entries(details).map(([key, value]) => [key, this.#hasData ? value : withoutData(value)]);
    this.events.push({ timestamp: seconds(atMs), type, id, previousEventId, ...Object.fromEntries(entries) });
    const size = entries.flatMap(([, value]) => Object.values(value ?? {})).join('').length;
    this.#sizes.push(size);
    this.#sizeBytes += size;
    while (this.#isReverse && this.#sizeBytes > PAGE_BYTES && this.events.length > 1) {
      this.#sizeBytes -= this.#sizes.shift() ?? 0;
      this.events.shift();
    }
  };
}

/** The event that the page before ended with; its plain number is taken too, so that a history can be followed. */
const lastOf = (listing: Listing, asked: Asked, isReverse: boolean): number | undefined => {
  const { nextToken = '' } = asked;
  const position = !isReverse && /^\d{1,5}$/.test(nextToken) ? nextToken : positionOf(listing, asked);
  return position === undefined ? undefined : Number(position);
};

const getExecutionHistory = operation(
  z.object({
    ...Paging,
    executionArn: Arn,
    reverseOrder: z.boolean().optional(),
    includeExecutionData: z.boolean().optional(),
  }),
  async (host, { executionArn, reverseOrder = false, includeExecutionData = true, ...asked }) => {
    const execution = executionOf(host, executionArn);
    const total = execution.run?.eventCount ?? execution.eventCount;
    const listing = { host, of: ['GetExecutionHistory', executionArn, reverseOrder, includeExecutionData] };
    const span = spanOf(total, lastOf(listing, asked, reverseOrder), pageSize(asked), reverseOrder);
    const collector = new Collector(span, reverseOrder, includeExecutionData);
    await replay(host.context.journal, execution, host.registry.secret, collector);
    const { events } = collector;
    // A page may hold less than was asked for.
    const last = reverseOrder ? span.idEnd - events.length : span.idFirst + events.length - 1;
    const hasMore = reverseOrder ? last > 1 : last < total;
    if (reverseOrder) events.reverse();
    return { events, ...(hasMore && { nextToken: tokenOf(listing, String(last)) }) };
  },
);

/** The operation that reads histories. */
export const HISTORY_OPERATIONS: Readonly<Record<string, Operation>> = { GetExecutionHistory: getExecutionHistory };
