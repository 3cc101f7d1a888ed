import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { Clock } from '#ports/clock';
import { keyOf } from './dynamo-commit.ts';
import { type DynamoTable, forEachOf, type StartKey } from './dynamo-table.ts';

const sweepEveryMs = 60_000;

/** Deletes a record, if it is still the one that expired. */
const remove = async (ddb: DynamoDB, TableName: string, key: { pk: string; sk: string }, nowMs: number) => {
  try {
    await ddb.deleteItem({
      TableName,
      Key: keyOf(key),
      ConditionExpression: 'expiresMs <= :now',
      ExpressionAttributeValues: { ':now': { N: String(nowMs) } },
    });
  } catch (thrown) {
    if (!(thrown instanceof Error && thrown.name === 'ConditionalCheckFailedException')) throw thrown;
  }
};

/** Removes what has expired, by a scan of the whole table. */
export const sweepTable = async (ddb: DynamoDB, table: DynamoTable, nowMs: number): Promise<void> => {
  let startAt: StartKey | undefined;
  do {
    const page = await table.expired(nowMs, startAt);
    await forEachOf(page.keys, (key) => remove(ddb, table.name, key, nowMs));
    startAt = page.next;
  } while (startAt !== undefined);
};

/** Sweeps once a minute; one that fails is made up for by the next. */
export const createDynamoSweeper = (clock: Clock, sweep: (nowMs: number) => Promise<void>) => {
  let cancel = (): void => {};
  let isStopped = false;
  const arm = (): void => {
    if (isStopped) return;
    cancel = clock.at(clock.nowMs() + sweepEveryMs, () => {
      sweep(clock.nowMs()).then(arm, arm);
    });
  };
  arm();
  return {
    stop: (): void => {
      isStopped = true;
      cancel();
    },
  };
};
