import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { flightKey, type InFlight, openFlight } from './flight.ts';
import { createGate } from './gate.ts';

/** How the plane before this one ended, as the supervisor saw it. `loop`: its loop stood still. `crash`: it fell by itself. */
export const EndedBy = z.enum(['loop', 'crash', 'other']);
export type EndedBy = z.infer<typeof EndedBy>;

const Parked = z.object({ key: z.string(), function: z.string(), parkedAt: z.iso.datetime() });
/** A call that stopped the loop twice, alone the second time: it waits for a person. */
export type Parked = z.infer<typeof Parked>;

/**
 * Keeps one endless loop from stopping a plane for good. What was in flight when the loop stood still is suspect, and runs
 * one at a time, alone; a suspect that was alone when it stood still again is parked: its call fails, everything else goes on.
 */
export type Guard = {
  /** Whether a call must not share its batch with others: it is suspect, or parked. */
  readonly goesAlone: (functionName: string, id: string) => boolean;
  /** Runs a call that handles `ids`. @throws loop-stopped */
  readonly run: <T>(functionName: string, ids: readonly string[], call: () => Promise<T>) => Promise<T>;
  readonly parked: () => readonly Parked[];
  /** Forgets what is under way: the end is an orderly one. */
  readonly close: () => void;
};

const aloneMs = 10_000;

const readParked = (path: string): Parked[] => {
  try {
    return z.array(Parked).parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new PapilioError('input-invalid', `${path} cannot be read; move it away to go on`, error);
  }
};

const writeParked = (path: string, parked: readonly Parked[]): void => {
  writeFileSync(`${path}.tmp`, `${JSON.stringify(parked, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
};

/** The one that stopped the loop, if that is certain: it was alone, it was suspect, and nobody else ended the process. */
const culpritOf = (found: readonly InFlight[], endedBy: EndedBy): string | undefined => {
  const [only, ...others] = found;
  return endedBy !== 'other' && only?.isSuspect && others.length === 0 ? only.key : undefined;
};

type GuardOptions = { readonly folder: string; readonly endedBy: EndedBy; readonly clock: Clock; readonly log: Log };

/** Opens the guard of a plane: reads what was in flight, parks a culprit, and watches from now on. */
export const openGuard = ({ folder, endedBy, clock, log }: GuardOptions): Guard => {
  const { flight, found } = openFlight(join(folder, 'flight'));
  const path = join(folder, 'parked.json');
  const parked = readParked(path);
  const culprit = culpritOf(found, endedBy);
  if (culprit !== undefined) {
    const functionName = culprit.slice(0, culprit.indexOf(':'));
    parked.push({ key: culprit, function: functionName, parkedAt: new Date(clock.nowMs()).toISOString() });
    writeParked(path, parked);
    log.error({ function: functionName, key: culprit }, 'call parked: it stopped the loop');
  }
  const suspects = new Set(found.map((call) => call.key).filter((key) => key !== culprit));
  if (suspects.size > 0) log.warn({ keys: [...suspects], endedBy }, 'calls were in flight; they run one at a time');
  const parkedKeys = new Set(parked.map((call) => call.key));
  const gate = createGate(clock, aloneMs);

  const noted = async <T>(keys: readonly string[], isSuspect: boolean, call: () => Promise<T>): Promise<T> => {
    const leave = flight.enter(keys, isSuspect);
    try {
      return await call();
    } finally {
      leave();
    }
  };
  return {
    goesAlone: (functionName, id) => {
      const key = flightKey(functionName, id);
      return suspects.has(key) || parkedKeys.has(key);
    },
    run: async (functionName, ids, call) => {
      const keys = ids.map((id) => flightKey(functionName, id));
      const stopped = keys.find((key) => parkedKeys.has(key));
      if (stopped !== undefined) throw new PapilioError('loop-stopped', `${functionName} with ${stopped}`);
      if (!keys.some((key) => suspects.has(key))) return gate.shared(() => noted(keys, false, call));
      try {
        return await gate.alone(() => noted(keys, true, call));
      } finally {
        for (const key of keys) suspects.delete(key);
      }
    },
    parked: () => parked,
    close: flight.close,
  };
};
