import type { IncomingMessage } from 'node:http';
import { Client } from 'minio';
import { type Pause, pauseByChance } from '#lib/pause';
import { isPassing } from './minio-errors.ts';
import type { Credentials } from './minio-presign.ts';
import { agentFor, transportOf } from './minio-transport.ts';

/** How MinIO, or any S3, is reached. */
export type MinioAccess = {
  /** `http://127.0.0.1:9000`; of AWS `https://s3.us-east-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  /** Keys, or who gives those of now. */
  readonly credentials: Credentials | (() => Promise<Credentials>);
  /** How often a call is made before papilio says that the store does not answer. */
  readonly tries?: number;
  /** After how long a connection on which nothing moves is given up. */
  readonly answerWithinMs?: number;
  readonly pause?: Pause;
};

/** A call of S3 on a bucket, or on an object of it. */
export type S3Call = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
};

const usualTries = 8;
const usualAnswerWithinMs = 10_000;

const queryOf = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => (value === '' ? name : `${name}=${encodeURIComponent(value)}`))
    .join('&');

const isSame = (one: Credentials, other: Credentials): boolean =>
  one.accessKeyId === other.accessKeyId &&
  one.secretAccessKey === other.secretAccessKey &&
  one.sessionToken === other.sessionToken;

const createClients = ({ endpoint, region, credentials, answerWithinMs = usualAnswerWithinMs }: MinioAccess) => {
  const { protocol, hostname, port } = new URL(endpoint);
  const isSecure = protocol === 'https:';
  const transportAgent = agentFor(isSecure);
  const transport = transportOf(isSecure, answerWithinMs);
  let last: { readonly of: Credentials; readonly client: Client } | undefined;

  const credentialsNow = async (): Promise<Credentials> =>
    typeof credentials === 'function' ? credentials() : credentials;

  /** A client with the keys of now. */
  const current = async (): Promise<Client> => {
    const of = await credentialsNow();
    if (last !== undefined && isSame(last.of, of)) return last.client;
    const client = new Client({
      endPoint: hostname,
      ...(port !== '' && { port: Number(port) }),
      useSSL: isSecure,
      region,
      accessKey: of.accessKeyId,
      secretKey: of.secretAccessKey,
      ...(of.sessionToken !== undefined && { sessionToken: of.sessionToken }),
      transport,
      transportAgent,
      retryOptions: { disableRetry: true },
    });
    // Bodies are held against a CRC-32C, which is signed with the other headers: no SHA-256 of 2 GB beside it.
    client.enableSHA256 = false;
    last = { of, client };
    return client;
  };
  return { current, credentialsNow, close: () => transportAgent.destroy() };
};

/** A bucket with its calls, each tried a bounded number of times while what it meets may pass. */
export const openBucket = (access: MinioAccess, name: string) => {
  const { tries = usualTries, pause = pauseByChance } = access;
  const { current, credentialsNow, close } = createClients(access);

  const ask = async <T>(use: (client: Client) => Promise<T>): Promise<T> => {
    for (let made = 1; ; made++) {
      try {
        return await use(await current());
      } catch (thrown) {
        if (made >= tries || !isPassing(thrown)) throw thrown;
        await pause(made);
      }
    }
  };

  /** Makes a call and takes its answer; an answer that is cut off is asked for again. */
  const call = <T>(
    { method, key, query = {}, headers = {}, body = '' }: S3Call,
    take: (answer: IncomingMessage) => Promise<T> | T,
  ): Promise<T> =>
    ask(async (client) => {
      const options = { method, bucketName: name, query: queryOf(query), headers: { ...headers } };
      const object = key === undefined ? {} : { objectName: key };
      return take(await client.makeRequestAsync({ ...options, ...object }, body, [200, 204, 206]));
    });

  return { name, access, ask, call, credentialsNow, close };
};

/** An open bucket. */
export type Bucket = ReturnType<typeof openBucket>;
