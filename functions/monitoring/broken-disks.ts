import type { Broken } from '#schema/broken';
import type { DiskState } from '#schema/condition';
import type { PlaneView } from '#schema/status';

const runbooks = 'docs/operators/runbooks';

type Trouble = Exclude<DiskState, 'ok'>;

const words = {
  full: { kind: 'disk-full', is: 'is full', todo: `${runbooks}/disk-full.md` },
  'read-only': { kind: 'disk-read-only', is: 'is read-only', todo: `${runbooks}/disk-read-only.md` },
  failing: { kind: 'disk-failing', is: 'fails', todo: `${runbooks}/disk-read-only.md` },
} as const satisfies Readonly<Record<Trouble, unknown>>;

type Sick = { readonly plane: PlaneView['name']; readonly state: Trouble } & Omit<
  NonNullable<PlaneView['disk']>,
  'state'
>;

const sickIn = ({ name, isAlive, disk }: PlaneView): Sick[] =>
  !isAlive || disk === undefined || disk.state === 'ok' ? [] : [{ ...disk, plane: name, state: disk.state }];

const earliest = (all: readonly Sick[]): Pick<Broken, 'since'> => {
  const [since] = all.flatMap((one) => one.since ?? []).toSorted();
  return since === undefined ? {} : { since };
};

/** One problem of all planes on one file system. */
const problemOf = (all: readonly Sick[]): Broken[] => {
  const [first] = all;
  if (first === undefined) return [];
  const { kind, is, todo } = words[first.state];
  const names = all.map(({ plane }) => plane);
  const of = names.length === 1 ? `${names[0]} plane` : `${names.join(' and ')} planes`;
  return [
    {
      kind,
      severity: 'error',
      isOutage: true,
      ...(names.length === 1 ? { plane: first.plane } : {}),
      what: `the disk of the ${of} ${is}`,
      ...earliest(all),
      evidence: [first.fileSystem, first.error].filter((text) => text !== undefined).join(': '),
      todo,
    },
  ];
};

const storeOf = ({ name, isAlive, store }: PlaneView): Broken[] =>
  !isAlive || store === undefined
    ? []
    : [
        {
          kind: 'store-failing',
          severity: 'error',
          isOutage: true,
          plane: name,
          what: `the store of the ${name} plane cannot write`,
          since: store.since,
          evidence: store.reason,
          todo: `${runbooks}/disk-read-only.md`,
        },
      ];

/** Disks and stores that the planes cannot write to. */
export const brokenDisks = ({ planes }: { readonly planes: readonly PlaneView[] }): Broken[] => {
  const groups = Map.groupBy(
    planes.flatMap(sickIn),
    ({ state, fileSystem, plane }) => `${state} ${fileSystem ?? plane}`,
  );
  return [...[...groups.values()].flatMap(problemOf), ...planes.flatMap(storeOf)];
};
