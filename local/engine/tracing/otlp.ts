import type { Clock } from '#ports/clock';
import type { Span } from './trace-spans.ts';

/** Where spans go, and who sends them. */
export type OtlpOptions = {
  /** Base address of a collector; `/v1/traces` is appended. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
};

/** Sends spans in the background; what nobody takes is dropped, and counted. */
export type SpanSender = {
  readonly send: (spans: readonly Span[]) => void;
  /** Sends what is left, for a short while. */
  readonly close: () => Promise<void>;
};

const batchSpans = 512;
const mostWaiting = 20_000;
const everyMs = 1000;
const patienceMs = 5000;
const kinds = { internal: 1, client: 3 } as const;
const codes = { ok: 1, error: 2 } as const;

const anyValue = (value: string | number) =>
  typeof value === 'number' ? { intValue: String(value) } : { stringValue: value };

const attributesOf = (attributes: Readonly<Record<string, string | number>>) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

const nanoseconds = (atMs: number): string => `${BigInt(Math.round(atMs * 1000))}000`;

/** A span in OTLP's JSON. */
const wireSpan = (span: Span) => ({
  traceId: span.traceId,
  spanId: span.spanId,
  ...(span.parentId !== undefined && { parentSpanId: span.parentId }),
  name: span.name,
  kind: kinds[span.kind],
  startTimeUnixNano: nanoseconds(span.startedAtMs),
  endTimeUnixNano: nanoseconds(span.endedAtMs),
  attributes: attributesOf(
    span.error === undefined ? span.attributes : { ...span.attributes, 'error.type': span.error },
  ),
  status: span.error === undefined ? { code: codes.ok } : { code: codes.error, message: span.error },
});

/** Makes a sender of OTLP over HTTP, in JSON. */
export function createSpanSender(
  { endpoint, headers, serviceName }: OtlpOptions,
  { clock, note }: { readonly clock: Clock; readonly note: (result: 'sent' | 'dropped', count: number) => void },
): SpanSender {
  const url = `${endpoint.replace(/(?<!\/)\/+$/, '')}/v1/traces`;
  const resource = { attributes: attributesOf({ 'service.name': serviceName }) };
  let waiting: Span[] = [];
  let underWay: Promise<void> | undefined;
  let cancel: (() => void) | undefined;

  const post = async (spans: readonly Span[]): Promise<boolean> => {
    const scopeSpans = [{ scope: { name: 'papilio' }, spans: spans.map(wireSpan) }];
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] });
    const signal = AbortSignal.timeout(patienceMs);
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
        signal,
      });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    }
  };
  /** A collector that is away gets each batch once more; there is no use in keeping what it may never take. */
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const spans = waiting.splice(0, batchSpans);
      const isSent = (await post(spans)) || (await post(spans));
      note(isSent ? 'sent' : 'dropped', spans.length);
    }
  };
  const start = (): void => {
    cancel = undefined;
    underWay ??= flush().finally(() => {
      underWay = undefined;
    });
  };
  return {
    send: (spans) => {
      const room = Math.max(0, mostWaiting - waiting.length);
      if (spans.length > room) note('dropped', spans.length - room);
      waiting = waiting.concat(spans.slice(0, room));
      if (underWay === undefined) cancel ??= clock.at(clock.nowMs() + everyMs, start);
    },
    close: async () => {
      cancel?.();
      await underWay;
      await flush();
    },
  };
}
