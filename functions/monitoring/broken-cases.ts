import type { Broken } from '#schema/status';
import type { BrokenInputs } from './broken-inputs.ts';
import { facilityFailures } from './policy.ts';

const iso = (ms: number | undefined): Pick<Broken, 'since'> =>
  ms === undefined ? {} : { since: new Date(ms).toISOString() };

const failed = ({ evidence: { failures } }: BrokenInputs): Broken[] =>
  failures.count === 0 || failures.now === 0
    ? []
    : [
        {
          kind: 'stfs-failed',
          severity: 'warning',
          what: 'STFs could not be processed',
          ...iso(failures.firstMs),
          evidence: `${failures.count} in the last hour${failures.lastCode ? `, the last for ${failures.lastCode}` : ''}`,
          todo: 'papilio stf list --processing failed',
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

const quarantined = ({ evidence: { held } }: BrokenInputs): Broken[] =>
  held.count === 0
    ? []
    : [
        {
          kind: 'quarantined',
          severity: 'warning',
          what: 'messages came to quarantine',
          ...iso(held.firstMs),
          evidence: `${held.count} in the last hour${held.lastCode ? `, the last for ${held.lastCode}` : ''}`,
          todo: 'papilio quarantine list --state held',
        },
      ];

/** Single things that did not go well. */
export const brokenCases = (inputs: BrokenInputs): Broken[] =>
  [failed, facilities, drained, quarantined].flatMap((of) => of(inputs));
