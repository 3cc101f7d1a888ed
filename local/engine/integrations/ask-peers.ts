import * as z from 'zod';
import { AwsError, type PartName } from '../part.ts';
import { createRequestHandler, type Route } from '../request-handler.ts';
import type { AskPeer } from './peers.ts';

const TARGETS: Readonly<Record<PartName, string>> = { sqs: 'AmazonSQS', sfn: 'AWSStepFunctions' };

const Refusal = z.object({ __type: z.string(), message: z.string().default('') });

/** Asks the engines of other accounts, behind sockets or loopback ports. */
export const askPeers = (routes: Readonly<Record<string, Route>>): AskPeer => {
  const peers = new Map(
    Object.entries(routes).map(([account, route]) => [
      account,
      createRequestHandler({ routes: { [account]: route }, defaultAccount: account }),
    ]),
  );
  return async (account, service, operation, input, signal) => {
    const peer = peers.get(account);
    if (peer === undefined) throw new AwsError('InvalidAddress', `No engine of account ${account} is known.`, 404);
    const request = { headers: { 'x-amz-target': `${TARGETS[service]}.${operation}` }, body: JSON.stringify(input) };
    const { response } = await peer.handle(request, { abortSignal: signal });
    const answer: unknown = JSON.parse(Buffer.from(response.body).toString('utf8'));
    if (response.statusCode === 200) return Object(answer);
    const { __type, message } = Refusal.parse(answer);
    throw new AwsError(__type.replace(/^.*#/, ''), message, response.statusCode);
  };
};
