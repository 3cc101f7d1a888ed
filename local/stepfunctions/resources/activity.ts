import type { IntegrationType } from './integration.ts';

/** An activity: a worker asks for the work and answers by token. */
export const activity: IntegrationType = {
  pattern: /^arn:[^:]+:states:[^:]+:[^:]+:activity:[^:]+$/,
  compile: (_definition, { 0: activityArn }) => ({
    events: 'Activity',
    completion: 'worker',
    needs: { type: 'findActivity', activityArn },
    request: ({ atMs }, _thread, input) => ({ type: 'activity', activityArn, input, scheduledAtMs: atMs }),
    result: (_turn, _thread, output) => output,
  }),
};
