import { createHash } from 'node:crypto';
import { jsonOf } from '#lib/model/json';
import type { Clock } from '#ports/clock';
import type { CatalogEntry, Plane } from '../../functions/catalog.ts';
import type { InvocationAnswer, InvokeFunction } from '../engine/part.ts';
import {
  type FunctionDescription,
  type FunctionRunner,
  type InvocationOutcome,
  type InvocationReport,
  responseLimitBytes,
} from '../host/runner.ts';

type RunnerOptions = {
  readonly plane: Plane;
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  readonly invoke: InvokeFunction;
  readonly clock: Clock;
};

const bytesPerMb = 2 ** 20;

/** The same try of the same step has the same payload: so a call that stops the loop twice is known again. */
const keyOf = (payload: string): string => createHash('sha256').update(payload).digest('hex').slice(0, 32);

const failed = (errorType: string, errorMessage: string, report: InvocationReport): InvocationOutcome => ({
  kind: 'failed',
  functionError: 'Unhandled',
  payload: JSON.stringify({ errorType, errorMessage }),
  logTail: '',
  report,
});

const outcomeOf = (answer: InvocationAnswer, report: InvocationReport): InvocationOutcome => {
  if (!answer.ok) return failed(answer.errorType, answer.errorMessage, report);
  const payload = JSON.stringify(answer.payload ?? null);
  if (Buffer.byteLength(payload) <= responseLimitBytes) return { kind: 'answered', payload, logTail: '', report };
  return failed(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${responseLimitBytes} bytes).`,
    report,
  );
};

/** What a door of the function host is told of a function that runs in this process. */
const describe = (name: string, entry: CatalogEntry, startedAt: string): FunctionDescription => ({
  spec: {
    name,
    code: name,
    memoryMb: entry.memoryMb,
    timeoutS: entry.timeoutS,
    concurrency: Number.MAX_SAFE_INTEGER,
    environment: {},
    labels: {},
    annotations: {},
  },
  codeSha256: '',
  codeSizeBytes: 0,
  deployedAt: startedAt,
  instances: 1,
  busy: 0,
  isEnabled: true,
  counts: { invocations: 0, failures: 0, throttles: 0, coldStarts: 0, crashes: 0 },
});

/** The functions of a plane in the plane's own process, as the doors of the function host ask for them. They log with the plane. */
export const createInPlaneRunner = ({ plane, catalog, invoke, clock }: RunnerOptions): FunctionRunner => {
  const startedAt = new Date(clock.nowMs()).toISOString();
  const own = new Map(
    Object.entries(catalog)
      .filter(([, entry]) => entry.plane === plane)
      .map(([name, entry]) => [name, describe(name, entry, startedAt)]),
  );
  return {
    invoke: async ({ name, payload: text }) => {
      const known = own.get(name);
      if (known === undefined) return { kind: 'refused', refusal: { reason: 'missing' } };
      const payload = text === '' ? {} : jsonOf(text);
      if (payload === undefined)
        return { kind: 'refused', refusal: { reason: 'not-json', detail: text.slice(0, 100) } };
      const beganMs = clock.nowMs();
      const { signal } = new AbortController();
      const answer = await invoke({ functionName: name, payload, invocationId: keyOf(text), signal });
      const memoryMb = known.spec.memoryMb;
      const maxMemoryMb = Math.round(process.memoryUsage.rss() / bytesPerMb);
      return outcomeOf(answer, { durationMs: clock.nowMs() - beganMs, memoryMb, maxMemoryMb });
    },
    list: () => [...own.values()],
    describe: (name) => own.get(name),
    logs: () => [],
    followLogs: () => () => undefined,
  };
};
