import type { Broken } from '#schema/broken';
import type { BrokenInputs } from './broken-inputs.ts';
import { facilityFailures } from './policy.ts';

const iso = (ms: number | undefined): Pick<Broken, 'since'> =>
  ms === undefined ? {} : { since: new Date(ms).toISOString() };

/** `5: 2 in the last hour, 3 older, unsettled, the last for stf-corrupt`. */
const unsettled = (
  { count, recent }: { readonly count: number; readonly recent: number },
  lastCode?: string,
): string => {
  const older = count - recent;
  const parts = [
    ...(recent > 0 ? [`${recent} in the last hour`] : []),
    ...(older > 0 ? [`${older} older, unsettled`] : []),
    ...(lastCode ? [`the last for ${lastCode}`] : []),
  ];
  return parts.join(', ');
};

const failed = ({ evidence: { failures } }: BrokenInputs): Broken[] =>
  failures.count === 0
    ? []
    : [
        {
          kind: 'stfs-failed',
          severity: 'warning',
          what: 'STFs could not be processed',
          ...iso(failures.firstMs),
          evidence: unsettled(failures, failures.lastCode),
          todo: 'papilio stf list --processing failed',
        },
      ];

const notStored = ({ evidence: { notStored: found } }: BrokenInputs): Broken[] =>
  found.count === 0
    ? []
    : [
        {
          kind: 'stfs-not-stored',
          severity: 'error',
          what: `${found.count} ${found.count === 1 ? 'STF' : 'STFs'} announced and not stored`,
          ...iso(found.firstMs),
          evidence: `held in quarantine${found.firstCode ? `, the first for ${found.firstCode}` : ''}`,
          todo: 'papilio quarantine list --state held',
        },
      ];

const facilities = ({ evidence }: BrokenInputs): Broken[] =>
  evidence.facilities
    .filter(({ failed: { count } }) => count >= facilityFailures.count)
    .filter(({ failed: { count }, settled }) => count >= facilityFailures.share * settled)
    .map(({ name, settled, failed: { count, firstMs } }) => ({
      kind: 'facility-failing',
      severity: 'warning',
      what: `attempts fail at facility ${name}`,
      ...iso(firstMs),
      evidence: `${count} of ${settled} in ten minutes`,
      todo: 'docs/operators/runbooks/payloads-fail.md',
    }));

const drained = ({ evidence }: BrokenInputs): Broken[] =>
  evidence.facilities.flatMap(({ name, drain }) =>
    drain === undefined
      ? []
      : [
          {
            kind: 'facility-drained',
            severity: 'warning',
            what: `facility ${name} is drained`,
            ...iso(drain.sinceMs),
            evidence: `${drain.who}: ${drain.why}`,
            todo: `papilio site show ${name}`,
          },
        ],
  );

/** Messages beside those of STFs that are not stored, which are a problem of their own. */
const quarantined = ({ evidence: { held, notStored: stfs } }: BrokenInputs): Broken[] =>
  held.count <= stfs.count
    ? []
    : [
        {
          kind: 'quarantined',
          severity: 'warning',
          what: 'messages are held in quarantine',
          ...iso(held.firstMs),
          evidence: unsettled(held, held.lastCode),
          todo: 'papilio quarantine list --state held',
        },
      ];

/** Single things that did not go well. */
export const brokenCases = (inputs: BrokenInputs): Broken[] =>
  [notStored, failed, facilities, drained, quarantined].flatMap((of) => of(inputs));
