import { scopeOf } from '../context-object.ts';
import type { Definition } from '../definition.ts';
import { compileScopePath } from '../expressions/expression.ts';
import { runtimeFailure } from '../failure.ts';
import type { Json } from '../json.ts';
import { compileNumberField } from '../jsonata/field.ts';
import type { Thread, Turn } from '../model.ts';

/** Reads a number that a state needs when it is entered. */
export type NumberField = (turn: Turn, thread: Thread, input: Json) => number | undefined;

/** Compiles a field that is given as a number, or as a path in a field of the same name ending in `Path`. */
export const compileNumber = (definition: Definition, field: string, least: number, most = 99_999_999): NumberField => {
  if (definition.isJsonata) {
    const read = compileNumberField(definition, field, least, most);
    return (turn, thread) => read?.(turn, thread, {});
  }
  const fixed = definition.number(field, least, most);
  const path = definition.text(`${field}Path`);
  if (path === undefined) return () => fixed;
  if (fixed !== undefined) definition.problem(`${field}Path`, `You cannot specify both ${field} and ${field}Path`);
  const expression = definition.expression(`${field}Path`, () => compileScopePath(path));
  return (turn, thread, input) => {
    const value = expression?.read(scopeOf(turn, thread, input));
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw runtimeFailure(`The ${field}Path field '${path}' must reference an integer between ${least} and ${most}.`);
  };
};
