import { AsyncLocalStorage } from 'node:async_hooks';
import middy from '@middy/core';
import * as z from 'zod';
import type { FunctionName } from '../catalog.ts';
import { redeem } from './claim.ts';
import type { Deps } from './deps.ts';
import { asPapilioError, PapilioError } from './errors.ts';
import { jsonOf } from './model/json.ts';
import { isPassing } from './passing.ts';

/**
 * What a repeat of a function does. `none`: it changes nothing. `named`: what it makes is named after its input, so a
 * repeat finds it there. `irreversible`: it is never repeated by itself once it began.
 */
export type Effect = 'none' | 'named' | 'irreversible';

type Definition<I extends z.ZodType, O extends z.ZodType> = {
  readonly name: FunctionName;
  readonly effect: Effect;
  readonly input: I;
  readonly output: O;
  readonly run: (input: z.output<I>, deps: Deps) => Promise<z.input<O>>;
};

/** One message of a queue-fed function that works on batches. */
export type BatchItem<T> = { readonly itemId: string; readonly input: T };

type BatchDefinition<I extends z.ZodType> = {
  readonly name: FunctionName;
  readonly effect: Exclude<Effect, 'irreversible'>;
  readonly input: I;
  /** Returns the `itemId` of each item that is to be delivered again. */
  readonly runBatch: (items: readonly BatchItem<z.output<I>>[], deps: Deps) => Promise<readonly string[]>;
};

/** What Lambda's SQS event source hands over, as far as papilio reads it. */
const QueueEvent = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })).min(1),
});
type QueueRecord = z.infer<typeof QueueEvent>['Records'][number];

/**
 * The answer of a queue-fed function: what to deliver again. `passing` names those of them that nothing but an outage
 * hinders: who feeds the function keeps them in hand, so that no outage carries a good message to a dead-letter queue.
 */
export type BatchResponse = {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
  readonly passing?: readonly string[];
};

/** Why items failed, by id, within one call. */
const failures = new AsyncLocalStorage<Map<string, PapilioError>>();

/** What runs a function: Lambda's call, without the wire. `deps` come from the composition root unless given. */
export type Handler = (event: unknown, context: object) => Promise<unknown>;

export type PapilioFunction = {
  readonly name: FunctionName;
  readonly effect: Effect;
  readonly handlerWith: (load: () => Promise<Deps>) => Handler;
};

/** Defines a function that is called with one input: by a state machine, by the API, or with each message of a queue. */
export const defineFunction = <I extends z.ZodType, O extends z.ZodType>(definition: Definition<I, O>) => {
  const call = async (raw: unknown, key: string, deps: Deps): Promise<unknown> => {
    const input = parse(definition.input, raw, definition.name);
    if (definition.effect === 'irreversible') await claimEffect(definition.name, key, deps);
    const result = definition.output.safeParse(await definition.run(input, deps));
    if (result.success) return result.data;
    throw new PapilioError('output-invalid', `${definition.name}: ${z.prettifyError(result.error)}`);
  };
  const handlerWith = (load: () => Promise<Deps>) =>
    wrap(definition.name, load, async (event, deps, requestId) => {
      const queued = QueueEvent.safeParse(event);
      if (!queued.success) return call(event, requestId, deps);
      const items = queued.data.Records.map((record) => ({ itemId: record.messageId, record }));
      return answering(() =>
        eachItem(items, definition.name, deps, ({ itemId, record }) => call(bodyOf(record), itemId, deps)),
      );
    });
  return { ...definition, handlerWith };
};

/** Defines a queue-fed function that takes its messages together, such as a single writer. */
export const defineBatchFunction = <I extends z.ZodType>(definition: BatchDefinition<I>) => {
  const handlerWith = (load: () => Promise<Deps>) =>
    wrap(definition.name, load, async (event, deps): Promise<BatchResponse> => {
      const { Records } = parse(QueueEvent, event, definition.name);
      const failed: string[] = [];
      const items: BatchItem<z.output<I>>[] = [];
      for (const record of Records) {
        const parsed = definition.input.safeParse(jsonOf(record.body));
        if (parsed.success) items.push({ itemId: record.messageId, input: parsed.data });
        else {
          deps.log.error(
            { function: definition.name, messageId: record.messageId, reason: z.prettifyError(parsed.error) },
            'message unreadable',
          );
          failed.push(record.messageId);
        }
      }
      const { batchItemFailures, ...more } = await answering(async () =>
        items.length === 0 ? [] : definition.runBatch(items, deps),
      );
      return {
        batchItemFailures: [...failed.map((itemIdentifier) => ({ itemIdentifier })), ...batchItemFailures],
        ...more,
      };
    });
  return { ...definition, handlerWith };
};

const wrap = (
  name: FunctionName,
  load: () => Promise<Deps>,
  body: (event: unknown, deps: Deps, requestId: string) => Promise<unknown>,
): Handler => {
  const handler = middy()
    .use({
      onError: async (request) => {
        const error = asPapilioError(request.error);
        const { log } = await load();
        const level = error.kind === 'Bug' ? 'error' : 'info';
        log[level](
          {
            function: name,
            code: error.code,
            reason: error.reason,
            requestId: request.context.awsRequestId,
            cause: String(error.cause ?? ''),
          },
          'function failed',
        );
        request.error = error;
      },
    })
    .handler(async (event: unknown, context) => {
      const deps = await load();
      const input = await redeem(name, event, () => (deps.plane === 'archive' ? deps.archive : deps.outputs));
      return body(input, deps, context.awsRequestId);
    });
  return (event, context) => Promise.resolve(Reflect.apply(handler, undefined, [event, context]));
};

const parse = <S extends z.ZodType>(schema: S, raw: unknown, name: string): z.output<S> => {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new PapilioError('input-invalid', `${name}: ${z.prettifyError(parsed.error)}`);
};

const bodyOf = (record: QueueRecord): unknown => {
  const value = jsonOf(record.body);
  if (value === undefined) throw new PapilioError('message-unreadable', `message ${record.messageId}`);
  return value;
};

/** Runs a batch, and says of what failed whether it passes by itself. */
const answering = async (run: () => Promise<readonly string[]>): Promise<BatchResponse> => {
  const errors = new Map<string, PapilioError>();
  const failed = await failures.run(errors, run);
  // An item without an error of its own was held up by others, such as those of its facility.
  const isPassingForAll = errors.size > 0 && [...errors.values()].every(isPassing);
  const passing = failed.filter((id) => {
    const error = errors.get(id);
    return error === undefined ? isPassingForAll : isPassing(error);
  });
  return {
    batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
    ...(passing.length > 0 ? { passing } : {}),
  };
};

/** Runs each item by itself, all at once, and returns the ids of those that failed: one never fails the others. */
export const eachItem = async <T extends { readonly itemId: string }>(
  items: readonly T[],
  name: string,
  deps: Deps,
  call: (item: T) => Promise<unknown>,
): Promise<string[]> => {
  const failed: string[] = [];
  const one = async (item: T) => {
    try {
      await call(item);
    } catch (thrown) {
      const error = asPapilioError(thrown);
      deps.log.warn({ function: name, itemId: item.itemId, code: error.code, reason: error.reason }, 'message failed');
      failures.getStore()?.set(item.itemId, error);
      failed.push(item.itemId);
    }
  };
  await Promise.all(items.map(one));
  return failed;
};

/** The begun mark of an irreversible effect: found again, the item waits for a person. */
const claimEffect = async (name: string, key: string, deps: Deps): Promise<void> => {
  const id = deps.ids.of('effect', `${name}-${key}`);
  try {
    await deps.store.transact({
      writes: [{ op: 'put', pk: id, sk: 'effect', ifVersion: 0, doc: { name, key, beganAt: deps.now() } }],
      events: [],
    });
  } catch (thrown) {
    const error = asPapilioError(thrown);
    if (error.code !== 'store-conflict') throw error;
    throw new PapilioError('needs-a-person', `${name} began before for ${key}`);
  }
};
