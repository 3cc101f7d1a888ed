import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import awsLambdaFastify from '@fastify/aws-lambda';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { App } from '../surroundings.ts';
import { plainEvent } from './event.ts';

type Head = { readonly statusCode: number; readonly headers: Readonly<Record<string, string>> };

/** What AWS's runtime puts into the world of a function whose answers stream. */
export type StreamRuntime<Handler> = {
  readonly streamifyResponse: (handler: (event: unknown, answer: Writable) => Promise<void>) => Handler;
  readonly HttpResponseStream: { readonly from: (answer: Writable, head: Head) => Writable };
};

const shared = { decorateRequest: false, parseCommaSeparatedQueryParams: false } as const;
// Bytes that are no text travel as base64.
const whole = { ...shared, binaryMimeTypes: ['application/octet-stream'] };
const streaming = { ...shared, payloadAsStream: true } as const;

/**
 * Largest answer, in bytes, of an application that runs with whole answers: Lambda takes 6 MB, and base64 adds a third. Its
 * `answerMaxBytes` is this, so that larger files are refused before they are read.
 */
export const wholeAnswerMaxBytes = 4_500_000;

/** What AWS's gateways take for an answer. */
export type Answer = Head & { readonly body: string; readonly isBase64Encoded?: boolean };

/** The application as a function behind API Gateway or a function URL, with whole answers. */
export const inLambda = (app: App): ((event: unknown) => Promise<Answer>) => {
  const handle = awsLambdaFastify(app, whole);
  return async (event) => {
    const { statusCode, headers, body, isBase64Encoded = false } = await handle(plainEvent(event), undefined);
    return { statusCode, headers, body, isBase64Encoded };
  };
};

/**
 * The application as a function behind a function URL with response streaming: the way for live events. The answer begins
 * with its headers, and ends when the client has gone.
 */
export const inStreamingLambda = <Handler>(app: App, runtime: StreamRuntime<Handler>): Handler => {
  const handle = awsLambdaFastify<unknown, typeof streaming>(withFirstBytes(app), streaming);
  return runtime.streamifyResponse(async (event, answer) => {
    const { meta, stream } = await handle(plainEvent(event), undefined);
    const { statusCode, headers } = meta;
    await forward(stream, runtime.HttpResponseStream.from(answer, { statusCode, headers }));
  });
};

/**
 * The application, whose streamed answers are handed over when their first bytes are there, or their end: what has none
 * yet is taken for empty by the adapter.
 */
const withFirstBytes = (app: App): App => {
  type Callback = (error: Error | undefined, response: LightMyRequestResponse | undefined) => void;
  const inject = (options: InjectOptions, callback: Callback): void =>
    app.inject(options, (error, response) => {
      const stream = response?.stream();
      const hand = () => callback(error, response);
      if (!stream || stream.readableLength > 0 || stream.readableEnded) return hand();
      stream.once('readable', hand);
    });
  return Object.create(app, { inject: { value: inject } });
};

/** A client that goes ends the stream; that is no failure of the function. */
const forward = async (from: Readable, to: Writable): Promise<void> => {
  await pipeline(from, to).catch(() => from.destroy());
};
