import { scopeOf } from '../context-object.ts';
import { compileChosen, compileDataFlow, type DataFlow } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import { compileChoiceRule } from '../expressions/choice-rule.ts';
import { StateFailure } from '../failure.ts';
import type { Json } from '../json.ts';
import { compileBooleanField } from '../jsonata/field.ts';
import { leave } from '../leave.ts';
import type { Link, Thread, Turn } from '../model.ts';
import type { CompileContext, StateType } from './state-type.ts';

/** One way out of the state. */
type Way = { readonly output: DataFlow['output']; readonly link: Link };

type Rule = Way & { readonly holds: (turn: Turn, thread: Thread, input: Json) => boolean };

const compileHolds = (definition: Definition): Rule['holds'] => {
  if (definition.isJsonata) {
    const condition = compileBooleanField(definition, 'Condition');
    return (turn, thread) => condition?.(turn, thread, {}) === true;
  }
  const rule = compileChoiceRule(definition, true);
  return (turn, thread, input) => rule(scopeOf(turn, thread, input));
};

/** A rule sets its own variables and, in JSONata, has its own output; OutputPath is the state's. */
const compileRules = (definition: Definition, context: CompileContext): readonly Rule[] =>
  definition.objects('Choices').map((each) => {
    const { OutputPath } = definition.fields;
    const way = OutputPath === undefined ? each : each.with({ ...each.fields, OutputPath });
    return { holds: compileHolds(each), output: compileChosen(way), link: context.linkTo(each, 'Next') };
  });

/** Choice: goes where the first rule that holds leads. */
export const choice: StateType = {
  fields: ['InputPath', 'OutputPath', 'Output', 'Assign', 'Choices', 'Default'],
  compile: (definition, context) => {
    const { InputPath } = definition.fields;
    const { input: inputOf } = compileDataFlow(definition.with(InputPath === undefined ? {} : { InputPath }));
    const rules = compileRules(definition, context);
    if (rules.length === 0) definition.problem('Choices', 'A non-empty array of choice rules is required');
    const otherwise: Way | undefined = definition.has('Default')
      ? { output: compileChosen(definition), link: context.linkTo(definition, 'Default') }
      : undefined;
    return {
      enter: (turn, thread) => {
        const input = inputOf(turn, thread);
        const { boundBytes } = turn;
        const way = rules.find((rule) => rule.holds(turn, thread, input)) ?? otherwise;
        if (way) {
          turn.boundBytes = boundBytes;
          way.output(turn, thread, input);
          return leave(turn, thread, way.link);
        }
        const reason = 'Failed to transition out of the state. The state does not point to a next state.';
        throw new StateFailure('States.NoChoiceMatched', reason, true);
      },
    };
  },
};
