import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Disk } from '#ports/disk';
import { type Engine, type EngineOptions, openEngine } from '../../local/engine/engine.ts';
import { aWorld, type World } from './a-world.ts';
import { account } from './an-engine.ts';
import { portraitOf } from './engine-portrait.ts';
import { type FaultKind, type FaultyDisk, faultyDisk } from './failing-disk.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import type { Shape } from './ten-machines.ts';
import { tornDisk } from './torn-disk.ts';

/** A way of machines from their start to their end, over a disk that fails once. */
export type Journey = {
  readonly portrait: Readonly<Record<string, unknown>>;
  readonly complaints: readonly string[];
  /** Disk accesses of the engine up to its end, or to its death. */
  readonly accesses: number;
  /** False if the engine had reached its end before the fault. */
  readonly hasFailed: boolean;
  readonly recoveryMs: readonly number[];
};

const stepMs = 5000;
const turnsPerStep = 8;
/** Steps without a pause; what needs more waits for another process, which takes real time. */
const quickSteps = 150;
const mostSteps = 5000;

/** Opens an engine; with small segments new ones, compactions and snapshots come all the time. */
export const openOn = (
  disk: Disk,
  clock: FakeClock,
  world: World,
  more: Pick<EngineOptions, 'segmentBytes' | 'witness' | 'retention'> = {},
): Promise<Engine> =>
  openEngine({
    folder: '/data',
    account,
    disk,
    clock,
    segmentBytes: 4000,
    invoke: world.invoke,
    objects: world.objects,
    // Its process is the test itself, which goes on when the engine is killed.
    isHeld: async () => false,
    ...more,
  });

/** Lets an engine and its clients work until they are done, or `isOver`. */
export const workUntilDone = async (engine: Engine, clock: FakeClock, world: World, isOver: () => boolean) => {
  const life = new AbortController();
  world.work(engine, clock, life.signal, isOver);
  for (let step = 0; !world.isDone() && !isOver(); step++) {
    if (step > mostSteps) throw new Error(`nothing moves any more: ${world.complaints()} ${world.lastError()}`);
    for (let turn = 0; turn < turnsPerStep && !isOver(); turn++) await setImmediate();
    if (step > quickSteps) await setTimeout(1);
    if (!isOver()) await clock.advance(stepMs);
  }
  life.abort();
};

/** Runs machines to their end; at access `at` something happens to the disk, after a kill it is as a power cut leaves it. */
export const journey = async (shapes: readonly Shape[], kind: FaultKind, at: number): Promise<Journey> => {
  const world = aWorld(shapes);
  const recoveryMs: number[] = [];
  let torn = tornDisk();
  let nowMs = Date.UTC(2026, 0, 1);
  let accesses = 0;
  const live = async (fault: number, run: (engine: Engine, clock: FakeClock, disk: FaultyDisk) => Promise<void>) => {
    const clock = fakeClock(nowMs);
    const disk = faultyDisk(torn, kind, fault);
    const startedMs = performance.now();
    const engine = await openOn(disk, clock, world).catch(() => undefined);
    recoveryMs.push(performance.now() - startedMs);
    if (engine) await run(engine, clock, disk);
    await engine?.close().catch(() => undefined);
    if (disk.isKilled()) torn = torn.crash(at);
    nowMs = clock.nowMs();
    return disk.accesses();
  };
  for (let fault = at; !world.isDone(); fault = Number.POSITIVE_INFINITY) {
    accesses += await live(fault, (engine, clock, disk) => workUntilDone(engine, clock, world, disk.isKilled));
  }
  // What is there at the end is what the next start finds.
  let portrait: Journey['portrait'] = {};
  await live(Number.POSITIVE_INFINITY, async (engine) => {
    portrait = await portraitOf(engine.call);
  });
  return { portrait, complaints: world.complaints(), accesses, hasFailed: accesses >= at, recoveryMs };
};
