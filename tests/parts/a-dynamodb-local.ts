import { afterAll, beforeAll } from 'vitest';
import {
  type DynamoDbLocal,
  installDynamoDbLocal,
  startDynamoDbLocal,
} from '../../local/stack/parts/dynamodb-local.ts';

/** A DynamoDB Local for all tests of the file that asks for it; gives where it is. */
export const aDynamoDbLocal = (): (() => string) => {
  let service: DynamoDbLocal | undefined;
  beforeAll(async () => {
    installDynamoDbLocal();
    service = await startDynamoDbLocal();
  }, 600_000);
  afterAll(() => service?.stop());
  return () => service?.url ?? '';
};
