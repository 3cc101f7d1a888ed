import { recordAuditLines } from '#lib/audit-lines';
import { commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { contentHash } from '#lib/model/content-hash';
import { holdMessage, quarantineId } from '#lib/quarantine';
import { quarantines } from '#lib/records';
import type { AuditLine } from '#schema/audit';
import type { ForgedReport } from '#schema/status';
import type { Forged } from './sealed-receiver.ts';

/** What somebody else has said in papilio's place: held, written into the audit log, and told. */
export type Forgeries = {
  /** Holds messages that came by a queue. */
  readonly hold: (queue: string, forged: readonly Forged[]) => Promise<void>;
  /** Tells of a thing that somebody has changed, which is put right. */
  readonly changed: (what: string, reason: string) => Promise<void>;
  /** What was found, by queue or thing. */
  readonly report: () => readonly ForgedReport[];
};

const hourMs = 3_600_000;
/** Messages of a queue that are kept an hour: whoever floods it fills no store. The others are counted. */
const keptAnHour = 50;
/** How long it is told. */
const toldMs = 24 * hourMs;
/** What quarantine keeps of a message. */
const rawMax = 102_400;
const by = 'sealed-queue';

type Found = ForgedReport & { readonly hour: number; readonly inHour: number };

/** Holds one; what stands in quarantine already stays as it is. */
const holdOne = (queue: string, { record, why }: Forged, deps: Deps): Promise<void> =>
  untilNoConflict(async () => {
    const id = deps.ids.message(contentHash(`${queue}\n${record.body}`));
    if (await quarantines.get(deps.store, quarantineId({ id }, deps))) return;
    const raw = record.body.slice(0, rawMax);
    const held = { id, receivedAt: deps.now(), raw, isUnread: true, about: {} };
    const problem = { code: 'message-forged', reason: `queue ${queue}: ${why}` };
    await commit(deps, [holdMessage(held, problem, by, deps)]);
  });

/** The first, and then ever more rarely: a flood fills neither log. */
const hasDoubled = (before: number, after: number): boolean => Math.clz32(before) !== Math.clz32(after);

/** One line an hour of each queue or thing. Its count is exact up to what is kept, and at least half of what came beyond that. */
const auditLineOf = ({ what, reason, lastAt, hour, inHour }: Found, action: string, deps: Deps): AuditLine => ({
  id: deps.ids.of('audit', `forged-${deps.plane}-${what}-${hour}`),
  at: lastAt,
  by: 'unknown',
  action,
  subject: what,
  outcome: 'denied',
  problem: { code: 'message-forged', reason },
  count: inHour,
  plane: deps.plane,
});

/** Keeps account of what others say in papilio's place on a stack. */
export const createForgeries = (load: () => Promise<Deps>): Forgeries => {
  const found = new Map<string, Found>();
  let nowMs = () => 0;
  const add = (what: string, count: number, reason: string, { clock, now }: Deps): Found => {
    nowMs = clock.nowMs;
    const known = found.get(what);
    const hour = Math.floor(clock.nowMs() / hourMs);
    const inHour = (known?.hour === hour ? known.inHour : 0) + count;
    const after = { what, count: (known?.count ?? 0) + count, lastAt: now(), reason, hour, inHour };
    found.set(what, after);
    return after;
  };
  const tell = async (one: Found, count: number, action: string, deps: Deps): Promise<void> => {
    const { what, reason, inHour } = one;
    const isRare = hasDoubled(inHour - count, inHour);
    if (isRare) deps.log.error({ what, reason, count: inHour }, 'not papilio’s own; refused');
    if (isRare || inHour <= keptAnHour) await recordAuditLines([auditLineOf(one, action, deps)], by, deps);
  };
  return {
    hold: async (queue, forged) => {
      const deps = await load();
      const one = add(`queue ${queue}`, forged.length, forged[0]?.why ?? '', deps);
      const room = Math.max(0, keptAnHour - (one.inHour - forged.length));
      for (const each of forged.slice(0, room)) await holdOne(queue, each, deps);
      await tell(one, forged.length, 'message.send', deps);
    },
    changed: async (what, reason) => {
      const deps = await load();
      await tell(add(what, 1, reason, deps), 1, 'definition.change', deps);
    },
    report: () => {
      const oldestMs = nowMs() - toldMs;
      return [...found.values()]
        .filter(({ lastAt }) => Date.parse(lastAt) >= oldestMs)
        .map(({ hour: _, inHour: __, ...told }) => told);
    },
  };
};
