import type { Config } from '#lib/config';
import type { AuditReport } from '#schema/audit-report';
import type { Check } from '#schema/check-up';
import type { Plane } from '../../functions/catalog.ts';
import { openAnchor } from '../audit/open-anchor.ts';
import { verifyFolder } from '../audit/verify-folder.ts';
import type { Deed } from '../supervisor/data-folder.ts';

const todo =
  'Keep the folder and the anchor as they are, run papilio audit verify, and follow docs/operators/audit-log.md.';

const words = ({ covers, lines, events, unseen, anchor }: AuditReport): string => {
  const heads = anchor === undefined ? 'no anchor' : `${anchor.heads} heads in ${anchor.name}`;
  const blind = unseen.length === 0 ? '' : '; whether its end was cut or its chain computed again cannot be seen here';
  return `${lines} lines and ${covers} events that cover them agree, ${events} events in a chain, ${heads}${blind}`;
};

/** What a verification found, as lines of an examination. */
export const auditChecks = (report: AuditReport): Check[] => {
  const about = { check: 'audit', of: report.plane } as const;
  const { faults, moreFaults, uncovered } = report;
  const named = faults.map(({ what }): Check => ({ ...about, level: 'problem', what, todo }));
  if (moreFaults > 0) named.push({ ...about, level: 'problem', what: `${moreFaults} more faults`, todo });
  if (named.length > 0) return named;
  if (uncovered === 0) return [{ ...about, level: 'ok', what: words(report) }];
  const what = `${uncovered} of ${report.lines} lines are covered by no event: an earlier version wrote them`;
  return [{ ...about, level: 'warning', what, todo: 'Start papilio once with this version: it covers them.' }];
};

/** Verifies the audit log of a plane, with the anchor that the settings name. */
export const checkAuditLog = async (folder: string, plane: Plane, deed: Deed, config: Config): Promise<Check[]> => {
  const { PAPILIO_ANCHOR: address } = config;
  const anchor = address === undefined ? undefined : await openAnchor(address, config);
  try {
    return auditChecks(await verifyFolder({ folder, plane, deed, anchor }));
  } finally {
    anchor?.close();
  }
};
