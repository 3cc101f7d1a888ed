import { isObject, type JsonObject, own } from '../json.ts';
import { CALLS } from '../resources/calls.ts';
import { isSdkAction, SDK_ACTIONS } from '../resources/sdk-actions.ts';
import { type Context, isExpression } from './values.ts';

const FUNCTION = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+(?::[^:]+)?$/;
const ACTIVITY = /^arn:[^:]+:states:[^:]+:[^:]+:activity:[^:]+$/;
const SERVICE = /^arn:[^:]+:states:::([a-z][a-z0-9-]*):([A-Za-z0-9:]+?)(\.sync:2|\.sync|\.waitForTaskToken)?$/;

const REQUEST = '';
const SYNC = '.sync';
const TOKEN = '.waitForTaskToken';

/**
 * The services that have integrations of their own, and the patterns each never offers.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
const SERVICES: ReadonlyMap<string, readonly string[]> = new Map([
  ['apigateway', [REQUEST, TOKEN]],
  ['athena', [REQUEST, SYNC]],
  ['aws-sdk', [REQUEST, TOKEN]],
  ['batch', [REQUEST, SYNC]],
  ['bedrock', [REQUEST, SYNC, TOKEN]],
  ['bedrock-agentcore', [REQUEST]],
  ['codebuild', [REQUEST, SYNC]],
  ['databrew', [REQUEST, SYNC]],
  ['dynamodb', [REQUEST]],
  ['ecs', [REQUEST, SYNC, TOKEN]],
  ['eks', [REQUEST, SYNC, TOKEN]],
  ['elasticmapreduce', [REQUEST, SYNC]],
  ['emr-containers', [REQUEST, SYNC]],
  ['emr-serverless', [REQUEST, SYNC]],
  ['events', [REQUEST, TOKEN]],
  ['glue', [REQUEST, SYNC]],
  ['http', [REQUEST]],
  ['lambda', [REQUEST, TOKEN]],
  ['mediaconvert', [REQUEST, SYNC]],
  ['sagemaker', [REQUEST, SYNC]],
  ['sns', [REQUEST, TOKEN]],
  ['sqs', [REQUEST, TOKEN]],
  ['states', [REQUEST, SYNC, '.sync:2', TOKEN]],
]);

/** What the calls of services that papilio has must be told. */
const NEEDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['lambda:invoke', ['FunctionName']],
  ...[...CALLS].map(([call, { needs }]) => [call, needs] as const),
]);
const KNOWN = new Set([...NEEDS.keys()].map((call) => call.split(':')[0]));

const isThere = (service: string, action: string): boolean => {
  if (service !== 'aws-sdk') return !KNOWN.has(service) || NEEDS.has(`${service}:${action}`);
  const [named = '', call = ''] = action.split(':');
  return !SDK_ACTIONS.has(named) || isSdkAction(named, call);
};

type Call = { readonly service: string; readonly call: string; readonly pattern: string };

const callOf = (resource: string): Call | undefined => {
  const [, service = '', action = '', pattern = REQUEST] = SERVICE.exec(resource) ?? [];
  if (!SERVICES.get(service)?.includes(pattern)) return undefined;
  return isThere(service, action) ? { service, call: `${service}:${action}`, pattern } : undefined;
};

const checkExpress = (resource: string, call: Call | undefined, at: string, { findings }: Context): void => {
  if (ACTIVITY.test(resource)) findings.schema(at, 'Express state machine does not support Activity ARN');
  if (call && call.pattern !== REQUEST) {
    const pattern = call.pattern.replace(':2', '');
    findings.schema(at, `Express state machine does not support '${pattern}' service integration `);
  }
};

const missingIn = (request: JsonObject, needed: readonly string[]): readonly string[] =>
  needed.filter((name) => own(request, name) === undefined && own(request, `${name}.$`) === undefined);

const checkRequest = (state: JsonObject, at: string, resource: string, call: Call, context: Context): void => {
  const field = context.language === 'JSONata' ? 'Arguments' : 'Parameters';
  const request = own(state, field);
  const needed = NEEDS.get(call.call) ?? [];
  const place = `${at}/${field}`;
  if (request === undefined) {
    if (needed.length > 0) context.findings.schema(at, `${field} field is required for resource ARN: ${resource}`);
  } else if (isObject(request)) {
    for (const name of missingIn(request, needed)) {
      context.findings.schema(place, `The field '${name}' is required but was missing`);
    }
  } else if (field === 'Parameters' || !isExpression(request)) {
    context.findings.schema(place, 'Expected value of type [OBJECT]');
  }
};

/** Looks at a Task's Resource, and at whether the state says what the call needs. */
export const checkResource = (state: JsonObject, at: string, context: Context): void => {
  const resource = own(state, 'Resource');
  if (typeof resource !== 'string') return;
  const place = `${at}/Resource`;
  if (!resource.startsWith('arn:')) {
    context.findings.schema(place, 'Value is not a valid resource ARN');
    return;
  }
  const call = callOf(resource);
  if (!call && !FUNCTION.test(resource) && !ACTIVITY.test(resource)) {
    const rule = 'The value is not a valid resource ARN, or the resource is not available in this region.';
    context.findings.schema(place, `The resource provided ${resource} is not recognized. ${rule}`);
    return;
  }
  if (context.isExpress) checkExpress(resource, call, place, context);
  if (call) checkRequest(state, at, resource, call, context);
  if (ACTIVITY.test(resource) && own(state, 'Credentials') !== undefined) {
    context.findings.schema(at, "The field 'Credentials' is not supported for activities");
  }
};
