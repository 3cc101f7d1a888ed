import { createHash } from 'node:crypto';
import { facetRevisions, facets, quarantines, scrubs } from '#lib/records';
import type { Item } from '#ports/store';
import { Quarantine } from '#schema/quarantine';
import { envelopeOf, type Frame } from '../../clients/bridge/envelope.ts';
import type { HouseInMemory } from './a-house-in-memory.ts';

/** All that a house ended with: records and objects in canonical text, by name. */
export type Account = ReadonlyMap<string, string>;

const receipt = 'when the message came, not what it says';
const clock = 'the time at which papilio did it';

/** A facet is what its last revision says; how it came there is a history. */
const revised = {
  receivedAt: receipt,
  revision: 'how often it was revised',
  type: 'whether the last revision was a correction',
  previousValue: 'what was known before',
  causeId: 'which message was the last that mattered',
} as const;

/** What of a record may depend on when and how often messages came: all else is compared, byte by byte. */
const ofArrival: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  message: {
    receivedAt: receipt,
    seen: 'how often it came: that is what was disturbed',
    sendings: 'the ids of its deliveries',
  },
  replica: { receivedAt: receipt, archivedAt: clock },
  stf: { receivedAt: receipt, settledAt: clock },
  timeline: { receivedAt: receipt },
  quarantine: { receivedAt: receipt, quarantinedAt: clock },
  job: { createdAt: clock, submittingAt: clock, submittedAt: clock, settledAt: clock },
  output: { registeredAt: clock },
  explain: {
    decidedAt: clock,
    score: 'how full the queue was at that time',
    factors: 'how full the queue was at that time',
  },
  progress: { waiter: 'a token, made by chance', lastStfAt: receipt, lastSettledAt: clock },
  'recent-runs': { receivedAt: receipt },
  sightings: { receivedAt: receipt },
  'facet detector': revised,
  'facet run-control': revised,
  'facet observed': revised,
  // These two follow what papilio sees by its own clock, not what the DAQ says.
  'facet stream': { ...revised, eventAt: clock, runId: 'of the STF that came last' },
  'facet processing': { ...revised, eventAt: clock, runId: 'of the STF that came last' },
};

/** Records of what was known or read again at which time; what they come to is compared. */
const histories: ReadonlySet<string> = new Set([facetRevisions.name, scrubs.name]);

/** In quarantine for a while, until what came late made it right: it is not held, and says only what came first. */
const isPast = ({ sk, doc }: Item): boolean =>
  histories.has(sk) || (sk === quarantines.name && doc.state === 'released');

const kindOf = ({ sk, doc }: Item): string => (sk === facets.name ? `${sk} ${doc.facet}` : sk);

/** JSON with its keys in order, without the fields of arrival. */
const canonical = (item: Item): string => {
  const left = ofArrival[kindOf(item)] ?? {};
  return JSON.stringify(item.doc, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const kept = Object.entries(value).filter(([field]) => !Object.hasOwn(left, field));
    return Object.fromEntries(kept.toSorted(([a], [b]) => Number(a > b) - Number(a < b)));
  });
};

/** What a house ended with, leaving out what it says of messages that nobody should have sent. */
export const accountOf = async (house: HouseInMemory, poison: ReadonlySet<string> = new Set()): Promise<Account> => {
  const account = new Map<string, string>();
  for (const [plane, { records }] of Object.entries(house.planes)) {
    for (const item of await records()) {
      const { messageId = item.doc.id } = item.doc;
      if (isPast(item) || poison.has(String(messageId))) continue;
      account.set(`${plane} ${item.sk} ${item.pk}`, canonical(item));
    }
  }
  for (const name of ['archive', 'outputs'] as const) {
    const objects = house.world[name];
    for await (const key of objects.list('')) {
      const bytes = await objects.read(key);
      account.set(`${name} object ${key}`, createHash('sha256').update(bytes).digest('hex'));
    }
  }
  return account;
};

/** Ids of the messages among `frames` that are not among `good`. */
export const poisonIn = (frames: readonly Frame[], good: readonly Frame[], house: HouseInMemory): Set<string> => {
  const known = new Set(good.map(({ body }) => body));
  const { ids, now } = house.planes.archive.deps;
  const bad = frames.filter(({ body }) => !known.has(body));
  return new Set(bad.map((frame) => envelopeOf(frame, now(), ids.message).id));
};

/** What is held in quarantine of these messages, by either plane. */
export const heldOf = async (house: HouseInMemory, messageIds: ReadonlySet<string>): Promise<Quarantine[]> => {
  const all = await Promise.all(Object.values(house.planes).map((plane) => plane.records()));
  return all
    .flat()
    .filter(({ sk }) => sk === quarantines.name)
    .map(({ doc }) => Quarantine.parse(doc))
    .filter(({ messageId, state }) => state === 'held' && messageIds.has(messageId));
};

const shownMax = 5;
const aroundFirst = 120;

const around = (text: string, at: number): string => `…${text.slice(Math.max(0, at - aroundFirst), at + aroundFirst)}…`;

const difference = (name: string, one: string | undefined, other: string | undefined): string => {
  if (one === undefined) return `${name}: only there`;
  if (other === undefined) return `${name}: missing`;
  let at = 0;
  while (one[at] === other[at]) at++;
  return `${name}:\n  - ${around(one, at)}\n  + ${around(other, at)}`;
};

/** How an account differs from the one it should equal, as much as a person reads; empty if it does not. */
export const differences = (expected: Account, found: Account): string[] => {
  const names = [...new Set([...expected.keys(), ...found.keys()])].toSorted();
  const differing = names.filter((name) => expected.get(name) !== found.get(name));
  const shown = differing.slice(0, shownMax).map((name) => difference(name, expected.get(name), found.get(name)));
  return differing.length > shownMax ? [...shown, `and ${differing.length - shownMax} more`] : shown;
};
