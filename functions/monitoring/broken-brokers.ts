import type { Broken } from '#schema/broken';
import type { BrokerView } from '#schema/condition';

const todo = 'docs/operators/runbooks/broker-away.md';

const away = ({ name, url, since, reason, tries = 0 }: BrokerView): Broken => ({
  kind: 'broker-away',
  severity: 'error',
  isOutage: true,
  what: `no connection to broker ${name}`,
  since,
  evidence: `${url}: ${reason ?? 'no reason known'}${tries > 1 ? `; tried ${tries} times` : ''}`,
  todo,
});

/** The bridge reports for all of its brokers at once, so its silence is one problem. */
const silent = (brokers: readonly BrokerView[]): Broken[] => {
  const [first] = brokers;
  if (first === undefined) return [];
  return [
    {
      kind: 'bridge-silent',
      severity: 'error',
      isOutage: true,
      what: 'the bridge does not respond',
      since: first.since,
      evidence: `messages wait at ${brokers.map(({ name }) => name).join(', ')}`,
      todo,
    },
  ];
};

/** Connections to brokers that are missing. A broker that is being connected to for the first time is not away yet. */
export const brokenBrokers = ({ brokers }: { readonly brokers: readonly BrokerView[] }): Broken[] => [
  ...brokers.filter(({ state }) => state === 'away').map(away),
  ...silent(brokers.filter(({ state }) => state === 'unknown')),
];
