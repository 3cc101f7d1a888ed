import type { Broken, BrokenKind } from '../../../functions/lib/schema/broken.ts';
import type { BrokenInputs } from '../../../functions/monitoring/broken-inputs.ts';
import { ago, aPlane } from '../../builders/a-broken-house.ts';

const depth = (visible: number) => ({ visible, inFlight: 0, delayed: 0 });

/** What a plane tells of itself: what is to be broken, in which house, and what stands there then. */
export const atPlanes: readonly [BrokenKind, Partial<BrokenInputs>, Partial<Broken>][] = [
  [
    'stack-forged',
    {
      planes: [
        aPlane('work', {
          forged: [
            { what: 'queue steer-tokens', count: 2, lastAt: '2026-12-03T14:08:11.310Z', reason: 'it has no seal' },
          ],
        }),
      ],
    },
    {
      severity: 'error',
      what: "somebody else speaks in papilio's place: queue steer-tokens of the work plane",
      evidence: '2 refused, the last at 2026-12-03T14:08:11.310Z: it has no seal',
    },
  ],
  [
    'services-away',
    { planes: [aPlane('work', { servicesAway: [{ what: 'records', reason: 'http://127.0.0.1:8000: gone' }] })] },
    {
      severity: 'error',
      what: 'records of the work plane do not answer',
      evidence: 'http://127.0.0.1:8000: gone',
    },
  ],
  [
    'plane-paused',
    { planes: [aPlane('work', { paused: 'the disk has 1 MB left' })] },
    { severity: 'error', what: 'the work plane takes no work', evidence: 'the disk has 1 MB left' },
  ],
  [
    'bytes-damaged',
    {
      planes: [
        aPlane('archive', {
          damaged: { count: 7, since: ago(60), files: ['swf.102363.000001.stf'], records: ['a/replica'] },
        }),
        aPlane('work', { isAlive: true }),
      ],
    },
    {
      severity: 'error',
      since: ago(60),
      what: 'archived files and records of the archive plane are damaged',
      evidence: 'swf.102363.000001.stf, a/replica and 5 more',
    },
  ],
  [
    'dead-letters',
    { planes: [aPlane('work', { queues: { settle: depth(9), 'settle-dlq': depth(3), 'broker-dlq': depth(0) } })] },
    { severity: 'warning', what: 'dead letters in settle-dlq', evidence: '3 messages failed for good' },
  ],
  [
    'parked',
    { planes: [aPlane('work', { parked: 1, parkedSince: ago(70) })] },
    { severity: 'warning', since: ago(70), evidence: '1 stopped it twice and needs a person' },
  ],
  [
    'anchor-failing',
    { planes: [aPlane('work', { anchor: { to: '/a/heads', problem: { since: ago(80), reason: 'no space' } } })] },
    { severity: 'warning', since: ago(80), evidence: '/a/heads: no space' },
  ],
];
