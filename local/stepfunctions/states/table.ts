import { choice } from './choice.ts';
import { fail } from './fail.ts';
import { map } from './map.ts';
import { parallel } from './parallel.ts';
import { pass } from './pass.ts';
import type { StateType } from './state-type.ts';
import { succeed } from './succeed.ts';
import { task } from './task.ts';
import { waitState } from './wait.ts';

/** The state types of the language by the name that Type gives; a new one is a file and a row. */
export const STATE_TYPES: ReadonlyMap<string, StateType> = new Map([
  ['Pass', pass],
  ['Task', task],
  ['Choice', choice],
  ['Wait', waitState],
  ['Parallel', parallel],
  ['Map', map],
  ['Succeed', succeed],
  ['Fail', fail],
]);
