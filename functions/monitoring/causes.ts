import type { Broken, BrokenKind } from '#schema/broken';

type Plane = NonNullable<Broken['plane']>;

/** A cause and the problems that go away with it. */
type Row = {
  readonly causes: readonly BrokenKind[];
  /** The plane that has the cause, or `neither`; a disk or store without a plane is of both. */
  readonly of?: Plane | 'neither';
  readonly effects: readonly BrokenKind[];
};

const stops: readonly BrokenKind[] = [
  ...(['disk-full', 'disk-read-only', 'disk-failing'] as const),
  ...(['plane-away', 'services-away', 'process-restarting', 'store-failing', 'plane-paused'] as const),
];
const disks: readonly BrokenKind[] = ['disk-full', 'disk-read-only', 'disk-failing'];

/** The dependency table. Every row reads: while one of `causes` lasts, `effects` say nothing new. */
const table: readonly Row[] = [
  // The inboxes lie with the archive plane: when it stops, nothing is announced, stored or passed on.
  {
    causes: stops,
    of: 'archive',
    effects: ['stream-silent', 'archiving-late', 'processing-late', 'backlog-growing'],
  },
  { causes: stops, of: 'work', effects: ['processing-late', 'backlog-growing'] },
  // A disk that refuses writes stops the plane, its store, and the report of the bridge beside them.
  { causes: disks, effects: ['plane-paused', 'store-failing', 'bridge-silent'] },
  // Beside planes, the bridge alone can be down while the front reports it.
  {
    causes: ['process-down', 'process-restarting'],
    of: 'neither',
    effects: ['bridge-silent', 'broker-away', 'stream-silent'],
  },
  { causes: ['broker-away', 'bridge-silent'], effects: ['stream-silent'] },
];

/** Effects that a plane has by itself: only its own cause explains them. */
const ownEffects: ReadonlySet<BrokenKind> = new Set(['plane-paused', 'store-failing']);

const appliesTo = ({ causes, of }: Row, { kind, plane }: Broken): boolean => {
  if (!causes.includes(kind)) return false;
  if (of === 'neither') return plane === undefined;
  return of === undefined || plane === undefined || of === plane;
};

/** Whether one problem explains another. */
export const explains = (cause: Broken, effect: Broken): boolean => {
  if (cause === effect || cause.kind === effect.kind) return false;
  const isElsewhere = cause.plane !== undefined && effect.plane !== undefined && cause.plane !== effect.plane;
  if (ownEffects.has(effect.kind) && isElsewhere) return false;
  return table.some((row) => appliesTo(row, cause) && row.effects.includes(effect.kind));
};

/**
 * Folds each problem under the first one that explains it. What remains are causes, in their order, each with its
 * consequences: nothing is dropped. Costs the square of a handful of problems.
 */
export const foldConsequences = (all: readonly Broken[]): Broken[] => {
  const rootOf = (one: Broken): Broken => {
    const cause = all.find((other) => explains(other, one));
    return cause === undefined ? one : rootOf(cause);
  };
  const byRoot = Map.groupBy(all, rootOf);
  return all.flatMap((root) => {
    const consequences = (byRoot.get(root) ?? [])
      .filter((one) => one !== root)
      .map(({ kind, what, evidence }) => ({ kind, what, evidence }));
    if (!byRoot.has(root) || rootOf(root) !== root) return [];
    return [consequences.length === 0 ? root : { ...root, consequences }];
  });
};
