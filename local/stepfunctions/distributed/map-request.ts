import * as z from 'zod';
import { JsonValue } from '../stimulus.ts';

/** Where a distributed Map reads its items: an evaluated ItemReader. */
export const ReadRequest = z.object({
  resource: z.enum(['getObject', 'listObjectsV2']),
  /** Bucket and Key, or Bucket and Prefix. */
  parameters: JsonValue,
  config: z.object({
    inputType: z.enum(['CSV', 'JSON', 'JSONL', 'MANIFEST', 'NONE']),
    delimiter: z.string(),
    /** Given headers of a CSV file; absent if its first row has them. */
    headers: z.array(z.string()).optional(),
    manifestType: z.enum(['S3_INVENTORY', 'ATHENA_DATA']).optional(),
    pointer: z.string().optional(),
    isFlattened: z.boolean(),
  }),
  /** 0 for all. */
  maxItems: z.number(),
});

/** Where a distributed Map reads its items. */
export type ReadRequest = z.infer<typeof ReadRequest>;

/** Where and how results go: an evaluated ResultWriter. */
export const WriteRequest = z.object({
  target: z.object({ bucket: z.string(), prefix: z.string() }).optional(),
  transformation: z.enum(['NONE', 'COMPACT', 'FLATTEN']),
  outputType: z.enum(['JSON', 'JSONL']),
});

/** Where and how results go. */
export type WriteRequest = z.infer<typeof WriteRequest>;

/** How items are put together into one child's input; absent limits do not hold. */
export const BatchRequest = z.object({
  maxItems: z.number().optional(),
  maxBytes: z.number().optional(),
  input: JsonValue.optional(),
});

/** How items are put together into one child's input. */
export type BatchRequest = z.infer<typeof BatchRequest>;

/** Limits of a map run, which UpdateMapRun changes. */
export const MapLimits = z.object({
  /** 0 for the most that the engine runs. */
  maxConcurrency: z.number(),
  toleratedCount: z.number().optional(),
  toleratedPercentage: z.number().optional(),
});

/** Limits of a map run. */
export type MapLimits = z.infer<typeof MapLimits>;

/** A distributed Map at work: everything its map run needs but the items' selector, which stands in the definition. */
export const MapRequest = z.object({
  type: z.literal('mapRun'),
  /** The last part of the map run's ARN. */
  id: z.string(),
  items: z.array(JsonValue).optional(),
  /** The items' names, if they are the fields of an object. */
  keys: z.array(z.string()).optional(),
  reader: ReadRequest.optional(),
  batch: BatchRequest.optional(),
  writer: WriteRequest.optional(),
  limits: MapLimits,
});

/** A distributed Map at work. */
export type MapRequest = z.infer<typeof MapRequest>;
