import type { TableNames } from '../../functions/adapters/store/dynamo-tables.ts';
import { cloud } from '../../functions/lib/deps.ts';
import { storeTableNames } from '../../functions/lib/schema/store-table.ts';
import type { OpenStore } from '../contract/store-suite.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

/** How DynamoDB, or what speaks its interface, is reached on loopback. */
export const awsAt = (endpoint = '') => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'papilio', secretAccessKey: 'papilio' },
});

let places = 0;

/** Names of tables that nobody has used. */
export const newTables = (): TableNames => {
  places += 1;
  return storeTableNames({ instance: `t${places}`, wing: 'bnl', plane: 'work' });
};

/** Ahead of the clocks of the services, which would delete by theirs what expires by the test's. */
export const aLateClock = (): FakeClock => fakeClock(Date.UTC(2099, 0, 1));

export type DynamoOptions = {
  readonly clock?: FakeClock;
  readonly tables?: TableNames;
  readonly sweep?: boolean;
  readonly aws?: object;
  readonly pause?: (tries: number) => Promise<void>;
};

/** Opens a store on DynamoDB at an address, in tables of its own unless told which. */
export const aDynamoStore = async (url: string | undefined, options: DynamoOptions = {}): Promise<OpenStore> => {
  const { clock = aLateClock(), tables = newTables(), sweep = false, aws = {}, pause } = options;
  const open = await cloud.dynamoStore();
  const { store, log } = await open({
    aws: { ...awsAt(url), ...aws },
    tables,
    clock,
    createTables: true,
    sweep,
    ...(pause && { pause }),
  });
  return { store, log, clock, catchUp: async () => {}, close: store.close };
};
