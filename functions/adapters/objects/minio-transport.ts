import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';

/** What minio-js sends its requests by. */
export type Transport = { readonly request: typeof httpRequest };
type Answered = (response: IncomingMessage) => void;

/** Answers of a service in trouble. minio-js gives them up without reading them, with the connection and the reason. */
const troubled: ReadonlySet<number | undefined> = new Set([408, 429, 499, 500, 502, 503, 504, 520]);
const connections = 32;

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });

/** The error in an answer, read to its end so that its connection can be used again. */
const troubleIn = async (response: IncomingMessage): Promise<Error> => {
  const body = await text(response).catch(() => '');
  const [, code = `HTTP ${response.statusCode}`] = /<Code>([^<]+)<\/Code>/.exec(body) ?? [];
  const [, message = 'the service is in trouble'] = /<Message>([^<]+)<\/Message>/.exec(body) ?? [];
  return withCode(message, code);
};

/** Over which connections requests go. */
export const agentFor = (isSecure: boolean): HttpAgent =>
  isSecure
    ? new HttpsAgent({ keepAlive: true, maxSockets: connections })
    : new HttpAgent({ keepAlive: true, maxSockets: connections });

/** HTTP that gives up a connection on which nothing moves for `answerWithinMs`, and says what a service in trouble said. */
export const transportOf = (isSecure: boolean, answerWithinMs: number): Transport => {
  const send = isSecure ? httpsRequest : httpRequest;
  const request = (
    where: RequestOptions | string | URL,
    second?: RequestOptions | Answered,
    third?: Answered,
  ): ClientRequest => {
    const answered = typeof second === 'function' ? second : third;
    const options = typeof where === 'string' || where instanceof URL ? {} : where;
    const asked = send({ ...options, timeout: answerWithinMs }, (response) => {
      if (!troubled.has(response.statusCode)) return answered?.(response);
      void troubleIn(response).then((error) => asked.emit('error', error));
    });
    asked.on('timeout', () => asked.destroy(withCode(`nothing came for ${answerWithinMs} ms`, 'ETIMEDOUT')));
    return asked;
  };
  return { request };
};
