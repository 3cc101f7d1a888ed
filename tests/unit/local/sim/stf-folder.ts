import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StfSpec } from '../../../../local/sim/daq/generator.ts';

/** A small STF of run 102363; tests say what matters to them. */
export function aStfSpec(given: Partial<StfSpec> = {}): StfSpec {
  return {
    run: 102_363,
    sequence: 1,
    seed: 7,
    sizeBytes: 40_000,
    tfCount: 20,
    state: 'run',
    substate: 'physics',
    ...given,
  };
}

/** A temporary folder that goes when its test ends. */
export async function aFolder(): Promise<
  AsyncDisposable & { readonly at: (name: string) => string; readonly path: string }
> {
  const path = await mkdtemp(join(tmpdir(), 'papilio-stf-'));
  return {
    path,
    at: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
