import { rm } from 'node:fs/promises';
import type { BridgeState } from '#schema/check-up';
import { replaceFile } from '../supervisor/name-plate.ts';

/** Where a bridge writes down how it stands with its brokers, for who looks from outside. */
export const bridgeStateFile = 'bridge.json';

type Place = { readonly name: string; readonly url: string };

/** Takes what an earlier bridge wrote away. */
export const forgetBrokers = (): Promise<void> => rm(bridgeStateFile, { force: true });

/** How often a bridge reports though nothing changed, so that a reader notices one that is blocked. */
const everyMs = 3_000;
/** A bridge that has not reported for so long is blocked or gone. */
export const bridgeSilentMs = 15_000;

/** Keeps the file of a bridge that listens to these brokers, from now on; a disk that is full has an old one. */
export const tellOfBrokers = (brokers: readonly Place[], now: () => string) => {
  const states = new Map<string, BridgeState['brokers'][number]>(
    brokers.map(({ name, url }) => [
      name,
      { name, url, isConnected: false, since: now(), reason: 'not yet reached', tries: 0 },
    ]),
  );
  let writing: Promise<void> = Promise.resolve();
  const write = (): void => {
    writing = writing
      .then(() =>
        replaceFile(
          bridgeStateFile,
          JSON.stringify({ at: now(), brokers: [...states.values()] } satisfies BridgeState),
        ),
      )
      .catch(() => undefined);
  };
  write();
  // The connections keep the process alive, not this.
  setInterval(write, everyMs).unref();
  return {
    connected: ({ name, url }: Place): void => {
      states.set(name, { name, url, isConnected: true, since: now() });
      write();
    },
    away: ({ name, url }: Place, reason: string, tries: number): void => {
      const before = states.get(name);
      const since = before?.isConnected === false ? before.since : now();
      states.set(name, { name, url, isConnected: false, since, reason: reason.slice(0, 300), tries });
      write();
    },
  };
};
