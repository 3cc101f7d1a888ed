import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BridgeState, type Check } from '#schema/check-up';
import { bridgeSilentMs, bridgeStateFile } from '../bridge/broker-state.ts';
import { runningHolder } from './process-check.ts';

const readState = async (folder: string): Promise<BridgeState | undefined> => {
  try {
    return BridgeState.parse(JSON.parse(await readFile(join(folder, bridgeStateFile), 'utf8')));
  } catch {
    return undefined;
  }
};

const brokerCheck = ({ name, url, isConnected, since, reason, tries = 1 }: BridgeState['brokers'][number]): Check =>
  isConnected
    ? { check: 'broker', of: name, level: 'ok', what: `connected to ${url} since ${since}` }
    : {
        ...{ check: 'broker', of: name, level: 'problem' },
        what: `${url} is away since ${since}, tried ${tries} times: ${reason ?? 'no reason is known'}`,
        todo: 'See whether it runs and can be reached from here; the bridge goes on trying. docs/operators/runbooks/broker-away.md',
      };

/** A bridge that is blocked, or whose reports the disk refuses. */
const isSilent = ({ at }: BridgeState, nowMs: number): boolean =>
  at !== undefined && nowMs - Date.parse(at) > bridgeSilentMs;

/** Whether the bridge has its brokers, as it says itself. */
export const checkBrokers = async (folder: string, nowMs = Date.now()): Promise<Check[]> => {
  const state = await readState(folder);
  const holder = await runningHolder(folder, 'bridge.lock');
  if (state === undefined) {
    const what = holder === undefined ? 'no broker is listened to' : 'the bridge plays a recording';
    return [{ check: 'broker', level: 'ok', what }];
  }
  if (holder !== undefined && !isSilent(state, nowMs)) return state.brokers.map(brokerCheck);
  const names = state.brokers.map(({ name, url }) => `${name} (${url})`).join(', ');
  const trouble = holder === undefined ? 'does not run' : `has not reported since ${state.at}`;
  return [
    {
      ...{ check: 'broker', level: 'problem' },
      what: `the bridge, which listens to ${names}, ${trouble}`,
      todo: `Read the last lines of ${join(folder, 'log', 'bridge.jsonl')}; start papilio again if they do not say why.`,
    },
  ];
};
