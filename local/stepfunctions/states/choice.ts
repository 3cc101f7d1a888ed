import { scopeOf } from '../context-object.ts';
import { compileDataFlow } from '../data-flow.ts';
import { compileChoiceRule } from '../expressions/choice-rule.ts';
import { StateFailure } from '../failure.ts';
import { leave } from '../leave.ts';
import type { StateType } from './state-type.ts';

/** Choice: goes where the first rule that holds leads. */
export const choice: StateType = {
  fields: ['InputPath', 'OutputPath', 'Choices', 'Default'],
  compile: (definition, context) => {
    const flow = compileDataFlow(definition);
    const rules = definition.objects('Choices').map((each) => ({
      holds: compileChoiceRule(each, true),
      link: context.linkTo(each, 'Next'),
    }));
    if (rules.length === 0) definition.problem('Choices', 'A non-empty array of choice rules is required');
    const otherwise = definition.has('Default') ? context.linkTo(definition, 'Default') : undefined;
    return {
      enter: (turn, thread) => {
        const input = flow.input(turn, thread);
        const scope = scopeOf(turn, thread, input);
        const link = rules.find((rule) => rule.holds(scope))?.link ?? otherwise;
        if (link) {
          flow.output(turn, thread, input);
          return leave(turn, thread, link);
        }
        const reason = 'Failed to transition out of the state. The state does not point to a next state.';
        throw new StateFailure('States.NoChoiceMatched', reason, true);
      },
    };
  },
};
