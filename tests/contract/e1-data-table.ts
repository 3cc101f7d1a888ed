import fc from 'fast-check';

/** A step of a story: TFs from a place on, counted from the first of the run. */
export type E1Step = {
  readonly kind: 'append' | 'withdraw' | 'replace' | 'reopen';
  readonly from: number;
  readonly count: number;
  readonly word: string;
};

const kinds = fc.constantFrom('append', 'append', 'append', 'withdraw', 'replace', 'reopen');
/** Any step. */
export const e1Step: fc.Arbitrary<E1Step> = fc.record({
  kind: kinds,
  from: fc.nat(30),
  count: fc.integer({ min: 1, max: 8 }),
  word: fc.constantFrom('a', 'b'),
});

const placesOf = ({ from, count }: E1Step): number[] => Array.from({ length: count }, (_, at) => from + at);
/** What a step writes: the same TFs in other company are other bytes. */
export const tfsOf = (step: E1Step): string[] =>
  placesOf(step).map((at) => `${step.word} ${at} ${step.from} ${step.count}`);

/** TFs in a plain table, with the rules of E1 data written out one by one. */
export type E1Table = {
  readonly outcomeOf: (step: E1Step) => 'created' | 'same' | 'refused';
  readonly take: (step: E1Step) => void;
  readonly held: () => Record<string, string>;
};

/** An empty table. */
export const e1Table = (): E1Table => {
  const held = new Map<number, string>();
  const closed = new Set<number>();
  const outcomeOf: E1Table['outcomeOf'] = (step) => {
    const places = placesOf(step);
    if (places.every((place) => !held.has(place) && !closed.has(place))) return 'created';
    const tfs = tfsOf(step);
    return places.every((place, at) => held.get(place) === tfs[at]) ? 'same' : 'refused';
  };
  const append = (step: E1Step): void => {
    if (outcomeOf(step) !== 'created') return;
    const tfs = tfsOf(step);
    for (const [at, place] of placesOf(step).entries()) held.set(place, tfs[at] ?? '');
  };
  const takeAway = (step: E1Step): void => {
    for (const place of placesOf(step)) {
      held.delete(place);
      if (step.kind === 'withdraw') closed.add(place);
      else closed.delete(place);
    }
  };
  return {
    outcomeOf,
    take: (step) => {
      if (step.kind === 'append') append(step);
      else if (step.kind !== 'reopen') takeAway(step);
    },
    held: () => Object.fromEntries(held),
  };
};
