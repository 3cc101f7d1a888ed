import { batches } from '../distributed/batches.ts';
import { itemsOfRequest, type ReadItem } from '../distributed/item-reader.ts';
import type { MapLimits, MapRequest } from '../distributed/map-request.ts';
import type { Objects } from '../distributed/objects.ts';
import { StateFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { Unanswered } from '../jsonata/question.ts';
import { WORK_AT_ONCE } from '../meter.ts';
import type { Run } from '../model.ts';
import { inputOf } from '../states/items.ts';
import type { Answer, Stimulus } from '../stimulus.ts';
import { newTurn } from '../turn.ts';
import type { Inspection } from './inspection.ts';
import { invalid, type Mocked } from './test-request.ts';

/** What a test says about a Map. */
export type MapTest = {
  readonly mocked: Mocked;
  readonly failureCount: number;
  /** The text that an ItemReader would have read. */
  readonly readerText: string | undefined;
};

/** Every Map is tested as one whose items are executions of their own: such a one makes all its inputs and runs none here. */
export const asDistributed = (fields: JsonObject, hasReaderText: boolean): JsonObject => {
  const { ItemReader: reader, ...rest } = fields;
  const given = hasReaderText && reader !== undefined ? { ...rest, ItemReader: reader } : rest;
  const distributed = ['ItemProcessor', 'Iterator'].flatMap((field) => {
    const processor = fields[field];
    if (!isObject(processor)) return [];
    return [[field, { ...processor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }]];
  });
  return { ...given, ...Object.fromEntries(distributed) };
};

/** Objects of which each is the one text. */
const objectsOf = (text: string): Objects => ({
  read: async function* () {
    yield Buffer.from(text);
  },
  list: () => {
    throw new Error('mapItemReaderData is not a listing of objects');
  },
  write: async () => 0,
});

const collected = async <T>(items: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

const itemsOf = async (request: MapRequest, readerText: string | undefined): Promise<readonly ReadItem[]> =>
  collected(itemsOfRequest(objectsOf(readerText ?? ''), request));

const selectedBy = async (host: Host, run: Run, items: readonly ReadItem[]): Promise<readonly Json[] | undefined> => {
  const select = run.root.state.distributed?.select;
  if (!select) return undefined;
  const selected: Json[] = [];
  const turn = newTurn(run, { atMs: host.context.clock.nowMs(), secret: '', work: WORK_AT_ONCE });
  for (const [index, { value: item, key: itemKey, source: itemSource }] of items.entries()) {
    const answers: Answer[] = [];
    for (;;) {
      try {
        selected.push(select(turn, run.root, { item, itemKey, itemSource, index }, answers));
        break;
      } catch (thrown) {
        if (!(thrown instanceof Unanswered)) throw thrown;
        answers.push(...(await host.evaluate(thrown.question, new AbortController().signal)));
      }
    }
  }
  return selected;
};

const isExceeded = ({ toleratedCount, toleratedPercentage }: MapLimits, failed: number, total: number): boolean =>
  (toleratedCount !== undefined && failed > toleratedCount) ||
  (toleratedPercentage !== undefined && failed * 100 > toleratedPercentage * total);

const watchInputs = async (
  host: Host,
  { run, request, watch }: { run: Run; request: MapRequest; watch: Inspection['watch'] },
  items: readonly ReadItem[],
): Promise<void> => {
  const given = items.map(({ value, key }) => inputOf(value, key));
  watch('afterItemsPath', given);
  if (request.reader?.config.pointer !== undefined) watch('afterItemsPointer', given);
  const selected = await selectedBy(host, run, items);
  if (selected) watch('afterItemSelector', selected);
  async function* inputs() {
    yield* selected ?? given;
  }
  if (!request.batch) return;
  const batched = await collected(batches(inputs(), 0, request.batch));
  watch(
    'afterItemBatcher',
    batched.map(({ input }) => input),
  );
};

/** The answer to a Map that has made its items: the mock, unless more items have failed than it tolerates. */
export const mapAnswer = async (
  host: Host,
  at: {
    readonly run: Run;
    readonly pending: number;
    readonly request: MapRequest;
    readonly watch: Inspection['watch'];
  },
  { mocked, failureCount, readerText }: MapTest,
): Promise<Stimulus> => {
  const { pending, request, watch } = at;
  const { limits } = request;
  const failed = (error: string | undefined, cause: string | undefined): Stimulus => ({
    type: 'failed',
    pending,
    error,
    cause,
  });
  try {
    const items = await itemsOf(request, readerText);
    if (failureCount > items.length) {
      throw invalid('mapIterationFailureCount must not exceed the number of items of the Map state');
    }
    await watchInputs(host, at, items);
    watch('maxConcurrency', limits.maxConcurrency);
    if (limits.toleratedCount !== undefined) watch('toleratedFailureCount', limits.toleratedCount);
    if (limits.toleratedPercentage !== undefined) watch('toleratedFailurePercentage', limits.toleratedPercentage);
    if (mocked.error !== undefined) return failed(mocked.error, mocked.cause);
    if (!isExceeded(limits, failureCount, items.length)) return { type: 'succeeded', pending, output: mocked.result };
    const cause = 'The specified tolerated failure threshold was exceeded';
    return failed('States.ExceedToleratedFailureThreshold', cause);
  } catch (thrown) {
    if (!(thrown instanceof StateFailure)) throw thrown;
    return failed(thrown.error, thrown.reason);
  }
};
