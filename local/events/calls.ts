import type { Clock } from '#ports/clock';
import { AwsError } from '../engine/part.ts';
import type { CallService } from '../stepfunctions/host.ts';
import { type Json, parseJson } from '../stepfunctions/json.ts';
import { seededUuid } from '../stepfunctions/random.ts';
import { putEvents } from './buses.ts';
import type { EventsConfig } from './config.ts';
import type { Post } from './delivery.ts';
import type { EventsDesk } from './desk.ts';
import { publish, publishBatch } from './topics.ts';

/** What local topics and buses work with: the engine that asks, and its time. */
export type EventsDeps = Post & { readonly region: string; readonly clock: Clock };

type Action = (desk: EventsDesk, input: unknown, seed: string) => Promise<object>;

/** Refusals that no API model has. */
const UNMODELLED = new Set(['ValidationException']);

const answering =
  (actions: ReadonlyMap<string, Action>, config: EventsConfig, deps: EventsDeps): CallService =>
  async ({ service, action, input, invocationId }) => {
    const { region, clock, ...post } = deps;
    const run = actions.get(action);
    const desk = { config, post, region, nowMs: clock.nowMs };
    try {
      if (run === undefined) throw new AwsError('InvalidAction', `${service} has no ${action} in this engine.`);
      const output: Json = parseJson(JSON.stringify(await run(desk, input, invocationId))) ?? null;
      return { ok: true, output };
    } catch (error) {
      // The engine cannot write now: it asks again later, which is no fault of the execution.
      if (!(error instanceof AwsError) || error.status >= 500) throw error;
      const http = { status: error.status, requestId: seededUuid(`request/${invocationId}`) };
      return { ok: false, error: error.code, cause: error.message, isModelled: !UNMODELLED.has(error.code), http };
    }
  };

/** SNS without a cloud: topics whose subscribers are queues of engines, and the web. */
export const localSns = (config: EventsConfig, deps: EventsDeps): CallService =>
  answering(
    new Map([
      ['Publish', publish],
      ['PublishBatch', publishBatch],
    ]),
    config,
    deps,
  );

/** EventBridge without a cloud: buses whose rules feed queues, state machines, and the web. */
export const localEventBridge = (config: EventsConfig, deps: EventsDeps): CallService =>
  answering(new Map([['PutEvents', putEvents]]), config, deps);
