import { setTimeout as delay } from 'node:timers/promises';
import type { QuarantineView } from '#schema/view';
import type { Client } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';
import { isFileDamaged } from './advice.ts';

/** What became of a message that was sent again. */
export type Outcome = {
  readonly id: string;
  readonly kind: 'released' | 'held again' | 'not settled yet';
  readonly reason?: string;
};

type Finding = QuarantineView['findings'][number];

const heldAt = ({ findings }: QuarantineView): ReadonlyMap<string, string> =>
  new Map(findings.filter(({ state }) => state === 'held').map(({ plane, quarantinedAt }) => [plane, quarantinedAt]));

/** The finding by which it is held again since it was sent. */
const heldAgain = (view: QuarantineView, before: ReadonlyMap<string, string>): Finding | undefined =>
  view.findings.find(
    ({ plane, state, quarantinedAt }) => state === 'held' && before.has(plane) && before.get(plane) !== quarantinedAt,
  );

const outcomeOf = (view: QuarantineView, before: ReadonlyMap<string, string>): Outcome | undefined => {
  const again = heldAgain(view, before);
  if (again) return { id: view.id, kind: 'held again', reason: `${again.problem.code}, ${again.problem.reason}` };
  return heldAt(view).size === 0 ? { id: view.id, kind: 'released' } : undefined;
};

const lookEveryMs = 200;
/** An archive plane with nothing else to do reads a file in less. */
const waitAtMostMs = 10_000;

/** Looks until a message that was sent again is released or held again: 10 s, with `--wait` to the end. */
export const replayOutcome = async (
  client: Client,
  before: QuarantineView,
  { wait, signal }: { readonly wait: boolean; readonly signal: AbortSignal },
): Promise<Outcome> => {
  const path = { id: before.id };
  const was = heldAt(before);
  for (let waitedMs = 0; wait || waitedMs <= waitAtMostMs; waitedMs += lookEveryMs) {
    const outcome = outcomeOf(await client.call(api.getQuarantine, { path }), was);
    if (outcome) return outcome;
    await delay(lookEveryMs, undefined, { signal });
  }
  return { id: before.id, kind: 'not settled yet' };
};

/** Whether a message is only released when its file is read: then its outcome is worth waiting for. */
export const isReadAgain = ({ findings, raw }: QuarantineView): boolean =>
  findings.some(
    ({ state, problem }) =>
      state === 'held' && (problem.code.startsWith('stf-file-') || isFileDamaged({ ...problem, raw })),
  );
