import { afterAll, beforeAll } from 'vitest';
import {
  type DynamoDbLocal,
  installDynamoDbLocal,
  startDynamoDbLocal,
} from '../../local/stack/parts/dynamodb-local.ts';
import { aDynamoStore } from '../builders/a-dynamo-store.ts';

/** A DynamoDB Local for all tests of the file that asks for it; gives where it is. */
export const aDynamoDbLocal = (): (() => string) => {
  let service: DynamoDbLocal | undefined;
  beforeAll(async () => {
    installDynamoDbLocal();
    service = await startDynamoDbLocal();
    // Its first table takes it seconds: who is in a hurry comes after that.
    await (await aDynamoStore(service.url)).close();
  }, 600_000);
  afterAll(() => service?.stop());
  return () => service?.url ?? '';
};
