import * as z from 'zod';
import { seconds } from '../describe.ts';
import { replay } from '../history.ts';
import type { EventBody, Recorder } from '../model.ts';
import { executionOf, type Operation, offsetOf, operation, Paging } from './operation.ts';

/** A page ends when its events hold so much data, so that no history can fill the memory. */
const PAGE_BYTES = 8 * 2 ** 20;

/** Part of a history: half-open, by event id. */
type Span = { readonly idFirst: number; readonly idEnd: number };

const spanOf = (total: number, offset: number, count: number, isReverse: boolean): Span =>
  isReverse
    ? { idFirst: Math.max(1, total + 1 - offset - count), idEnd: total + 1 - offset }
    : { idFirst: 1 + offset, idEnd: Math.min(total + 1, 1 + offset + count) };

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

const getExecutionHistory = operation(
  z.object({
    ...Paging,
    executionArn: z.string(),
    reverseOrder: z.boolean().optional(),
    includeExecutionData: z.boolean().optional(),
  }),
  async (host, { executionArn, reverseOrder = false, includeExecutionData = true, maxResults, nextToken }) => {
    const execution = executionOf(host, executionArn);
    const total = execution.run?.eventCount ?? execution.eventCount;
    const offset = offsetOf(nextToken);
    const span = spanOf(total, offset, maxResults || 100, reverseOrder);
    const collector = new Collector(span, reverseOrder, includeExecutionData);
    await replay(host.context.journal, execution, host.registry.secret, collector);
    const { events } = collector;
    if (reverseOrder) events.reverse();
    const next = offset + events.length;
    return { events, ...(next < total && { nextToken: String(next) }) };
  },
);

/** The operation that reads histories. */
export const HISTORY_OPERATIONS: Readonly<Record<string, Operation>> = { GetExecutionHistory: getExecutionHistory };
