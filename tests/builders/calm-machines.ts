import fc from 'fast-check';
import { anyMachine } from './a-machine.ts';
import { generatedMachine } from './generated-machines.ts';

type State = { readonly Type: string; readonly Next?: string; readonly End?: boolean };
const isState = (value: unknown): value is State => typeof value === 'object' && value !== null && 'Type' in value;

const numberOf = (name: string): number => Number(/\d+$/.exec(name)?.[0]);
const onwards = (name: string, state: State): object => {
  const { Next, End: _end, ...rest } = state;
  const way = Next !== undefined && numberOf(Next) > numberOf(name) ? { Next } : { End: true };
  return state.Type === 'Wait' ? { Type: 'Pass', ...way } : { ...rest, ...(isTerminal(state) ? {} : way) };
};
const isTerminal = ({ Next, End }: State): boolean => Next === undefined && End !== true;

const TIMED = new Set(['Retry', 'TimeoutSeconds', 'HeartbeatSeconds']);

/**
 * Without chance, which is not the same in two engines; without timers, because of two that ring at the same moment the
 * second one comes between the slices of the first one's turn; and without rounds, which have no end.
 */
const calm = (definition: object): object =>
  JSON.parse(
    JSON.stringify(definition, (key, value: unknown) => {
      if (TIMED.has(key)) return undefined;
      return isState(value) ? onwards(key, value) : value;
    }).replaceAll('States.MathRandom', 'States.MathAdd'),
  );

/** Any machines, without chance, timers and rounds. */
export const calmMachine = fc
  .oneof(
    generatedMachine,
    anyMachine.map((definition) => ({ definition, input: { a: 1, l: [1, 2, 3] } })),
  )
  .map(({ definition, input }) => ({ definition: calm(definition), input }));
