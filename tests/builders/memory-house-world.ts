import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PapilioError } from '#lib/errors';
import type { Incoming } from '#ports/incoming';
import type { Objects } from '#ports/objects';
import { createMemoryObjects } from '../../functions/adapters/objects/memory.ts';
import { aCallTally, type CallTally, noted } from './a-call-tally.ts';
import { objectCalls } from './call-names.ts';
import { type MemoryBatch, memoryBatch } from './memory-batch.ts';
import { type HouseClock, houseClock } from './memory-house-clock.ts';
import { runPayloads } from './memory-house-payloads.ts';

/** What both planes of a house share: files, objects, a facility and the time. */
export type World = Disposable & {
  readonly clock: HouseClock;
  /** The calls that papilio's own code makes of services and ports. */
  readonly tally: CallTally;
  readonly incoming: Incoming;
  readonly archive: Objects;
  readonly outputs: Objects;
  readonly facility: MemoryBatch;
  /** Files by path; what DAQ leaves is `incoming/<name>`. */
  readonly files: Map<string, Uint8Array>;
};

type WorldOptions = {
  readonly random: () => number;
  readonly failing: ReadonlySet<string>;
  readonly payloadLongestMs?: number | undefined;
};

const incomingPath = (name: string): string => `incoming/${name}`;

/** Makes the world of a house. */
export const aWorld = ({ random, failing, payloadLongestMs = 3_000 }: WorldOptions): World => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-house-'));
  const clock = houseClock();
  const tally = aCallTally();
  const files = new Map<string, Uint8Array>();
  const read = (path: string): Uint8Array | undefined =>
    files.get(path) ?? (path.startsWith(folder) && existsSync(path) ? readFileSync(path) : undefined);
  const readFile = async (path: string): Promise<Buffer> => {
    const bytes = read(path);
    if (bytes === undefined) throw new PapilioError('object-missing', path);
    return Buffer.from(bytes);
  };
  const objects = (name: string): Objects => {
    const memory = createMemoryObjects({ disk: { readFile } });
    const pathOf = (key: string): string => `${name}/${key}`;
    const held: Objects = {
      ...memory,
      localPath: async (key) => pathOf(key),
      putFile: async (key, sourcePath, check) => {
        const put = await memory.putFile(key, sourcePath, check);
        files.set(pathOf(key), await memory.read(key));
        return put;
      },
    };
    return noted(held, tally, objectCalls(name));
  };
  const facility = memoryBatch(join(folder, 'jobs'));
  runPayloads({ facility, read, clock, runMs: () => random() * payloadLongestMs, failing });
  return {
    clock,
    tally,
    files,
    facility,
    archive: objects('archive'),
    outputs: objects('outputs'),
    incoming: {
      path: incomingPath,
      has: async (name) => files.has(incomingPath(name)),
      remove: async (name) => {
        files.delete(incomingPath(name));
      },
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
};
