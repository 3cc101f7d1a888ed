import type { Broken, BrokenKind } from '#schema/broken';
import { brokenBacklogs } from './broken-backlogs.ts';
import { brokenBrokers } from './broken-brokers.ts';
import { brokenCases } from './broken-cases.ts';
import { brokenDamage } from './broken-damage.ts';
import { brokenDisks } from './broken-disks.ts';
import type { BrokenInputs } from './broken-inputs.ts';
import { brokenPlanes } from './broken-planes.ts';
import { brokenProcesses } from './broken-processes.ts';
import { brokenStream } from './broken-stream.ts';

/** The worst first: what stops everything, then what loses data, then what stops work, then what needs a look. */
const order: readonly BrokenKind[] = [
  ...(['disk-full', 'disk-read-only', 'disk-failing', 'plane-away', 'process-restarting', 'process-down'] as const),
  ...(['services-away', 'store-failing', 'broker-away', 'bridge-silent', 'stfs-not-stored'] as const),
  ...(['archiving-late', 'stream-silent', 'plane-paused', 'processing-late'] as const),
  ...(['stack-forged', 'bytes-damaged', 'anchor-failing', 'tfs-missing', 'stfs-failed'] as const),
  ...(['facility-failing', 'dead-letters', 'parked', 'process-restarted', 'backlog-growing'] as const),
  ...(['processing-suspended', 'facility-drained', 'quarantined'] as const),
];
const severities: Readonly<Record<Broken['severity'], number>> = { error: 0, warning: 1 };

const rules = [
  ...[brokenDisks, brokenPlanes, brokenProcesses, brokenBrokers, brokenDamage],
  ...[brokenStream, brokenBacklogs, brokenCases],
];

/** What is broken, since when, how that shows, and what to do: errors first, then by how bad it is. @see 4.2 4.7 */
export const brokenOf = (inputs: BrokenInputs): Broken[] =>
  rules
    .flatMap((rule) => rule(inputs))
    .sort((a, b) => severities[a.severity] - severities[b.severity] || order.indexOf(a.kind) - order.indexOf(b.kind));
