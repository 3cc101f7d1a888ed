import type { IntegrationType } from './integration.ts';
import { parametersOf } from './parameters.ts';

/** `http:invoke`: one call of an HTTPS API; what it says is understood where it is sent. */
export const httpInvoke: IntegrationType = {
  pattern: /^arn:[^:]+:states:::http:invoke$/,
  compile: () => ({
    events: { resourceType: 'http', resource: 'invoke' },
    completion: 'result',
    request: (_turn, _thread, payload) => ({
      type: 'call',
      service: 'http',
      action: 'Invoke',
      input: parametersOf('http:invoke', payload),
      awaitsToken: false,
    }),
    result: (_turn, _thread, output) => output,
  }),
};
