import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

const Payload = z.object({
  id: z.string(),
  item: z.number().default(0),
  fails: z.number().default(0),
  token: z.string().default(''),
});

/** What a function is called with, and which call of this task it is: the same number when a call is repeated. */
export type Invocation = z.infer<typeof Payload> & { readonly nth: number };

/** What a function gives; what it throws is its failure. */
export type TestFunction = (invocation: Invocation) => object;

/** A Lambda Invoke API that counts who was called, and how often. */
export type Functions = {
  readonly url: string;
  /** Calls, repeated ones included; of one execution, by the id in its input. */
  readonly calls: (id?: string) => number;
  /** Different tasks, by the id that a repeated call has again; of one execution, by the id in its input. */
  readonly tasks: (id?: string) => number;
  readonly close: () => void;
};

const answerOf = (run: TestFunction | undefined, invocation: Invocation): { isError: boolean; body: object } => {
  try {
    if (run === undefined) throw new Error('there is no such function');
    return { isError: false, body: run(invocation) };
  } catch (error) {
    const isKnown = error instanceof Error;
    return { isError: true, body: { errorType: isKnown ? error.name : 'Error', errorMessage: String(error) } };
  }
};

/** Serves functions on a port of its own, each after a moment that `delayMs` draws. */
export const serveFunctions = async (
  functions: Readonly<Record<string, TestFunction>>,
  delayMs: () => number,
): Promise<Functions> => {
  /** By the id in the input and the function: ids of the tasks, in the order in which they were first seen. */
  const seen = new Map<string, string[]>();
  /** Calls by the id in the input. */
  const calls = new Map<string, number>();
  const noted = (key: string, invocationId: string): number => {
    const known = seen.get(key) ?? [];
    if (!known.includes(invocationId)) known.push(invocationId);
    seen.set(key, known);
    return known.indexOf(invocationId);
  };
  const server = createServer(async (request, response) => {
    const name = /functions\/([^/]+)\/invocations/.exec(request.url ?? '')?.[1] ?? '';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const payload = Payload.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    calls.set(payload.id, (calls.get(payload.id) ?? 0) + 1);
    const nth = noted(`${payload.id} ${name} ${payload.item}`, String(request.headers['x-amzn-invocation-id']));
    const { isError, body } = answerOf(functions[name], { ...payload, nth });
    setTimeout(() => {
      if (isError) response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(JSON.stringify(body));
    }, delayMs());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const count = (id?: string): number =>
    Array.from(seen).reduce(
      (sum, [key, ids]) => sum + (id === undefined || key.startsWith(`${id} `) ? ids.length : 0),
      0,
    );
  return {
    url: `http://127.0.0.1:${isAddress(address) ? address.port : 0}`,
    calls: (id) =>
      id === undefined ? [...calls.values()].reduce((sum, count) => sum + count, 0) : (calls.get(id) ?? 0),
    tasks: count,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

const isAddress = (address: AddressInfo | string | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;
