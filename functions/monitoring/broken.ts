import type { Broken, BrokenKind } from '#schema/status';
import { brokenBacklogs } from './broken-backlogs.ts';
import { brokenCases } from './broken-cases.ts';
import { brokenDamage } from './broken-damage.ts';
import type { BrokenInputs } from './broken-inputs.ts';
import { brokenPlanes } from './broken-planes.ts';
import { brokenStream } from './broken-stream.ts';

/** The worst first: what loses data, then what stops work, then what needs a look. */
const order: Readonly<Record<BrokenKind, number>> = {
  'plane-away': 0,
  'services-away': 0,
  'archiving-late': 1,
  'stream-silent': 2,
  'plane-paused': 3,
  'processing-late': 4,
  'bytes-damaged': 5,
  'tfs-missing': 5,
  'stfs-failed': 6,
  'facility-failing': 7,
  'dead-letters': 8,
  parked: 9,
  'backlog-growing': 10,
  'processing-suspended': 11,
  'facility-drained': 12,
  quarantined: 13,
};
const severities: Readonly<Record<Broken['severity'], number>> = { error: 0, warning: 1 };

/** What is broken, since when, how that shows, and what to do: errors first, then by how bad it is. @see 4.2 4.7 */
export const brokenOf = (inputs: BrokenInputs): Broken[] =>
  [brokenPlanes, brokenDamage, brokenStream, brokenBacklogs, brokenCases]
    .flatMap((rule) => rule(inputs))
    .sort((a, b) => severities[a.severity] - severities[b.severity] || order[a.kind] - order[b.kind]);
