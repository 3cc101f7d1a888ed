import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import { type LogTable, logKeys, stateOf } from './dynamo-items.ts';
import { isLeased, nextStep } from './dynamo-plan.ts';

/** What is looked at at once. */
const pageItems = 100;
/** Steps that others were quicker at, or waits for another's lease, before the rest is left to them. */
const triesPerStep = 60;

/** What a sequencer works with. */
export type SequencerOptions = {
  readonly table: LogTable;
  readonly clock: Clock;
  /** Of this opening of the log, and of no other. */
  readonly name: string;
  readonly pause: (tries: number) => Promise<void>;
  readonly onHead: (seq: number) => void;
};

/** Gives `seq` and hash to what was committed. Whoever has committed does it, for all that waits; one at a time goes on. */
export const createSequencer = ({ table, clock, name, pause, onHead }: SequencerOptions) => {
  const idsHeld = async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const keyed = new Map(ids.map((id) => [logKeys.id(id).pk, id]));
    const found = await table.getMany([...keyed.keys()].map((pk) => ({ pk, sk: logKeys.id('').sk })));
    return new Set(found.flatMap(({ pk }) => keyed.get(pk) ?? []));
  };

  /** One step: `done` if nothing waits any more, `on` if more does, `again` if another was quicker or has the lease. */
  const step = async (): Promise<'done' | 'on' | 'again'> => {
    const { items, isMore } = await table.page(logKeys.waitingPk, undefined, pageItems);
    const { head, version, pending } = stateOf(items);
    onHead(head.seq);
    if (pending.length === 0) return 'done';
    const sequencer = { name, nowMs: clock.nowMs() };
    if (isLeased(head, sequencer)) return 'again';
    const held = await idsHeld(pending.flatMap(({ events }) => events.map(({ id }) => id)));
    const next = nextStep({ head, version, pending, held }, sequencer);
    if (!(await table.commit(next.writes))) return 'again';
    onHead(next.head.seq);
    return next.head.untilMs === 0 && !isMore ? 'done' : 'on';
  };

  const runAll = async (): Promise<void> => {
    for (let tries = 0; tries < triesPerStep; tries++) {
      const outcome = await step();
      if (outcome === 'done') return;
      if (outcome === 'on') tries = -1;
      else await pause(Math.min(tries, 3));
    }
    throw new PapilioError('store-unavailable', 'the log was sequenced by another all the time');
  };

  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const start = (): Promise<void> => {
    running = runAll().finally(() => {
      running = undefined;
    });
    return running;
  };

  /** Sequences all that was committed before the call; callers at once share a run that began after them. */
  const run = (): Promise<void> => {
    if (running === undefined && next === undefined) return start();
    next ??= Promise.resolve(running)
      .catch(() => {})
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };

  return { run };
};
