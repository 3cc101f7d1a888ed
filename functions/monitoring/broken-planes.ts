import type { Broken, PlaneView } from '#schema/status';

const runbooks = 'docs/operators/runbooks';
const error = { severity: 'error' } as const;
const warning = { severity: 'warning' } as const;

const effects = { archive: 'data are not archived', work: 'nothing is processed; archiving goes on' } as const;

const away = ({ name, lastNewsAt }: PlaneView): Broken => ({
  kind: 'plane-away',
  ...error,
  what: `the ${name} plane gives no news`,
  ...(lastNewsAt === undefined ? {} : { since: lastNewsAt }),
  evidence: effects[name],
  todo: `${runbooks}/plane-stands-still.md`,
});

const servicesAway = ({ name, servicesAway: services = [] }: PlaneView): Broken[] =>
  services.map(({ what, reason }) => ({
    kind: 'services-away',
    ...error,
    what: `${what} of the ${name} plane do not answer`,
    evidence: reason,
    todo: `${runbooks}/stack-does-not-answer.md`,
  }));

const paused = ({ name, paused: reason }: PlaneView): Broken[] =>
  reason === undefined
    ? []
    : [
        {
          kind: 'plane-paused',
          ...error,
          what: `the ${name} plane takes no work`,
          evidence: reason,
          todo: `${runbooks}/work-plane-full.md`,
        },
      ];

const deadLetters = ({ queues = {} }: PlaneView): Broken[] =>
  Object.entries(queues)
    .map(([name, { visible, inFlight, delayed }]) => ({ name, count: visible + inFlight + delayed }))
    .filter(({ name, count }) => name.endsWith('-dlq') && count > 0)
    .map(({ name, count }) => ({
      kind: 'dead-letters',
      ...warning,
      what: `dead letters in ${name}`,
      evidence: `${count} ${count === 1 ? 'message' : 'messages'} failed for good`,
      todo: `${runbooks}/dead-letters.md`,
    }));

const parked = ({ name, parked: count = 0, parkedSince }: PlaneView): Broken[] =>
  count === 0
    ? []
    : [
        {
          kind: 'parked',
          ...warning,
          what: `the ${name} plane has parked work`,
          ...(parkedSince === undefined ? {} : { since: parkedSince }),
          evidence: `${count} stopped it twice and ${count === 1 ? 'needs' : 'need'} a person`,
          todo: `${runbooks}/parked-call.md`,
        },
      ];

const rules = [servicesAway, paused, deadLetters, parked];

/** What the planes say of themselves, or do not say. */
export const brokenPlanes = ({ planes }: { readonly planes: readonly PlaneView[] }): Broken[] =>
  planes.flatMap((plane) => (plane.isAlive ? rules.flatMap((rule) => rule(plane)) : [away(plane)]));
