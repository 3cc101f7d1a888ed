import { PapilioError } from '#lib/errors';
import { createStfWalk, type Finding, type Walked } from '#lib/model/stf-walk';
import type { StfFact } from '#schema/daq-message';
import type { StfContent } from '#schema/stf';

/** What is looked at in an STF's bytes while they are copied. */
export type Inspection = {
  readonly see: (bytes: Uint8Array) => void;
  /** @throws stf-corrupt naming the TFs, stf-name-mismatch */
  readonly judge: () => void;
  /** The TFs that are in it; undefined where its layout is not known. */
  readonly content: () => StfContent | undefined;
  /** Why the file is not what its message announces, as far as the file shows it. */
  readonly explain: () => string;
};

/** As many as a person reads. */
const findingsShown = 10;

const shown = ({ tf, problem }: Finding): string => (tf === undefined ? problem : `TF ${tf}: ${problem}`);

const listed = (findings: readonly Finding[]): string => {
  const more = findings.length - findingsShown;
  return findings.slice(0, findingsShown).map(shown).join('; ') + (more > 0 ? `; and ${more} more` : '');
};

/** Begins the inspection of an STF: a walk through its TFs, and whether they are those of its name. */
export const createInspection = ({ name, run, sequence }: Pick<StfFact, 'name' | 'run' | 'sequence'>): Inspection => {
  const walk = createStfWalk();
  let walked: Walked | undefined;
  const end = (): Walked => {
    walked ??= walk.end();
    return walked;
  };
  return {
    see: walk.update,
    judge: () => {
      const found = end();
      if (found.kind === 'damaged') throw new PapilioError('stf-corrupt', `${name}: ${listed(found.findings)}`);
      if (found.kind !== 'unknown' && (found.run !== run || found.sequence !== sequence))
        throw new PapilioError('stf-name-mismatch', `${name} holds run ${found.run}, sequence ${found.sequence}`);
    },
    content: () => {
      const found = end();
      return found.kind === 'sound' ? found.content : undefined;
    },
    explain: () => {
      const found = end();
      if (found.kind === 'unknown') return 'its layout is not known, so its TFs cannot be looked at';
      if (found.kind === 'damaged') return listed(found.findings);
      return `the file is sound and holds run ${found.run}, sequence ${found.sequence}: the message does not speak of it`;
    },
  };
};
