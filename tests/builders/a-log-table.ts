import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import type { LogTable } from '../../functions/adapters/event-log/dynamo-items.ts';
import { logTableOf } from '../../functions/adapters/store/dynamo.ts';
import { createCommit } from '../../functions/adapters/store/dynamo-commit.ts';
import { openDynamoTable } from '../../functions/adapters/store/dynamo-table.ts';
import { pauseByChance } from '../../functions/lib/pause.ts';

/** The table of a log as its store has it. */
export const aLogTable = (ddb: DynamoDB, name: string): LogTable =>
  logTableOf(openDynamoTable(ddb, name, pauseByChance), createCommit(ddb, pauseByChance));
