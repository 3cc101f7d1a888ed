import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { ExecutionView } from '#schema/execution';
import { askEngine } from './ask-engine.ts';
import { arnOf, type Reading } from './execution-place.ts';

/** What a person does to an execution: who, and why. */
export type Act = { readonly by: string; readonly why: string; readonly key: string };

/** The error of an execution that a person has stopped. */
const stoppedError = 'papilio.stopped';
/** What the engine has room for. */
const causeMax = 1000;

const Anything = z.looseObject({});

/** Ends an execution that runs; the reason becomes its cause. One that has ended before stays as it is. */
export const stopExecution = async (view: ExecutionView, { by, why }: Act, around: Reading): Promise<void> => {
  const executionArn = arnOf(view, 'execution', around.config.PAPILIO_REGION, view.name);
  const input = { executionArn, error: stoppedError, cause: `${by}: ${why}`.slice(0, causeMax) };
  await askEngine(around, { plane: view.plane, operation: 'StopExecution', input }, Anything);
};

/** Runs again what failed of an execution. The same key does it once. @throws execution-not-redrivable */
export const redriveExecution = async (view: ExecutionView, { key }: Act, around: Reading): Promise<void> => {
  const executionArn = arnOf(view, 'execution', around.config.PAPILIO_REGION, view.name);
  // A client token has at most 64 characters.
  const input = { executionArn, clientToken: createHash('sha256').update(key).digest('hex') };
  await askEngine(around, { plane: view.plane, operation: 'RedriveExecution', input }, Anything);
};
