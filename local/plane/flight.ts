import { createHash } from 'node:crypto';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What a plane was doing when it ended. `isSuspect`: it ran alone, because it had been in flight once before. */
export type InFlight = { readonly key: string; readonly isSuspect: boolean };

/**
 * Remembers in a small file which calls are under way. It must outlive the process, not the machine, so nothing is
 * synced: a write costs microseconds, and the page cache keeps it after SIGKILL.
 */
export type Flight = {
  /** Notes the keys of a call that begins; the returned function notes its end. */
  readonly enter: (keys: readonly string[], isSuspect: boolean) => () => void;
  /** Forgets everything: what is open after an orderly end is no suspect. */
  readonly close: () => void;
};

const slotBytes = 256;
const keyBytes = slotBytes - 2;
const empty = Buffer.alloc(1);

/** What a call is known by: its function, and the message or execution step that it handles. Fits a slot. */
export const flightKey = (functionName: string, id: string): string => {
  const key = `${functionName}:${id}`;
  if (Buffer.byteLength(key) <= keyBytes) return key;
  return `${key.slice(0, 60)}-${createHash('sha256').update(key).digest('hex')}`;
};

const slotOf = (key: string, isSuspect: boolean): Buffer => {
  const slot = Buffer.alloc(slotBytes);
  slot.write(`${isSuspect ? 'S' : '-'}${key}`);
  return slot;
};

const readSlots = (bytes: Buffer): InFlight[] => {
  const found: InFlight[] = [];
  for (let at = 0; at + slotBytes <= bytes.length; at += slotBytes) {
    if (bytes[at] === 0) continue;
    const [mark = '', ...rest] = bytes.toString('utf8', at, at + slotBytes).replace(/(?<!\0)\0+$/, '');
    found.push({ key: rest.join(''), isSuspect: mark === 'S' });
  }
  return found;
};

/** Opens the file, empties it, and tells what was in flight when the plane before this one ended. */
export const openFlight = (path: string): { readonly flight: Flight; readonly found: readonly InFlight[] } => {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const found = readSlots(readFileSync(file));
  ftruncateSync(file, 0);
  const free: number[] = [];
  let slots = 0;
  let isOpen = true;
  const take = (): number => {
    const reused = free.pop();
    if (reused !== undefined) return reused;
    slots += 1;
    return slots - 1;
  };
  const enter = (keys: readonly string[], isSuspect: boolean) => {
    const taken = keys.map((key) => {
      const slot = take();
      writeSync(file, slotOf(key, isSuspect), 0, slotBytes, slot * slotBytes);
      return slot;
    });
    return () => {
      if (!isOpen) return;
      for (const slot of taken) {
        writeSync(file, empty, 0, 1, slot * slotBytes);
        free.push(slot);
      }
    };
  };
  const close = () => {
    isOpen = false;
    ftruncateSync(file, 0);
    closeSync(file);
  };
  return { flight: { enter, close }, found };
};
