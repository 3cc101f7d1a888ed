import type { Check } from '#schema/check-up';
import type { PlaneView } from '#schema/status';

/** Why a plane cannot write, if it cannot, and what to do. */
const refusalOf = ({ disk, store }: Pick<PlaneView, 'disk' | 'store'>): Pick<Check, 'what' | 'todo'> | undefined => {
  if (disk !== undefined && disk.state !== 'ok') {
    const page = disk.state === 'full' ? 'disk-full.md' : 'disk-read-only.md';
    const what = `cannot write since ${disk.since}: ${disk.fileSystem ?? 'its disk'} is ${disk.state}: ${disk.error}`;
    return { what, todo: `docs/operators/runbooks/${page}` };
  }
  if (store === undefined) return undefined;
  const what = `its store cannot write since ${store.since}: ${store.reason}`;
  return { what, todo: 'docs/operators/runbooks/disk-read-only.md' };
};

/** How a plane says that it is. */
export const planeCheck = ({
  name,
  isAlive,
  lastNewsAt,
  startedAt,
  servicesAway,
  disk,
  store,
  paused,
  parked = 0,
  deadLetters = 0,
}: PlaneView): Check => {
  const about = { check: 'planes', of: name } as const;
  if (!isAlive) {
    const since = lastNewsAt === undefined ? 'has not answered yet' : `does not answer since ${lastNewsAt}`;
    return { ...about, level: 'problem', what: since, todo: 'docs/operators/runbooks/plane-does-not-start.md' };
  }
  if (servicesAway !== undefined) {
    const what = servicesAway.map((one) => `${one.what} do not answer: ${one.reason}`).join('; ');
    return { ...about, level: 'problem', what, todo: 'docs/operators/runbooks/stack-does-not-answer.md' };
  }
  const refusal = refusalOf({ disk, store });
  if (refusal !== undefined) return { ...about, level: 'problem', ...refusal };
  if (paused !== undefined) {
    const todo = 'Make space; it goes on by itself. docs/operators/runbooks/work-plane-full.md';
    return { ...about, level: 'problem', what: `takes no work: ${paused}`, todo };
  }
  if (parked > 0) {
    const todo = 'docs/operators/runbooks/parked-call.md';
    return { ...about, level: 'problem', what: `${parked} inputs stopped it and are parked`, todo };
  }
  if (deadLetters > 0) {
    const todo = 'docs/operators/runbooks/dead-letters.md';
    return { ...about, level: 'warning', what: `${deadLetters} messages are in its dead-letter queues`, todo };
  }
  return { ...about, level: 'ok', what: `answers, runs since ${startedAt ?? 'an unknown time'}` };
};
