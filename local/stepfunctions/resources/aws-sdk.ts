import type { IntegrationType } from './integration.ts';
import { parametersOf } from './parameters.ts';
import { isSdkAction } from './sdk-actions.ts';

const capitalised = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

/** `aws-sdk:dynamodb:query` and so on: any action of a service, in the words of its API. */
export const awsSdk: IntegrationType = {
  pattern: /^arn:[^:]+:states:::aws-sdk:([a-z0-9]+):(([A-Za-z0-9]+)(\.waitForTaskToken)?)$/,
  compile: (definition, match) => {
    const [resource, service = '', named = '', action = '', token] = match;
    if (!isSdkAction(service, action)) {
      definition.problem('Resource', `The resource provided ${resource} is not supported`);
    }
    const awaitsToken = token !== undefined;
    return {
      events: { resourceType: `aws-sdk:${service}`, resource: named },
      completion: awaitsToken ? 'token' : 'result',
      request: (_turn, _thread, payload) => ({
        type: 'call',
        service,
        action: capitalised(action),
        input: parametersOf(`aws-sdk:${service}:${action}`, payload),
        awaitsToken,
        isSdk: true,
      }),
      result: (_turn, _thread, output) => output,
    };
  },
};
