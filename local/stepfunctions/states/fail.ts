import { scopeOf } from '../context-object.ts';
import type { Definition } from '../definition.ts';
import { compileExpression } from '../expressions/expression.ts';
import type { Scope } from '../expressions/scope.ts';
import { runtimeFailure, StateFailure } from '../failure.ts';
import type { StateType } from './state-type.ts';

type Text = (scope: Scope) => string | undefined;

const compileText = (definition: Definition, field: string): Text => {
  const fixed = definition.text(field);
  const path = definition.text(`${field}Path`);
  if (path === undefined) return () => fixed;
  if (fixed !== undefined) definition.problem(`${field}Path`, `You cannot specify both ${field} and ${field}Path`);
  const expression = definition.expression(`${field}Path`, () => compileExpression(path));
  return (scope) => {
    const value = expression?.read(scope);
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
        const scope = scopeOf(turn, thread, thread.data);
        throw new StateFailure(error(scope), cause(scope));
      },
    };
  },
};
