import { scopeOf } from '../context-object.ts';
import type { Definition } from '../definition.ts';
import { compileExpression } from '../expressions/expression.ts';
import { runtimeFailure, StateFailure } from '../failure.ts';
import { compileTextField } from '../jsonata/field.ts';
import type { Thread, Turn } from '../model.ts';
import type { StateType } from './state-type.ts';

type Text = (turn: Turn, thread: Thread) => string | undefined;

const compileText = (definition: Definition, field: string): Text => {
  if (definition.isJsonata) {
    const read = compileTextField(definition, field);
    return (turn, thread) => read?.(turn, thread, {});
  }
  const fixed = definition.text(field);
  const path = definition.text(`${field}Path`);
  if (path === undefined) return () => fixed;
  if (fixed !== undefined) definition.problem(`${field}Path`, `You cannot specify both ${field} and ${field}Path`);
  const expression = definition.expression(`${field}Path`, () => compileExpression(path));
  return (turn, thread) => {
    const value = expression?.read(scopeOf(turn, thread, thread.data));
    if (typeof value === 'string') return value;
    throw runtimeFailure(`The ${field}Path field '${path}' must resolve to a string.`);
  };
};

/** Fail: ends its branch, or the execution, with an error that the definition names. */
export const fail: StateType = {
  fields: ['Error', 'ErrorPath', 'Cause', 'CausePath'],
  compile: (definition) => {
    const error = compileText(definition, 'Error');
    const cause = compileText(definition, 'Cause');
    return {
      enter: (turn, thread) => {
        throw new StateFailure(error(turn, thread), cause(turn, thread));
      },
    };
  },
};
