import { ricPart } from '../../local/host/runtime/ric-part.ts';
import { installables } from '../../local/stack/installing.ts';
import { installDynamoDbLocal, whyNoDynamoDbLocal } from '../../local/stack/parts/dynamodb-local.ts';
import { localstackPart } from '../../local/stack/parts/localstack.ts';
import { installMinio, whyNoMinio } from '../../local/stack/parts/minio.ts';
import { ministackPart } from '../../local/stack/parts/ministack.ts';
import { boto3Part } from './boto3.ts';
import { installPodman, whyNoPodman } from './podman.ts';
import { installRabbitMq, whyNoRabbitMq } from './rabbitmq.ts';
import { schemathesisPart } from './schemathesis.ts';
import { installTlsFront, whyNoTlsFront } from './tls-front.ts';

/** A program that is not papilio's: why it cannot be had on this machine, and what brings it there. One that can be had must be proved. */
type Need = { readonly whyNot: () => string | undefined; readonly install: () => void };

/** Tests of `tests/parts/<name>.test.ts`, and what they need. */
export type Part = { readonly needs: readonly Need[] };

const dynamoDbLocal: Need = { whyNot: whyNoDynamoDbLocal, install: installDynamoDbLocal };
const minio: Need = { whyNot: whyNoMinio, install: installMinio };
const podman: Need = { whyNot: whyNoPodman, install: installPodman };
const rabbitMq: Need = { whyNot: whyNoRabbitMq, install: installRabbitMq };
const tlsFront: Need = { whyNot: whyNoTlsFront, install: installTlsFront };

const stackParts: readonly Need[] = [...installables.ministack, ...installables.localstack];

/** The parts by name, the longest first. */
export const parts: Readonly<Record<string, Part>> = {
  schemathesis: { needs: [schemathesisPart] },
  'dynamo-store': { needs: [dynamoDbLocal, ministackPart, localstackPart] },
  'stack-held': { needs: stackParts },
  stack: { needs: stackParts },
  'stack-replay': { needs: stackParts },
  'stack-planes': { needs: stackParts },
  'stack-strangers': { needs: stackParts },
  rabbitmq: { needs: [rabbitMq] },
  'minio-faults': { needs: [minio] },
  ministack: { needs: [ministackPart] },
  boto3: { needs: [boto3Part] },
  'machines-aws': { needs: [ministackPart, localstackPart] },
  'dynamo-migrations': { needs: [dynamoDbLocal] },
  'dynamo-faults': { needs: [dynamoDbLocal] },
  'dynamo-hot-keys': { needs: [dynamoDbLocal] },
  'queues-aws': { needs: [ministackPart, localstackPart] },
  'minio-e1': { needs: [minio] },
  'minio-anchor': { needs: [minio] },
  'minio-objects': { needs: [minio] },
  'minio-events': { needs: [minio] },
  'lambda-runtime': { needs: [ricPart] },
  'lambda-runtime-boto3': { needs: [ricPart, boto3Part] },
  'lambda-runtime-functions': { needs: [ricPart, ministackPart] },
  integrations: { needs: [ministackPart] },
  'openfaas-container': { needs: [podman] },
  'tls-front': { needs: [tlsFront] },
};
