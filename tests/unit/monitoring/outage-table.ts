import { expect } from 'vitest';
import type { Broken, BrokenKind } from '../../../functions/lib/schema/broken.ts';
import type { BrokenInputs } from '../../../functions/monitoring/broken-inputs.ts';
import { aBroker, ago, aPlane, aProcess, aRestarted } from '../../builders/a-broken-house.ts';

const aDisk = (state: 'full' | 'read-only' | 'failing', secondsAgo = 50) => ({
  state,
  since: ago(secondsAgo),
  error: 'EROFS: read-only file system, open',
  fileSystem: '/data (ext4)',
});

/** What of papilio, or of what it stands on, does not work: in which house, and what stands there then. */
export const outages: readonly [BrokenKind, Partial<BrokenInputs>, Partial<Broken>][] = [
  [
    'plane-away',
    { planes: [aPlane('archive', { isAlive: false, lastNewsAt: ago(7) }), aPlane('work')] },
    { severity: 'error', since: ago(7), what: 'the archive plane does not respond', evidence: 'data are not archived' },
  ],
  [
    'plane-away',
    {
      planes: [aPlane('archive', { isAlive: false, lastNewsAt: ago(3) }), aPlane('work')],
      processes: [aRestarted('archive', 3, { state: 'starting' }), aProcess('work')],
    },
    {
      isOutage: true,
      what: 'the archive plane is starting',
      evidence: 'data are not archived; restarts 1, last exit: SIGKILL at 11:59:57 UTC',
    },
  ],
  [
    'plane-away',
    {
      planes: [aPlane('archive'), aPlane('work', { isAlive: false })],
      processes: [aRestarted('work', 30, { state: 'down', isFinal: true })],
    },
    { what: 'the work plane is down', evidence: expect.stringMatching(/it is not started again by itself$/) },
  ],
  [
    'process-restarting',
    { processes: [aRestarted('work', 20, { starts: 5, restarts: 4 })] },
    { severity: 'error', isOutage: true, plane: 'work', what: 'the work plane keeps restarting', since: ago(20) },
  ],
  [
    'process-down',
    { processes: [aRestarted('bridge', 20, { state: 'down' })] },
    { severity: 'error', isOutage: true, what: 'the bridge is down', since: ago(20) },
  ],
  [
    'process-restarted',
    { processes: [aRestarted('archive', 200)] },
    {
      severity: 'warning',
      what: 'the archive plane was restarted',
      since: ago(200),
      evidence: 'restarts 1, last exit: SIGKILL at 11:56:40 UTC',
    },
  ],
  [
    'broker-away',
    { brokers: [aBroker({ state: 'away', since: ago(40), reason: 'connect ECONNREFUSED', tries: 7 })] },
    {
      severity: 'error',
      isOutage: true,
      since: ago(40),
      what: 'no connection to broker e1-bnl',
      evidence: 'stomp://broker:61613: connect ECONNREFUSED; tried 7 times',
    },
  ],
  [
    'bridge-silent',
    { brokers: [aBroker({ state: 'unknown', since: ago(40) }), aBroker({ name: 'b', state: 'unknown' })] },
    { severity: 'error', isOutage: true, since: ago(40), evidence: 'messages wait at e1-bnl, b' },
  ],
  [
    'disk-full',
    { planes: [aPlane('archive', { disk: aDisk('full') }), aPlane('work')] },
    {
      severity: 'error',
      isOutage: true,
      plane: 'archive',
      what: 'the disk of the archive plane is full',
      since: ago(50),
    },
  ],
  [
    'disk-read-only',
    { planes: [aPlane('archive', { disk: aDisk('read-only') }), aPlane('work', { disk: aDisk('read-only', 30) })] },
    {
      severity: 'error',
      isOutage: true,
      since: ago(50),
      what: 'the disk of the archive and work planes is read-only',
      evidence: '/data (ext4): EROFS: read-only file system, open',
    },
  ],
  [
    'disk-failing',
    { planes: [aPlane('archive'), aPlane('work', { disk: aDisk('failing') })] },
    { severity: 'error', isOutage: true, plane: 'work', what: 'the disk of the work plane fails' },
  ],
  [
    'store-failing',
    { planes: [aPlane('archive', { store: { since: ago(9), reason: 'archive/store.db: disk I/O error' } })] },
    { severity: 'error', isOutage: true, since: ago(9), evidence: 'archive/store.db: disk I/O error' },
  ],
];
