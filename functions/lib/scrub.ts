import { clearDamage, damagedRecord, nameDamage, openDamages, type Subject } from './damages.ts';
import type { Deps } from './deps.ts';
import { damageCodes, PapilioError } from './errors.ts';
import { checkObject, type Expected } from './object-check.ts';
import type { Objects } from './ports/objects.ts';
import type { Item, ScanEntry } from './ports/store.ts';
import { damages, scrubs } from './records.ts';
import type { ObjectReading, ScrubState } from './schema/damage.ts';

/** An object that a record names, and who that is. */
export type Named = { readonly about: Subject; readonly expected: Expected };

/** What one plane's scrubber reads: the objects of its own that its records name. */
export type Scrubbed = {
  /** The function that does it. */
  readonly by: string;
  readonly objects: Pick<Objects, 'readStored' | 'stat'>;
  /** The objects that a record names, if it is of such a kind. */
  readonly namedBy: (item: Item) => readonly Named[];
};

type Reach = Pick<Deps, 'config' | 'plane' | 'now' | 'store' | 'ids' | 'clock' | 'log'>;

const usualMbPerS = 8;
const entriesPerPage = 64;
/** A record counts as much: looking for it in its indexes costs more than reading its bytes. */
const leastRecordBytes = 16_000;
/** A turn that comes late does not make up for it at once. */
const longestTurnS = 4;
/** Reading again what lies behind the kept position is cheaper than a sync each turn. */
const keepEveryMs = 10_000;
/** One of the damaged is looked at again so often, so that what was restored is seen soon. */
const lookAgainEveryMs = 30_000;

/** The rate of a plane, in bytes a second; services of a stack keep checksums of their own. */
export const scrubRateOf = ({
  PAPILIO_SCRUB_MB_PER_S: mbPerS,
  PAPILIO_STACK: stack,
}: Pick<Deps['config'], 'PAPILIO_SCRUB_MB_PER_S' | 'PAPILIO_STACK'>): number =>
  (mbPerS ?? (stack === undefined ? usualMbPerS : 0)) * 1e6;

/** What a process knows of its scrubber between two turns; the position itself is kept in the store. */
type Memory = {
  state: ScrubState;
  lastTurnMs: number;
  keptMs: number;
  lookedAgainMs: number;
  /** Which of the damaged is looked at next. */
  nextDamaged: string | undefined;
  /** Records that are named as damaged, as far as they were read when the process began or named since. */
  readonly damagedRecords: Set<string>;
};
const memories = new WeakMap<object, Memory>();

const newPass = (id: string, startedAt: string): ScrubState => ({
  id,
  pass: { startedAt, records: 0, objects: 0, sizeBytes: 0, damaged: 0 },
});

/** What was read, or something else where it is damaged: the scrubber goes on whatever it meets. */
const orDamaged = async <T>(reading: Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await reading;
  } catch (thrown) {
    if (thrown instanceof PapilioError && damageCodes.has(thrown.code)) return otherwise;
    throw thrown;
  }
};

const recall = async (deps: Reach): Promise<Memory> => {
  const known = memories.get(deps.store);
  if (known !== undefined) return known;
  const id = deps.ids.of('scrub', deps.plane);
  // A position that is damaged itself is none: the pass begins again, and writes a new one.
  const kept = await orDamaged(scrubs.get(deps.store, id), undefined);
  const nowMs = deps.clock.nowMs();
  const state = kept?.doc ?? newPass(id, deps.now());
  const open = await orDamaged(damages.list(deps.store, 'i1', openDamages, { limit: 1000 }), { items: [] });
  const damagedRecords = new Set(open.items.flatMap(({ doc }) => (doc.kind === 'record' ? [doc.subject] : [])));
  const memory = { state, lastTurnMs: nowMs, keptMs: nowMs, lookedAgainMs: 0, nextDamaged: undefined, damagedRecords };
  memories.set(deps.store, memory);
  return memory;
};

const keep = async (memory: Memory, deps: Reach): Promise<void> => {
  memory.keptMs = deps.clock.nowMs();
  await scrubs.putMany(deps.store, [[memory.state.id, memory.state]]);
};

/** Adds to what the pass has read. */
const count = (
  state: ScrubState,
  more: Partial<Record<'records' | 'objects' | 'sizeBytes' | 'damaged', number>>,
): ScrubState => {
  const { records, objects, sizeBytes, damaged } = state.pass;
  const pass = {
    startedAt: state.pass.startedAt,
    records: records + (more.records ?? 0),
    objects: objects + (more.objects ?? 0),
    sizeBytes: sizeBytes + (more.sizeBytes ?? 0),
    damaged: damaged + (more.damaged ?? 0),
  };
  return { ...state, pass };
};

const withReading = ({ reading: _, ...state }: ScrubState, reading?: ObjectReading): ScrubState =>
  reading === undefined ? state : { ...state, reading };

/** Checks the object that a record names, or a part of it. True when it is over with. */
const checkNamed = async (
  { about, expected }: Named,
  { scrubbed, memory, budgetBytes }: { scrubbed: Scrubbed; memory: Memory; budgetBytes: number },
  deps: Reach,
): Promise<boolean> => {
  const slice = { before: memory.state.reading, budgetBytes };
  const checked = await checkObject(scrubbed.objects, expected, slice);
  if ('reading' in checked) {
    memory.state = count(withReading(memory.state, checked.reading), { sizeBytes: checked.readBytes });
    return false;
  }
  const damaged = checked.found === undefined ? 0 : 1;
  memory.state = count(withReading(memory.state), { sizeBytes: checked.readBytes, objects: 1, damaged });
  const { found } = checked;
  // The record that names it may be damaged too, and is then named by itself when the walk comes to it.
  const outcome =
    found === undefined ? clearDamage(about, scrubbed.by, deps) : nameDamage(about, found, scrubbed.by, deps);
  await orDamaged(outcome, undefined);
  return true;
};

/** Goes behind an entry whose check is over with. */
const pass = (memory: Memory, { after, sizeBytes }: ScanEntry): void => {
  memory.state = { ...count(memory.state, { records: 1, sizeBytes }), after };
};

type Turn = { readonly scrubbed: Scrubbed; readonly memory: Memory; readonly until: number };

/** Clears a record that was damaged and was written again since. */
const clearRecord = async ({ pk, sk }: Item, { scrubbed, memory }: Omit<Turn, 'until'>, deps: Reach): Promise<void> => {
  const name = `${pk}/${sk}`;
  if (memory.damagedRecords.delete(name)) await clearDamage({ kind: 'record', subject: name, name }, scrubbed.by, deps);
};

/** Checks the objects of a record, on from the one that is being read. False if the budget ended within one. */
const checkFiles = async (item: Item, { scrubbed, memory, until }: Turn, deps: Reach): Promise<boolean> => {
  const files = scrubbed.namedBy(item);
  const { reading } = memory.state;
  const first = Math.max(
    0,
    files.findIndex(({ expected }) => expected.objectKey === reading?.objectKey),
  );
  for (const named of files.slice(first)) {
    const budgetBytes = Math.max(1, until - spent(memory));
    if (!(await checkNamed(named, { scrubbed, memory, budgetBytes }, deps))) return false;
  }
  return true;
};

/** Checks one record and what it names. False if the budget ended within it. */
const checkEntry = async (entry: ScanEntry, { scrubbed, memory, until }: Turn, deps: Reach): Promise<boolean> => {
  if ('fault' in entry) {
    const [about, found] = damagedRecord(entry.fault);
    await orDamaged(nameDamage(about, found, scrubbed.by, deps), undefined);
    memory.damagedRecords.add(about.subject);
    memory.state = count(memory.state, { damaged: 1 });
  } else {
    await clearRecord(entry.item, { scrubbed, memory }, deps);
    if (!(await checkFiles(entry.item, { scrubbed, memory, until }, deps))) return false;
  }
  pass(memory, entry);
  return true;
};

/** What a pass has cost so far, in the bytes that its budget counts. */
const spent = ({ state: { pass: of } }: Memory): number => of.sizeBytes + of.records * leastRecordBytes;

/** Reads on until the budget is used; true when the pass has come to its end. */
const readOn = async (turn: Turn, deps: Reach): Promise<boolean> => {
  const { memory, until } = turn;
  while (spent(memory) < until) {
    const page = await deps.store.scan(entriesPerPage, memory.state.after);
    if (page.length === 0) return true;
    for (const entry of page) {
      if (spent(memory) >= until || !(await checkEntry(entry, turn, deps))) return false;
    }
  }
  return false;
};

/** Looks at one damaged thing again, each in its turn. */
const lookAgain = async ({ scrubbed, memory }: Omit<Turn, 'until'>, deps: Reach): Promise<void> => {
  if (deps.clock.nowMs() < memory.lookedAgainMs + lookAgainEveryMs) return;
  memory.lookedAgainMs = deps.clock.nowMs();
  const cursor = memory.nextDamaged === undefined ? {} : { cursor: memory.nextDamaged };
  const nothing: Awaited<ReturnType<typeof damages.list>> = { items: [] };
  const listed = damages.list(deps.store, 'i1', openDamages, { limit: 1, ...cursor });
  const { items, next } = await orDamaged(listed, nothing);
  memory.nextDamaged = next;
  const damage = items[0]?.doc;
  if (damage === undefined || damage.kind === 'record') return;
  const key = { pk: damage.subject, sk: damage.kind === 'stf' ? 'replica' : 'output' };
  const item = await orDamaged(deps.store.get(key), undefined);
  const files = item === undefined ? [] : scrubbed.namedBy(item);
  const named = files.find(({ expected }) => expected.objectKey === damage.objectKey);
  if (named === undefined) return;
  const slice = { budgetBytes: Number.POSITIVE_INFINITY };
  const checked = await checkObject(scrubbed.objects, named.expected, slice);
  if (!('found' in checked) || checked.found !== undefined) return;
  await orDamaged(clearDamage(named.about, scrubbed.by, deps), undefined);
};

const endPass = async (memory: Memory, deps: Reach): Promise<void> => {
  const { id, pass: done } = memory.state;
  memory.state = { id, pass: done, lastPass: { ...done, endedAt: deps.now() } };
  deps.log.info({ plane: deps.plane, ...memory.state.lastPass }, 'everything stored was checked');
  await keep(memory, deps);
};

/** Begins the next pass when it is due; false while it is not. */
const isDue = (memory: Memory, deps: Reach): boolean => {
  const { lastPass, pass: now, id } = memory.state;
  if (lastPass?.startedAt !== now.startedAt) return true;
  const dueMs = Date.parse(now.startedAt) + deps.config.PAPILIO_SCRUB_EVERY_H * 3_600_000;
  if (deps.clock.nowMs() < dueMs) return false;
  memory.state = { ...newPass(id, deps.now()), lastPass };
  return true;
};

/**
 * One turn of a plane's scrubber: reads records and the objects that they name on from where the last turn ended, for as
 * many bytes as the rate allows since then, and names what is not as it was written. Memory is one page and one piece.
 */
export const scrubTurn = async (scrubbed: Scrubbed, deps: Reach): Promise<void> => {
  const rate = scrubRateOf(deps.config);
  if (rate === 0) return;
  const memory = await recall(deps);
  const nowMs = deps.clock.nowMs();
  const sinceS = Math.min(Math.max(0, nowMs - memory.lastTurnMs) / 1000, longestTurnS);
  memory.lastTurnMs = nowMs;
  await lookAgain({ scrubbed, memory }, deps);
  if (!isDue(memory, deps)) return;
  const until = spent(memory) + rate * sinceS;
  if (await readOn({ scrubbed, memory, until }, deps)) await endPass(memory, deps);
  else if (deps.clock.nowMs() >= memory.keptMs + keepEveryMs) await keep(memory, deps);
};
