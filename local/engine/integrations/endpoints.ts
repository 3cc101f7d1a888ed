import type { SdkService } from './sdk-clients.ts';

/** Where services are, and who asks them: AWS's own names of the environment. */
export type Endpoints = {
  /** By service, `AWS_ENDPOINT_URL_S3` and so on. */
  readonly urls?: Partial<Readonly<Record<SdkService, string | undefined>>>;
  /** For services without one of their own, `AWS_ENDPOINT_URL`. */
  readonly url?: string | undefined;
  readonly region?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
};

/** The name under which AWS's clients look for a service's endpoint. */
export const endpointName = (service: string): string => `AWS_ENDPOINT_URL_${service.toUpperCase()}`;

const connectWithinMs = 5_000;
const answerWithinMs = 60_000;

/** What a client of an endpoint is opened with. Without credentials any will do, as emulators want it. */
export const endpointConfig = (
  endpoint: string,
  endpoints: Endpoints,
  region: string,
  requestTimeout = answerWithinMs,
): object => ({
  endpoint,
  region: endpoints.region ?? region,
  credentials: {
    accessKeyId: endpoints.accessKeyId ?? 'any',
    secretAccessKey: endpoints.secretAccessKey ?? 'any',
    ...(endpoints.sessionToken !== undefined && { sessionToken: endpoints.sessionToken }),
  },
  requestHandler: {
    connectionTimeout: connectWithinMs,
    requestTimeout,
    throwOnRequestTimeout: true,
  },
  // S3: other stores than AWS's have no names of buckets in their host names, and few know its newer checksums.
  forcePathStyle: true,
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});
