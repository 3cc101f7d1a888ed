import * as z from 'zod';
import type { Event } from '#schema/event';
import type { Plane } from '../../catalog.ts';
import { createRestingRuns, type RestingRuns } from '../../monitoring/run-tallies.ts';

/** Where what was counted is kept, so that a front that starts counts on instead of from the first event. */
export type Keeping = {
  /** Runs that nothing happened to lately; a save keeps them as they are when it is called. */
  readonly resting: RestingRuns;
  /** The lines of the last save; undefined if there is none that is whole. */
  readonly load: () => Promise<readonly string[] | undefined>;
  /** Keeps lines in the place of the last ones: all of them, or nothing changes. */
  readonly save: (lines: readonly string[]) => Promise<void>;
  /** Forgets lines and runs. */
  readonly clear: () => Promise<void>;
  /** Why what is kept cannot be read any more; undefined while it can. */
  readonly fault: () => string | undefined;
};

/** Keeps nothing beyond the process. */
export const keepNothing = (): Keeping => {
  let resting = createRestingRuns();
  return {
    resting: {
      has: (run) => resting.has(run),
      get: (run) => resting.get(run),
      put: (run, text) => resting.put(run, text),
    },
    load: async () => undefined,
    save: async () => undefined,
    clear: async () => {
      resting = createRestingRuns();
    },
    fault: () => undefined,
  };
};

/** An event of a log, by its place and by its hash, which all events before it go into. */
export const Link = z.object({ seq: z.int().min(0), hash: z.string() });
export type Link = z.infer<typeof Link>;
export type Links = Readonly<Record<Plane, Link>>;

/** Whose events they are. */
export const Owner = z.object({ instance: z.string(), wing: z.string(), epoch: z.int().min(1) });
export type Owner = z.infer<typeof Owner>;

/** Rises whenever events are counted in another way: what was counted by another papilio is counted again. */
const counting = 1;

/** The first line: whose events were counted, in which way, and up to where. */
const Head = z.object({ counting: z.int(), owner: Owner, links: z.object({ archive: Link, work: Link }) });

/** The first line of what is kept. */
export const headOf = (owner: Owner, links: Links): string => JSON.stringify({ counting, owner, links });

/** Why nothing can be gone on with: it is named in the log, and everything is counted from the first event. */
export class Unusable extends Error {}

/** Reads the first line. @throws Unusable */
export const readHead = (line: string, owner: Owner): Links => {
  const head = Head.safeParse(JSON.parse(line));
  if (!head.success) throw new Unusable('its first line is not one of papilio’s');
  const { counting: by, owner: of, links } = head.data;
  if (by !== counting) throw new Unusable(`it was counted in way ${by}, and this papilio counts in way ${counting}`);
  if (of.instance !== owner.instance || of.wing !== owner.wing || of.epoch !== owner.epoch)
    throw new Unusable(`it is of ${of.instance} at ${of.wing}, epoch ${of.epoch}`);
  return links;
};

/** Compares a place with what a log has there; `found` is the event at that place. @throws Unusable */
export const checkLink = (plane: Plane, { seq, hash }: Link, found: Event | undefined): void => {
  if (found?.seq !== seq) throw new Unusable(`it counted ${seq} events of the ${plane} log, which has fewer`);
  if (found.hash !== hash) throw new Unusable(`event ${seq} of the ${plane} log is another than the one counted`);
};
