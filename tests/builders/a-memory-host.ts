import type {
  Deployment,
  FunctionDescription,
  FunctionHost,
  FunctionSpec,
  InvocationOutcome,
  InvocationRequest,
  LogLine,
} from '../../local/host/runner.ts';

/** A function in this process, as Lambda would call it. */
export type Handler = (event: unknown, context: object) => Promise<unknown>;

/** A function host without processes, for tests of its doors. */
export type MemoryHost = FunctionHost & {
  /** Calls that came to a function. */
  readonly seen: InvocationRequest[];
  /** Answers the next calls in the place of the functions, in this order. */
  readonly refuse: (...outcomes: InvocationOutcome[]) => void;
  readonly write: (name: string, line: LogLine) => void;
};

/** How its functions are deployed unless something else is said. */
export const usually = { memoryMb: 256, timeoutS: 30, concurrency: 4 };

/** A function as it is deployed from the beginning. */
export const aSpec = (name: string, more: Partial<FunctionSpec> = {}): FunctionSpec => ({
  ...{ name, code: name, ...usually, environment: {}, labels: {}, annotations: {} },
  ...more,
});

const report = { durationMs: 1, memoryMb: 256, maxMemoryMb: 60 };
const timedOut = (requestId: string): string =>
  JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: Task timed out` });

const failed = (payload: string): InvocationOutcome => ({
  ...{ kind: 'failed', functionError: 'Unhandled', payload, logTail: '', report },
});

const run = async (handler: Handler, { name, payload, requestId }: InvocationRequest): Promise<InvocationOutcome> => {
  try {
    const result = await handler(JSON.parse(payload), { awsRequestId: requestId, functionName: name });
    return { kind: 'answered', payload: JSON.stringify(result) ?? 'null', logTail: '', report };
  } catch (thrown) {
    const { name: errorType, message: errorMessage } = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (errorType === 'Slow') return failed(timedOut(requestId));
    return failed(JSON.stringify({ errorType, errorMessage, trace: [] }));
  }
};

const done: Deployment = { ok: true };

/** Makes a host whose codes are these handlers; all of them are deployed, or those that `names` has. */
export const aMemoryHost = (codes: Readonly<Record<string, Handler>>, names = Object.keys(codes)): MemoryHost => {
  const specs = new Map(names.map((name) => [name, aSpec(name)]));
  const scales = new Map<string, number>();
  const seen: InvocationRequest[] = [];
  const next: InvocationOutcome[] = [];
  const lines = new Map<string, LogLine[]>();
  const listeners = new Set<(name: string, line: LogLine) => void>();
  const describe = (spec: FunctionSpec): FunctionDescription => ({
    ...{ spec, codeSha256: 'c0de', codeSizeBytes: 1, deployedAt: '2026-01-01T00:00:00.000Z', busy: 0 },
    instances: scales.get(spec.name) ?? 0,
    isEnabled: scales.get(spec.name) !== 0,
    counts: { invocations: seen.length, failures: 0, throttles: 0, coldStarts: 0, crashes: 0 },
  });
  const put = (spec: FunctionSpec): Deployment => {
    if (!Object.hasOwn(codes, spec.code)) return { ok: false, problem: 'unknown-code' };
    if (!(spec.memoryMb >= 64 && spec.timeoutS > 0 && spec.concurrency > 0)) return { ok: false, problem: 'invalid' };
    specs.set(spec.name, spec);
    return done;
  };
  return {
    seen,
    refuse: (...outcomes) => next.push(...outcomes),
    write: (name, line) => {
      lines.set(name, [...(lines.get(name) ?? []), line]);
      for (const tell of listeners) tell(name, line);
    },
    invoke: async (request) => {
      const outcome = next.shift();
      if (outcome !== undefined) return outcome;
      const spec = specs.get(request.name);
      const handler = spec && codes[spec.code];
      if (handler === undefined) return { kind: 'refused', refusal: { reason: 'missing' } };
      seen.push(request);
      return run(handler, request);
    },
    list: () => [...specs.values()].map(describe).sort((one, other) => (one.spec.name < other.spec.name ? -1 : 1)),
    describe: (name) => {
      const spec = specs.get(name);
      return spec && describe(spec);
    },
    logs: (name, { sinceMs = 0 } = {}) => (lines.get(name) ?? []).filter(({ at }) => Date.parse(at) >= sinceMs),
    followLogs: (wanted, tell) => {
      const listener = (name: string, line: LogLine) => {
        if (name === wanted) tell(line);
      };
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    codes: () => Object.keys(codes).sort(),
    deploy: async (spec) => (specs.has(spec.name) ? { ok: false, problem: 'exists' } : put(spec)),
    update: async (spec) => (specs.has(spec.name) ? put(spec) : { ok: false, problem: 'missing' }),
    remove: async (name) => (specs.delete(name) ? done : { ok: false, problem: 'missing' }),
    scale: async (name, instances) => {
      if (!specs.has(name)) return { ok: false, problem: 'missing' };
      scales.set(name, instances);
      return done;
    },
    close: async () => undefined,
  };
};
