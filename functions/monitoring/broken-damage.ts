import type { Broken } from '#schema/broken';
import type { PlaneView } from '#schema/status';

const nouns = { archive: 'archived files', work: 'outputs' } as const;

const shown = (names: readonly string[], count: number): string => {
  const more = count - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const damaged = ({ name, damaged: report }: PlaneView): Broken[] => {
  if (report === undefined) return [];
  const { count, since, files, records } = report;
  const kinds = [...(files.length > 0 ? [nouns[name]] : []), ...(records.length > 0 ? ['records'] : [])];
  return [
    {
      kind: 'bytes-damaged',
      severity: 'error',
      what: `${kinds.join(' and ')} of the ${name} plane are damaged`,
      ...(since === undefined ? {} : { since }),
      evidence: shown([...files, ...records], count),
      todo: 'docs/operators/runbooks/damaged-bytes.md',
    },
  ];
};

/** Files and records that are not as they were written. */
export const brokenDamage = ({ planes }: { readonly planes: readonly PlaneView[] }): Broken[] =>
  planes.filter(({ isAlive }) => isAlive).flatMap(damaged);
