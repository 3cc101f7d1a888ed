import { noStates, type StatesFactory } from './parts.ts';

/** The Step Functions part that engines have. */
export const createStates: StatesFactory = noStates;
