import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Engine, type EngineOptions, openEngine } from '../../local/engine/engine.ts';
import { checkedEngine } from './checked-turns.ts';

/** Account of engines in tests. */
export const account = '111111111111';

/** A folder that goes away with the test. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'papilio-engine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const identityIn = ({ region, queueBaseUrl, account: own = account }: Partial<EngineOptions>) => ({
  account: own,
  ...(region !== undefined && { region }),
  ...(queueBaseUrl !== undefined && { queueBaseUrl }),
});

/** An engine in a folder of its own, closed with the test. */
export async function anEngine(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const folder = options.folder ?? (await aFolder());
  const engine = await openEngine({
    account,
    invoke: async () => ({ ok: false, errorType: 'NoFunction', errorMessage: 'no function in this test' }),
    witness: checkedEngine(identityIn(options), options.clock),
    ...options,
    folder,
  });
  onTestFinished(() => engine.close());
  return engine;
}
