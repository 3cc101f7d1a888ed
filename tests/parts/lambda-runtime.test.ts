import { expect, test } from 'vitest';
import { ricPart } from '../../local/host/runtime/ric-part.ts';
import { awsRuntimeClient } from '../../local/host/runtime/runtime-client.ts';
import { hostSuite } from '../contract/host-suite.ts';

/** The function host under AWS's own runtime client, compiled on this machine: the same suite as under papilio's. */
ricPart.install();
const client = awsRuntimeClient();

test('the client is the one that is installed, of the version that is named', () => {
  expect(client?.title).toBe(`aws-lambda-ric ${ricPart.version}`);
});

if (client !== undefined) hostSuite(client);
