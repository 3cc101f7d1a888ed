import type { IntegrationType } from './integration.ts';

/** `http:invoke`: one call of an HTTPS API; what it says is understood where it is sent. */
export const httpInvoke: IntegrationType = {
  pattern: /^arn:[^:]+:states:::http:(invoke)$/,
  compile: (definition) => {
    const parameters = definition.object('Parameters');
    const fields = definition.isJsonata ? [] : ['ApiEndpoint', 'Method'];
    for (const field of fields) {
      if (parameters?.has(field) || parameters?.has(`${field}.$`)) continue;
      definition.problem('Parameters', `The field '${field}' is required but was missing`);
    }
    return {
      events: { resourceType: 'http', resource: 'invoke' },
      completion: 'result',
      request: (_turn, _thread, payload) => ({
        type: 'call',
        service: 'http',
        action: 'Invoke',
        input: payload,
        awaitsToken: false,
      }),
      result: (_turn, _thread, output) => output,
    };
  },
};
