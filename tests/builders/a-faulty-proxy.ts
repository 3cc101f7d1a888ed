import { createServer, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { passOn } from './a-steered-proxy.ts';
import { onLoopback } from './on-loopback.ts';
import { aRandom } from './random.ts';

/** A proxy between a client and a service that lets some of the calls fail, as networks and services do. */
export type FaultyProxy = {
  readonly url: string;
  /** How many calls met which fault. */
  readonly met: Readonly<Record<Fault, number>>;
  readonly close: () => Promise<void>;
};

const faults = ['throttled', 'broken', 'cut-before', 'cut-after'] as const;
type Fault = (typeof faults)[number];

type Refuse = (response: ServerResponse, fault: 'throttled' | 'broken') => void;

/** Refuses as DynamoDB does. */
const asDynamoDb: Refuse = (response, fault) => {
  const [status, type] = fault === 'throttled' ? [400, 'ThrottlingException'] : [500, 'InternalServerError'];
  const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'by the proxy' });
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
};

/** Refuses as S3 does. */
export const asS3: Refuse = (response, fault) => {
  const [status, code] = fault === 'throttled' ? [503, 'SlowDown'] : [500, 'InternalError'];
  const body = `<Error><Code>${code}</Code><Message>by the proxy</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
};

/** Starts it; `rate` of the calls, by a seeded choice, are throttled, answered by 500, or cut before or after they reach the service. */
export const aFaultyProxy = async (
  target: string,
  rate: number,
  seed: number,
  refuse: Refuse = asDynamoDb,
): Promise<FaultyProxy> => {
  const random = aRandom(seed);
  const met = { throttled: 0, broken: 0, 'cut-before': 0, 'cut-after': 0 };
  const choose = (): Fault | undefined => (random() < rate ? faults[Math.floor(random() * faults.length)] : undefined);

  const server = createServer((incoming, response) => {
    const fault = choose();
    if (fault !== undefined) met[fault] += 1;
    const pass = async (): Promise<void> => {
      const body = await buffer(incoming);
      if (fault === 'throttled' || fault === 'broken') return refuse(response, fault);
      if (fault === 'cut-before') return void response.destroy();
      passOn(target, { incoming, body, response }, fault);
    };
    pass().catch(() => response.destroy());
  });
  const { url, close } = await onLoopback(server);
  return { url, met, close };
};
