import type { Deps } from './deps.ts';
import { PapilioError } from './errors.ts';
import type { Write } from './ports/store.ts';
import type { NewEvent } from './schema/event.ts';

/** A record's write together with the event that tells of it: one to one, in one transaction. */
export type Change = { readonly write: Write; readonly event: NewEvent };

/** What an event says besides its subject. */
export type Fact = {
  readonly type: string;
  readonly cause?: string;
  readonly by: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** Makes the event of a record's write: `<subject>_<wing>-<plane>-<version>`. */
export const change = (
  deps: Pick<Deps, 'config' | 'plane' | 'now'>,
  subject: string,
  write: Write,
  fact: Fact,
): Change => {
  const { PAPILIO_INSTANCE: instance, PAPILIO_WING: wing, PAPILIO_EPOCH: epoch, PAPILIO_BUILD: build } = deps.config;
  const version = write.ifVersion + 1;
  const event: NewEvent = {
    id: `${subject}_${wing}-${deps.plane}-${version}`,
    type: fact.type,
    source: `/${instance}/${wing}/${deps.plane}`,
    subject,
    version,
    time: deps.now(),
    epoch,
    ...(fact.cause === undefined ? {} : { cause: fact.cause }),
    by: fact.by,
    build,
    data: { ...fact.data },
  };
  return { write, event };
};

/** Writes changes, and writes without events beside them, all or nothing. @throws store-conflict */
export const commit = async (
  deps: Pick<Deps, 'store'>,
  changes: readonly Change[],
  others: readonly Write[] = [],
): Promise<void> => {
  if (changes.length + others.length === 0) return;
  await deps.store.transact({
    writes: [...changes.map((c) => c.write), ...others],
    events: changes.map((c) => c.event),
  });
};

const conflictTries = 20;

/** Runs load-decide-save again while somebody else was first; what it does must start from a fresh load. */
export const untilNoConflict = async <T>(attempt: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (thrown) {
      const isConflict = thrown instanceof PapilioError && thrown.code === 'store-conflict';
      if (!isConflict || tries >= conflictTries) throw thrown;
    }
  }
};
