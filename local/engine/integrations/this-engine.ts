import { AwsError } from '../part.ts';
import { answerRequest, type Call } from '../protocol.ts';

type SdkRequest = { readonly headers: Readonly<Record<string, string>>; readonly body?: unknown };
type SdkResponse = { statusCode: number; headers: Record<string, string>; body: Uint8Array };

const textOf = (body: unknown): string => {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8') : '';
};

/**
 * Client options by which an SDK's calls come to the engine that the state machine itself runs in, without a socket and
 * unsigned. What the engine cannot write now, and that a peer is away, is thrown as it is: nobody has refused anything.
 */
export const thisEngine = (call: Call, region: string): object => ({
  region,
  endpoint: 'http://127.0.0.1',
  credentials: { accessKeyId: 'papilio', secretAccessKey: 'papilio' },
  signer: { sign: async <R>(request: R): Promise<R> => request },
  requestHandler: {
    handle: async (
      { headers, body }: SdkRequest,
      { abortSignal }: { readonly abortSignal?: unknown } = {},
    ): Promise<{ response: SdkResponse }> => {
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      let unanswered: unknown;
      const noting: Call = (...asked) =>
        call(...asked).catch((error: unknown) => {
          if (!(error instanceof AwsError) || error.status === 503) unanswered = error;
          throw error;
        });
      const answer = await answerRequest(noting, headers['x-amz-target'], textOf(body), signal);
      if (unanswered !== undefined) throw unanswered;
      const response = { statusCode: answer.status, headers: { ...answer.headers }, body: Buffer.from(answer.body) };
      return { response };
    },
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  },
});
