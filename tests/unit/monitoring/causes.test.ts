import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Broken, BrokenKind } from '../../../functions/lib/schema/broken.ts';
import { explains, foldConsequences } from '../../../functions/monitoring/causes.ts';

const aProblem = (kind: BrokenKind, plane?: Broken['plane']): Broken => ({
  kind,
  severity: 'error',
  ...(plane && { plane }),
  what: `${kind} ${plane ?? ''}`.trim(),
  evidence: 'seen',
  todo: 'docs/operators/runbooks/README.md',
});
const planes = [undefined, 'archive', 'work'] as const;
const problems = BrokenKind.options.flatMap((kind) => planes.map((plane) => aProblem(kind, plane)));

/** What is left of some problems, and under which cause the others are. */
const folded = (...all: Broken[]) =>
  foldConsequences(all).map(({ what, consequences = [] }) => [what, consequences.map(({ kind }) => kind)]);

describe('a cause', () => {
  it.each([
    ['a full disk of the archive', aProblem('disk-full', 'archive')],
    ['a read-only disk of the archive', aProblem('disk-read-only', 'archive')],
    ['a failing disk of both planes', aProblem('disk-failing')],
    ['an archive plane that is away', aProblem('plane-away', 'archive')],
    ['an archive plane that keeps restarting', aProblem('process-restarting', 'archive')],
    ['a store of the archive that refuses writes', aProblem('store-failing', 'archive')],
    ['services of the archive that do not answer', aProblem('services-away', 'archive')],
  ])('hides that no STFs come and that all is late: %s', (_, cause) => {
    const effects = (['archiving-late', 'stream-silent', 'processing-late', 'backlog-growing'] as const).map((kind) =>
      aProblem(kind),
    );
    expect(folded(cause, ...effects)).toEqual([[cause.what, effects.map(({ kind }) => kind)]]);
  });

  it.each([
    ['a broker that is away', aProblem('broker-away')],
    ['a bridge that is silent', aProblem('bridge-silent')],
    ['a bridge that is down', aProblem('process-down')],
  ])('hides that no STFs come, and not that what came is late: %s', (_, cause) => {
    expect(folded(cause, aProblem('stream-silent'), aProblem('archiving-late'))).toEqual([
      [cause.what, ['stream-silent']],
      ['archiving-late', []],
    ]);
  });

  it('of the work plane hides that processing is late, and nothing of the archive', () => {
    expect(
      folded(
        aProblem('disk-full', 'work'),
        aProblem('stream-silent'),
        aProblem('plane-paused', 'work'),
        aProblem('processing-late'),
      ),
    ).toEqual([
      ['disk-full work', ['plane-paused', 'processing-late']],
      ['stream-silent', []],
    ]);
    expect(folded(aProblem('disk-full', 'work'), aProblem('plane-paused', 'archive'))).toEqual([
      ['disk-full work', []],
      ['plane-paused archive', []],
    ]);
  });

  it('takes the consequences of its consequence with it', () => {
    expect(folded(aProblem('disk-full'), aProblem('bridge-silent'), aProblem('stream-silent'))).toEqual([
      ['disk-full', ['bridge-silent', 'stream-silent']],
    ]);
  });

  it('does not hide another cause, nor anything that needs a person', () => {
    const all = [
      aProblem('disk-full', 'archive'),
      aProblem('plane-away', 'work'),
      aProblem('broker-away'),
      aProblem('stfs-not-stored'),
      aProblem('stfs-failed'),
      aProblem('parked', 'archive'),
      aProblem('quarantined'),
    ];
    expect(folded(...all)).toEqual(all.map(({ what }) => [what, []]));
  });
});

describe('folding', () => {
  it('never runs in a circle', () => {
    const mutual = problems.flatMap((one) =>
      problems.filter((other) => explains(one, other) && explains(other, one)).map((other) => [one.what, other.what]),
    );
    expect(mutual).toEqual([]);
  });

  it('drops nothing: each problem stays or is a consequence, once', () => {
    fc.assert(
      fc.property(fc.subarray(problems, { maxLength: 12 }), (some) => {
        const left = foldConsequences(some);
        const shown = left.flatMap(({ what, consequences = [] }) => [what, ...consequences.map((one) => one.what)]);
        expect(shown.toSorted()).toEqual(some.map(({ what }) => what).toSorted());
        expect(left.map(({ what }) => what)).toEqual(
          some.filter(({ what }) => left.some((one) => one.what === what)).map(({ what }) => what),
        );
      }),
    );
  });
});
