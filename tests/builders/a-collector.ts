import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { onLoopback } from './on-loopback.ts';

const Attribute = z.object({
  key: z.string(),
  value: z.union([z.strictObject({ stringValue: z.string() }), z.strictObject({ intValue: z.string() })]),
});
const Span = z.strictObject({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  name: z.string().min(1),
  kind: z.number(),
  startTimeUnixNano: z.string().regex(/^\d{19}$/),
  endTimeUnixNano: z.string().regex(/^\d{19}$/),
  attributes: z.array(Attribute),
  status: z.object({ code: z.number(), message: z.string().optional() }),
});
/** A span as it came. */
export type CollectedSpan = z.infer<typeof Span>;
const Export = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(Span) })),
    }),
  ),
});

/** A collector of OTLP over HTTP that keeps what it is told; `status` is what it answers. */
export const aCollector = async () => {
  const spans: CollectedSpan[] = [];
  const headers: (string | undefined)[] = [];
  const collector = { url: '', spans, headers, status: 200 };
  const server = createServer(async (request, response) => {
    const { resourceSpans } = Export.parse(JSON.parse(await text(request)));
    headers.push(`${request.method} ${request.url} ${request.headers['x-team'] ?? ''}`);
    if (collector.status === 200)
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}');
  });
  const { url, close } = await onLoopback(server);
  onTestFinished(close);
  collector.url = url;
  return collector;
};
