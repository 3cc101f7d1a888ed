import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import { openE1Data } from '../../../../../functions/adapters/e1-data/over-objects.ts';
import type { Deps } from '../../../../../functions/lib/deps.ts';
import { reviseFacet } from '../../../../../functions/lib/facet.ts';
import { defineFunction, eachItem, type PapilioFunction } from '../../../../../functions/lib/function.ts';
import { progresses } from '../../../../../functions/lib/records.ts';
import { planMerge } from '../../../../../functions/streaming/plan-merge.fn.ts';

const name = 'provoke-error';
const Event = z.object({ Records: z.array(z.object({ messageId: z.string(), body: z.string() })) });
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Calls a function as its plane does. */
const called = ({ handlerWith }: PapilioFunction, deps: Deps): Promise<unknown> =>
  handlerWith(async () => deps)({}, { awsRequestId: 'the-same' });

const submitSomething = async ({ batch }: Deps): Promise<void> => {
  const payload = { name: 'none', command: ['true'], environment: {}, inputs: [], output: 'x' };
  const resources = { cores: 1, memoryMb: 64, diskMb: 16, timeoutS: 10 };
  await batch('local').submit([{ attemptId: 'prod_attempt_x-a1', jobId: 'prod_job_x', payload, resources }]);
  await setImmediate();
};

const mistaken = { input: z.object({}), output: z.object({ answer: z.int() }) };

/** By the code that comes of it, what is done with what a function is given. */
const mistakes: Readonly<Record<string, (deps: Deps) => Promise<unknown>>> = {
  bug: async () => {
    throw new TypeError('nobody thought of this');
  },
  'store-conflict': ({ store }) =>
    store.transact({ writes: [{ op: 'put', pk: 'a', sk: 'b', ifVersion: 7, doc: {} }], events: [] }),
  'store-item-invalid': ({ store }) =>
    store.transact({
      writes: [{ op: 'put', pk: 'a', sk: 'b', ifVersion: 0, doc: { note: 'x'.repeat(500_000) } }],
      events: [],
    }),
  'object-key-invalid': ({ outputs }) => outputs.putBytes('../escaped', bytes('x')),
  'object-missing': ({ outputs }) => outputs.read('never/written'),
  'object-exists': async ({ outputs }) => {
    await outputs.putBytes('written/once', bytes('one'));
    await outputs.putBytes('written/once', bytes('other'));
  },
  'store-full': async (deps) => {
    writeFileSync('work/ballast', Buffer.alloc(30e6, 1));
    try {
      // Until it is seen that the quota is passed; the same attempt again starts nothing.
      for (;;) await submitSomething(deps);
    } finally {
      rmSync('work/ballast');
    }
  },
  'tf-exists': async ({ outputs, now }) => {
    const data = await openE1Data({ objects: outputs, now });
    await data.append(1n << 27n, [bytes('one')]);
    await data.append(1n << 27n, [bytes('other')]);
  },
  'message-too-large': ({ queues }) => queues.send('errors', [{ content: 'x'.repeat(300_000) }]),
  'facility-missing': async ({ batch }) => batch('nowhere'),
  'facility-unavailable': async (deps) => {
    renameSync('work/jobs', 'work/jobs.away');
    writeFileSync('work/jobs', 'a file in the place of the folder');
    await submitSomething(deps);
  },
  'incoming-unavailable': async ({ incoming }) => {
    renameSync('incoming', 'incoming.away');
    symlinkSync('incoming', 'incoming');
    await incoming.has('swf.1.000001.stf');
  },
  'facet-not-owned': async (deps) => {
    const { now } = deps;
    const facts = { value: 'run', reason: 'a mistake', eventAt: now(), receivedAt: now(), actor: name };
    reviseFacet(deps, undefined, { ...facts, facet: 'detector', owner: 'papilio', confidence: 'told' });
  },
  'index-lagging': async (deps) => {
    const runId = deps.ids.run(1);
    const counted = { runId, catalogued: 2, processed: 2, failed: 0 };
    await deps.store.transact({ writes: [progresses.put(runId, counted, 0)], events: [] });
    await planMerge.run({ runId, run: 1 }, deps);
  },
  'output-invalid': (deps) =>
    called(
      defineFunction({ ...mistaken, name: 'plan-merge', effect: 'none', run: async () => ({ answer: 0.5 }) }),
      deps,
    ),
  'needs-a-person': async (deps) => {
    const run = async () => ({ answer: 1 });
    const once = defineFunction({ ...mistaken, name: 'plan-merge', effect: 'irreversible', run });
    await called(once, deps);
    await called(once, deps);
  },
};

/** Makes the mistake that a message names; what comes of it is in the log, as for any function. */
export const provokeError = {
  name,
  effect: 'none',
  handlerWith: (load: () => Promise<Deps>) => async (event: unknown) => {
    const deps = await load();
    const items = Event.parse(event).Records.map(({ messageId, body }) => ({ itemId: messageId, body }));
    await eachItem(items, name, deps, async ({ body }) => mistakes[body]?.(deps));
    return { batchItemFailures: [] };
  },
};
