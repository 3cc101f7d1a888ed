import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onLoopback } from './on-loopback.ts';

/** A refusal in the words of AWS's JSON protocols. */
export type Refusal = { readonly status: number; readonly type: string; readonly more?: object };

/**
 * What becomes of a call: it is refused, cut before it arrives, cut after it was done, cut in the middle of its answer,
 * or never answered.
 */
export type Fault = Refusal | 'cut-before' | 'cut-after' | 'cut-within' | 'silent';

/** A call on its way: `TransactWriteItems`, `SendMessageBatch`. */
export type Passing = { readonly operation: string; readonly body: string };

/** A proxy between a client and a service; what becomes of each call is decided by a test. */
export type SteeredProxy = {
  readonly url: string;
  /** The operations that were asked for, in order, those that met a fault too. */
  readonly asked: string[];
  /** Decides from now on; without a decision calls pass. */
  readonly steer: (decide?: (call: Passing) => Fault | undefined) => void;
  readonly close: () => Promise<void>;
};

const refuse = (response: ServerResponse, { status, type, more }: Refusal): void => {
  const body = JSON.stringify({ __type: type, message: `${type}, by the proxy`, ...more });
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
};

/** A call that a proxy has read, and where its answer goes. */
export type Read = { readonly incoming: IncomingMessage; readonly body: Buffer; readonly response: ServerResponse };

/** Asks the service, and hands its answer on, or not, or half of it. */
export const passOn = (target: string, { incoming, body, response }: Read, fault?: Fault): void => {
  const { method, headers } = incoming;
  const onward = request(`${target}${incoming.url ?? '/'}`, { method, headers }, (answer) => {
    // What was asked has been done, and nobody hears of it, or only half.
    if (fault === 'cut-after') answer.resume().once('end', () => response.destroy());
    else if (fault === 'cut-within') cutWithin(answer, response);
    else answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
  });
  onward.once('error', () => response.destroy());
  onward.end(body);
};

const cutWithin = (answer: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.once('data', (chunk: Buffer) => {
    response.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => response.destroy());
  });
  answer.once('end', () => response.destroy());
};

/** Starts one before a service. */
export const aSteeredProxy = async (target: string): Promise<SteeredProxy> => {
  const asked: string[] = [];
  let decide: (call: Passing) => Fault | undefined = () => undefined;
  const server = createServer((incoming, response) => {
    const pass = async (): Promise<void> => {
      const body = await buffer(incoming);
      const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
      asked.push(operation);
      const fault = decide({ operation, body: body.toString('utf8') });
      if (fault === 'silent') return;
      if (fault === 'cut-before') return void response.destroy();
      if (typeof fault === 'object') return refuse(response, fault);
      passOn(target, { incoming, body, response }, fault);
    };
    pass().catch(() => response.destroy());
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    asked,
    steer: (next = () => undefined) => {
      decide = next;
    },
    close,
  };
};
