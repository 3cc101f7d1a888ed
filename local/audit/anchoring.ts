import { createPrivateKey } from 'node:crypto';
import { coverIn } from '#lib/audit-event';
import type { Config } from '#lib/config';
import { asPapilioError, PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import { anchorStart, headDigest, publicKeyOf, signHead } from '#lib/model/anchor-head';
import { turn } from '#lib/turn';
import type { Anchor } from '#ports/anchor';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import type { AnchoredHead, AnchorReport, AnchorState } from '#schema/anchor';
import type { Plane } from '../../functions/catalog.ts';
import { sleep } from '../plane/backoff.ts';
import { keepState, needKey, readState } from './anchor-state.ts';

/** What a plane anchors its log with. */
export type AnchoringOptions = {
  readonly plane: Plane;
  /** The plane's own folder, for its key and its last head. */
  readonly folder: string;
  readonly config: Config;
  readonly anchor: Anchor;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Log;
};

const pageEvents = 1000;

const gone = (reason: string): PapilioError =>
  new PapilioError('store-corrupt', `${reason}; run papilio audit verify with this anchor`);

/** Whether the log still has the last anchored head, and how many lines of the audit log came since. */
const linesSince = async (log: EventLog, { seq, hash }: AnchoredHead, lastSeq: number): Promise<number> => {
  if (lastSeq < seq) throw gone(`the log ends at event ${lastSeq}, before its anchored head at event ${seq}`);
  const [anchored] = await log.read(seq - 1, 1);
  if (anchored?.hash !== hash) throw gone(`event ${seq} has another hash than its anchored head`);
  let lines = 0;
  for (let after = seq; after < lastSeq; ) {
    const page = await log.read(after, Math.min(pageEvents, lastSeq - after));
    lines += page.filter((event) => coverIn(event) !== undefined).length;
    after = page.at(-1)?.seq ?? lastSeq;
    await turn();
  }
  return lines;
};

const createSigner = ({ plane, folder, config, anchor, log, clock }: AnchoringOptions) => {
  let state: AnchorState | undefined;
  let isRead = false;

  /** The last head in this anchor; another anchor begins anew. */
  const last = async (): Promise<AnchorState | undefined> => {
    if (!isRead) state = await readState(folder);
    isRead = true;
    return state?.anchor === anchor.name ? state : undefined;
  };
  const keep = async (next: AnchorState): Promise<void> => {
    await keepState(folder, next);
    state = next;
  };
  /** Kept before it is added: a kill in between adds the same head again, never another in its place. */
  const add = async (head: AnchoredHead): Promise<void> => {
    await keep({ anchor: anchor.name, head, isAdded: false });
    await anchor.add(head);
    await keep({ anchor: anchor.name, head, isAdded: true });
  };

  const next = async (before: AnchoredHead | undefined, seq: number): Promise<AnchoredHead> => {
    const pem = await needKey(folder);
    const lines = before === undefined ? 0 : await linesSince(log, before, seq);
    const [event] = await log.read(seq - 1, 1);
    if (event === undefined) throw gone(`event ${seq} is not there`);
    const { PAPILIO_INSTANCE: instance, PAPILIO_WING: wing, PAPILIO_EPOCH: epoch } = config;
    return signHead(
      {
        ...{ format: 1, instance, wing, plane, epoch, seq, hash: event.hash },
        ...{ auditLines: (before?.auditLines ?? 0) + lines, at: new Date(clock.nowMs()).toISOString() },
        ...(before === undefined ? { publicKey: publicKeyOf(pem) } : {}),
        previous: before === undefined ? anchorStart : headDigest(before),
      },
      createPrivateKey(pem),
    );
  };

  /** Anchors the log as it is now, if it has grown. */
  const anchorNow = async (): Promise<void> => {
    const known = await last();
    if (known !== undefined && !known.isAdded) await add(known.head);
    const seq = await log.head();
    if (seq === 0 && known === undefined) return;
    if (known !== undefined && known.head.seq === seq) await linesSince(log, known.head, seq);
    else await add(await next(known?.head, seq));
  };

  return {
    anchorNow,
    lastSeq: () => state?.head.seq ?? 0,
    added: () => (state?.isAdded === true ? state.head : undefined),
  };
};

/** A plane's anchoring. */
export type Anchoring = { readonly report: () => AnchorReport; readonly stop: () => Promise<void> };

/**
 * Signs the head of a plane's log and adds it to an anchor: after so much time or so many events, at the start and at a stop.
 * Beside all other work, which waits for none of it; a failure is reported and tried again.
 */
export const startAnchoring = (options: AnchoringOptions): Anchoring => {
  const { anchor, log, clock, logger, config, plane } = options;
  const { PAPILIO_ANCHOR_EVERY_S: everyS, PAPILIO_ANCHOR_EVERY_EVENTS: everyEvents } = config;
  const signer = createSigner(options);
  const stopping = new AbortController();
  let problem: AnchorReport['problem'];

  const tryNow = async (): Promise<void> => {
    try {
      await signer.anchorNow();
      problem = undefined;
    } catch (thrown) {
      const { reason } = asPapilioError(thrown);
      if (problem === undefined) logger.warn({ plane, anchor: anchor.name, reason }, 'log not anchored');
      problem = { since: problem?.since ?? new Date(clock.nowMs()).toISOString(), reason };
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await tryNow();
      // The first head follows the first event, so that a new log is not without one for long.
      const next = signer.lastSeq() === 0 ? 0 : signer.lastSeq() + everyEvents - 1;
      if (problem === undefined) await log.wait(next, everyS * 1000, stopping.signal);
      else await sleep(clock, everyS * 1000, stopping.signal);
    }
  };
  const running = run();
  return {
    report: () => {
      const head = signer.added();
      return { to: anchor.name, ...(head && { seq: head.seq, at: head.at }), ...(problem && { problem }) };
    },
    stop: async () => {
      stopping.abort();
      await running;
      if (problem === undefined) await tryNow();
      anchor.close();
    },
  };
};
