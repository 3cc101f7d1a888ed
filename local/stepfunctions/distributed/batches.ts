import { StateFailure } from '../failure.ts';
import { type Json, jsonSize } from '../json.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import type { BatchRequest } from './map-request.ts';

/** The input of one child, and how many items are in it. */
export type Batch = { readonly itemCount: number; readonly input: Json };

const tooLarge = (index: number, limitBytes: number): StateFailure =>
  new StateFailure(
    'States.DataLimitExceeded',
    `Item ${index} exceeds the maximum number of bytes of a child's input, which is ${limitBytes}.`,
  );

/** Every item is a child's input. */
async function* singles(items: AsyncIterable<Json>, first: number): AsyncGenerator<Batch> {
  let index = first;
  for await (const input of items) {
    if (jsonSize(input, MAX_DATA_BYTES) > MAX_DATA_BYTES) throw tooLarge(index, MAX_DATA_BYTES);
    yield { itemCount: 1, input };
    index += 1;
  }
}

/**
 * Groups items into children's inputs, `{"BatchInput": …, "Items": […]}`: as many as both limits allow, and never more
 * than fit into a state's input. Holds one batch at a time.
 * @throws StateFailure if a single item is too large for a batch
 */
export async function* batches(
  items: AsyncIterable<Json>,
  first: number,
  request: BatchRequest | undefined,
): AsyncGenerator<Batch> {
  if (!request) return yield* singles(items, first);
  const maxItems = request.maxItems ?? Number.POSITIVE_INFINITY;
  const limitBytes = Math.min(request.maxBytes ?? MAX_DATA_BYTES, MAX_DATA_BYTES);
  const frame = request.input === undefined ? {} : { BatchInput: request.input };
  const frameBytes = jsonSize({ ...frame, Items: [] }, MAX_DATA_BYTES);
  let batch: Json[] = [];
  let sizeBytes = frameBytes;
  let index = first;
  const taken = (): Batch => ({ itemCount: batch.length, input: { ...frame, Items: batch } });
  for await (const item of items) {
    const itemBytes = jsonSize(item, MAX_DATA_BYTES) + 1;
    // The comma before the first item is not there.
    if (frameBytes + itemBytes - 1 > limitBytes) throw tooLarge(index, limitBytes);
    if (batch.length >= maxItems || (batch.length > 0 && sizeBytes + itemBytes - 1 > limitBytes)) {
      yield taken();
      batch = [];
      sizeBytes = frameBytes;
    }
    batch.push(item);
    sizeBytes += itemBytes;
    index += 1;
  }
  if (batch.length > 0) yield taken();
}
