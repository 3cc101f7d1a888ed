import { readFile } from 'node:fs/promises';
import type * as z from 'zod';
import type { Clock } from '#ports/clock';
import { BridgeState } from '#schema/check-up';
import type { BrokerView } from '#schema/condition';
import { Processes, type ProcessLine } from '#schema/processes';
import type { Conditions } from '../../functions/api/surroundings.ts';
import { bridgeSilentMs, bridgeStateFile } from '../bridge/broker-state.ts';

/** Where the supervisor keeps how each of its processes is. */
const processesFile = 'processes.json';

const readState = async <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> => {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
};

type Known = BridgeState['brokers'][number];

const stateOf = ({ isConnected, tries = 0 }: Known): BrokerView['state'] => {
  if (isConnected) return 'connected';
  return tries === 0 ? 'connecting' : 'away';
};

const viewOf = ({ isConnected, ...known }: Known): BrokerView => ({
  ...known,
  state: stateOf({ isConnected, ...known }),
});

/** A report of a bridge that ran under an earlier supervisor, or before the restart that is under way, says nothing. */
const isOutdated = (at: string | undefined, bridge: ProcessLine | undefined): boolean =>
  bridge === undefined || (bridge.state === 'starting' && at !== undefined && at < bridge.since);

/** Brokers by the last report of the bridge: of one that has stopped reporting nothing is known. */
export const brokersOf = (
  { at, brokers }: BridgeState,
  processes: readonly ProcessLine[] | undefined,
  nowMs: number,
): BrokerView[] => {
  const bridge = processes?.find(({ name }) => name === 'bridge');
  if (processes !== undefined && isOutdated(at, bridge)) return [];
  if (at === undefined || nowMs - Date.parse(at) <= bridgeSilentMs) return brokers.map(viewOf);
  return brokers.map(({ name, url }) => ({ name, url, state: 'unknown', since: at }));
};

/** Reads how the processes and brokers of the data folder are, which is the working directory. */
export const readConditions = async (clock: Clock): Promise<Conditions> => {
  const [board, bridge] = await Promise.all([
    readState(processesFile, Processes),
    readState(bridgeStateFile, BridgeState),
  ]);
  return {
    ...(board === undefined ? {} : { processes: board.processes }),
    ...(bridge === undefined ? {} : { brokers: brokersOf(bridge, board?.processes, clock.nowMs()) }),
  };
};
