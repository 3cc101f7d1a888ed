import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../clients/cli/program.ts';
import { type Broken, BrokenKind } from '../../../functions/lib/schema/broken.ts';
import { brokenOf } from '../../../functions/monitoring/broken.ts';
import type { BrokenInputs } from '../../../functions/monitoring/broken-inputs.ts';
import { aBacklog, aBroker, ago, agoMs, aHouse, aPlane, aProcess, aRestarted } from '../../builders/a-broken-house.ts';
import { outages } from './outage-table.ts';
import { atPlanes } from './plane-table.ts';

const { evidence } = aHouse();
const told = (facet: 'processing', value: string) => ({
  facet,
  revision: 1,
  value,
  reason: 'magnet test',
  eventAt: ago(90),
  receivedAt: ago(90),
});
const growing = { trend: 'growing', perMinute: 90 } as const;

/** What is to be broken, in which house, and what stands there then. */
const cases: readonly [BrokenKind, Partial<BrokenInputs>, Partial<Broken>][] = [
  ...outages,
  ...atPlanes,
  [
    'stream-silent',
    { evidence: { ...evidence, lastStfMs: agoMs(31) } },
    { severity: 'error', since: ago(31), evidence: 'run 102363 is in run/physics' },
  ],
  [
    'archiving-late',
    { backlogs: { archiving: aBacklog(25, growing), processing: aBacklog(1) } },
    { severity: 'error', since: ago(15), evidence: '40, the oldest for 25 s, growing by 90 a minute' },
  ],
  [
    'processing-late',
    { backlogs: { archiving: aBacklog(1), processing: aBacklog(11, growing) } },
    { severity: 'error', since: ago(1), evidence: '40, the oldest for 11 s, growing by 90 a minute' },
  ],
  [
    'processing-late',
    {
      backlogs: {
        archiving: aBacklog(1),
        processing: aBacklog(40, { trend: 'shrinking', perMinute: -80, catchUpS: 30 }),
      },
    },
    { severity: 'warning', since: ago(30), evidence: '40, the oldest for 40 s, caught up with in 30 s' },
  ],
  [
    'backlog-growing',
    { backlogs: { archiving: aBacklog(1), processing: aBacklog(8, growing) } },
    { severity: 'warning', evidence: '40 wait, growing by 90 a minute' },
  ],
  [
    'processing-suspended',
    {
      facets: [told('processing', 'suspended-by-operator')],
      backlogs: { archiving: aBacklog(1), processing: aBacklog(80, growing) },
    },
    { severity: 'warning', since: ago(90), evidence: 'magnet test; 40 STFs wait' },
  ],
  [
    'tfs-missing',
    {
      evidence: {
        ...evidence,
        incomplete: {
          count: 2,
          firstMs: agoMs(50),
          lastName: 'swf.102363.000007.stf',
        },
      },
    },
    { severity: 'warning', since: ago(50), evidence: '2 in the last hour, the last is swf.102363.000007.stf' },
  ],
  [
    'tfs-missing',
    { evidence: { ...evidence, gaps: [{ run: 102363, count: 2, sinceMs: agoMs(61) }] } },
    { severity: 'warning', since: ago(61), what: 'run 102363 has gaps', evidence: '2 between its archived TFs' },
  ],
  [
    'stfs-failed',
    {
      evidence: {
        ...evidence,
        failures: { count: 4, firstMs: agoMs(500), recent: 4, lastCode: 'payload-failed' },
      },
    },
    { severity: 'warning', since: ago(500), evidence: '4 in the last hour, the last for payload-failed' },
  ],
  [
    'stfs-failed',
    { evidence: { ...evidence, failures: { count: 5, firstMs: agoMs(90_000), recent: 2, lastCode: 'x' } } },
    { since: ago(90_000), evidence: '2 in the last hour, 3 older, unsettled, the last for x' },
  ],
  [
    'stfs-not-stored',
    { evidence: { ...evidence, notStored: { count: 5, firstMs: agoMs(90_000), firstCode: 'stf-corrupt' } } },
    {
      severity: 'error',
      since: ago(90_000),
      what: '5 STFs announced and not stored',
      evidence: 'held in quarantine, the first for stf-corrupt',
    },
  ],
  [
    'facility-failing',
    {
      evidence: { ...evidence, facilities: [{ name: 'far', settled: 20, failed: { count: 5, firstMs: agoMs(200) } }] },
    },
    { severity: 'warning', since: ago(200), what: 'attempts fail at facility far', evidence: '5 of 20 in ten minutes' },
  ],
  [
    'facility-drained',
    {
      evidence: {
        ...evidence,
        facilities: [
          {
            name: 'far',
            settled: 0,
            failed: { count: 0, firstMs: undefined },
            drain: { sinceMs: agoMs(200), who: 'anna', why: 'a new switch' },
          },
        ],
      },
    },
    { severity: 'warning', since: ago(200), what: 'facility far is drained', evidence: 'anna: a new switch' },
  ],
  [
    'quarantined',
    { evidence: { ...evidence, held: { count: 1, recent: 1, firstMs: agoMs(900), lastCode: 'stf-corrupt' } } },
    { severity: 'warning', since: ago(900), evidence: '1 in the last hour, the last for stf-corrupt' },
  ],
  [
    'quarantined',
    { evidence: { ...evidence, held: { count: 3, recent: 0, firstMs: agoMs(90_000), lastCode: 'stf-corrupt' } } },
    { severity: 'warning', since: ago(90_000), evidence: '3 older, unsettled, the last for stf-corrupt' },
  ],
];

/** Houses that look broken to somebody in a hurry. */
const whole: readonly [string, Partial<BrokenInputs>][] = [
  ['an STF comes every second and is processed in time', {}],
  ['no STF comes and no run is on', { ribbon: undefined, evidence: { ...evidence, lastStfMs: agoMs(3600) } }],
  [
    'no STF comes in standby',
    {
      ribbon: { run: 1, phase: 'paused', state: 'run', substate: 'standby', since: ago(60) },
      evidence: { ...evidence, lastStfMs: agoMs(61) },
    },
  ],
  [
    'physics began a moment ago and the first STF is on its way',
    {
      ribbon: { run: 2, phase: 'physics', state: 'run', substate: 'physics', since: ago(9) },
      evidence: { ...evidence, lastStfMs: agoMs(3600) },
    },
  ],
  [
    'a broker was connected to a moment ago and the first STF is on its way',
    { brokers: [aBroker({ since: ago(9) })], evidence: { ...evidence, lastStfMs: agoMs(3600) } },
  ],
  ['many wait, none for long', { backlogs: { archiving: aBacklog(9), processing: aBacklog(10) } }],
  [
    'a run has a gap that may only be late',
    { evidence: { ...evidence, gaps: [{ run: 102363, count: 1, sinceMs: agoMs(20) }] } },
  ],
  ['a run of yesterday has a gap', { evidence: { ...evidence, gaps: [{ run: 7, count: 1, sinceMs: agoMs(90_000) }] } }],
  ['a broker is connected to for the first time', { brokers: [aBroker({ state: 'connecting', since: ago(3) })] }],
  ['brokers are connected and all processes are up', { brokers: [aBroker()], processes: [aProcess('archive')] }],
  ['a plane was restarted yesterday', { processes: [aRestarted('archive', 90_000)] }],
  ['a bridge has played its recording to the end', { processes: [aProcess('bridge', { state: 'down' })] }],
  ['disks take what is written', { planes: [aPlane('archive', { disk: { state: 'ok' } }), aPlane('work')] }],
  [
    'a run has ended and what is left of it waits',
    {
      ribbon: { run: 2, phase: 'ended', state: 'beam', substate: 'not_ready', since: ago(9) },
      backlogs: { archiving: aBacklog(1), processing: aBacklog(8, growing) },
    },
  ],
  [
    'no STF is announced any more and what came waits',
    {
      rates: { windowS: 60, announcedHz: 0, archivedHz: 0, processedHz: 1 },
      backlogs: { archiving: aBacklog(1), processing: aBacklog(8, growing) },
    },
  ],
  [
    'a few of many attempts failed',
    {
      evidence: { ...evidence, facilities: [{ name: 'far', settled: 900, failed: { count: 5, firstMs: agoMs(200) } }] },
    },
  ],
  ['processing runs', { facets: [told('processing', 'running')] }],
  ['the stream is silent between runs', { facets: [told('processing', 'suspended-by-silence')] }],
  ['nothing comes in a state that suspends processing', { facets: [told('processing', 'suspended-by-state')] }],
];

const root = fileURLToPath(new URL('../../../', import.meta.url));
const silent = { write: () => undefined };
/** Whether the words name a command with all of its options. */
const isCommand = async (words: readonly string[]): Promise<boolean> => {
  let command = await createProgram({ out: silent, err: silent, signal: new AbortController().signal });
  for (const word of words) {
    if (word.startsWith('--') && !command.options.some(({ long }) => long === word)) return false;
    command = command.commands.find((one) => one.name() === word) ?? command;
  }
  return words.length > 0 && command.commands.length === 0;
};

describe('what is broken', () => {
  it.each(cases)('names %s with its evidence', (kind, changes, expected) => {
    expect(brokenOf(aHouse(changes))).toEqual([expect.objectContaining({ kind, ...expected })]);
  });

  it.each(whole)('is nothing while %s', (_, changes) => {
    expect(brokenOf(aHouse(changes))).toEqual([]);
  });

  it('is shown in every kind above, and each says what to do: a page that there is, or a command that there is', async () => {
    const all = cases.flatMap(([, changes]) => brokenOf(aHouse(changes)));
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(BrokenKind.options));
    for (const { todo } of all) {
      const [first, ...words] = todo.split(' ');
      if (first === 'papilio') expect(await isCommand(words), todo).toBe(true);
      else expect(existsSync(`${root}${todo}`), todo).toBe(true);
    }
  });

  it('has one line for messages whose STFs are not stored', () => {
    const notStored = { count: 2, firstMs: agoMs(9), firstCode: 'x' };
    const kinds = (count: number) =>
      brokenOf(aHouse({ evidence: { ...evidence, notStored, held: { ...evidence.held, count } } })).map(
        ({ kind }) => kind,
      );
    expect(kinds(2)).toEqual(['stfs-not-stored']);
    expect(kinds(3)).toEqual(['stfs-not-stored', 'quarantined']);
  });

  it('names what stops everything before what loses data, and errors before warnings', () => {
    const all = cases.map(([, changes]) => aHouse(changes));
    const together = aHouse({
      planes: all.flatMap(({ planes }) => planes),
      brokers: all.flatMap(({ brokers }) => brokers),
      backlogs: { archiving: aBacklog(25), processing: aBacklog(30) },
      evidence: {
        ...evidence,
        held: { count: 9, recent: 1, firstMs: agoMs(900), lastCode: 'x' },
        notStored: { count: 1, firstMs: agoMs(9), firstCode: 'x' },
        lastStfMs: agoMs(99),
      },
    });
    const kinds = [...new Set(brokenOf(together).map(({ kind }) => kind))];
    expect(kinds).toEqual([
      'disk-full',
      'disk-read-only',
      'disk-failing',
      'plane-away',
      'services-away',
      'store-failing',
      'broker-away',
      'bridge-silent',
      'stfs-not-stored',
      'archiving-late',
      'stream-silent',
      'plane-paused',
      'processing-late',
      'stack-forged',
      'bytes-damaged',
      'anchor-failing',
      'dead-letters',
      'parked',
      'quarantined',
    ]);
  });
});
