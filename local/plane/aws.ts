import { SFNClient, type SFNClientConfig } from '@aws-sdk/client-sfn';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { askPeers } from '../engine/integrations/ask-peers.ts';
import type { AskPeer } from '../engine/integrations/peers.ts';
import type { Call } from '../engine/protocol.ts';
import { createRequestHandler, noSigning } from '../engine/request-handler.ts';

const other: Readonly<Record<Plane, Plane>> = { archive: 'work', work: 'archive' };

/** How a plane's state machines reach the queues and machines of the other one. */
export const peersOf = (plane: Plane): AskPeer => {
  const peer = other[plane];
  return askPeers({ [accounts[peer]]: { socketPath: `${peer}/sock` } });
};

/** How a plane's AWS clients reach their services: its own engine in process, the other plane's over its socket. */
export const awsOf = (plane: Plane, region: string, call: Call): SQSClientConfig & SFNClientConfig => {
  const peer = other[plane];
  const routes = { [accounts[plane]]: { call }, [accounts[peer]]: { socketPath: `${peer}/sock` } };
  return { ...noSigning, region, requestHandler: createRequestHandler({ routes, defaultAccount: accounts[plane] }) };
};

/** The two clients of a plane. */
export const clientsOf = (
  aws: SQSClientConfig & SFNClientConfig,
): { readonly sqs: SQSClient; readonly sfn: SFNClient } => ({
  sqs: new SQSClient(aws),
  sfn: new SFNClient(aws),
});
