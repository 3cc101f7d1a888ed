import * as z from 'zod';
import type { DeploymentProblem, FunctionHost } from '../runner.ts';
import { type DeploymentRules, FunctionDeployment, specOf } from './deployment-spec.ts';
import { functionStatus } from './function-status.ts';
import { readJson } from './json-body.ts';
import { type Question, type Reply, say, tellJson } from './web.ts';

const Deletion = z.object({ functionName: z.string(), namespace: z.string().nullish() });
const Scaling = z.object({
  serviceName: z.string().nullish(),
  replicas: z.int().min(0).max(1_000),
  namespace: z.string().nullish(),
});

/** `/system/functions`, `/system/function/NAME` and `/system/scale-function/NAME`. */
export type Deployments = {
  readonly list: (question: Question) => Reply;
  readonly deploy: (question: Question) => Promise<Reply>;
  readonly update: (question: Question) => Promise<Reply>;
  readonly remove: (question: Question) => Promise<Reply>;
  readonly describe: (place: string, question: Question) => Reply;
  readonly scale: (place: string, question: Question) => Promise<Reply>;
};

const problems: Readonly<Record<DeploymentProblem, readonly [status: number, words: string]>> = {
  exists: [409, 'is deployed already: update it with PUT'],
  missing: [404, 'is not here'],
  'unknown-code': [400, 'has an image that this gateway does not know'],
  invalid: [400, 'has a name, memory, timeout or scale that is none'],
};

const refuse = (name: string, problem: DeploymentProblem): Reply => {
  const [status, words] = problems[problem];
  return say(status, `function ${name} ${words}`);
};
const notHere = (): Reply => say(404, 'such a function is not here');

/** Makes what an administrator does to functions. */
export const createDeployments = (host: FunctionHost, rules: DeploymentRules): Deployments => {
  const { images, places } = rules;

  const put = async ({ body }: Question, act: 'deploy' | 'update'): Promise<Reply> => {
    const wanted = readJson(FunctionDeployment, body);
    if (!wanted.ok) return say(400, wanted.reason);
    const spec = await specOf(wanted.data, rules);
    if (typeof spec === 'string') return say(400, spec);
    const done = await host[act](spec);
    if (!done.ok) return refuse(spec.name, done.problem);
    return say(act === 'deploy' ? 202 : 200, `function ${spec.name} is deployed`);
  };

  /** The function that a path or body names, unless a namespace beside it is another one. */
  const nameAt = (place: string, { query }: Question, namespace?: string | null): string | undefined =>
    places.isOurs(namespace ?? query.get('namespace')) ? places.nameIn(place) : undefined;

  return {
    list: ({ query }) => {
      const all = places.isOurs(query.get('namespace')) ? host.list() : [];
      return tellJson(
        200,
        all.map((each) => functionStatus(each, images, places)),
      );
    },
    deploy: (question) => put(question, 'deploy'),
    update: (question) => put(question, 'update'),
    remove: async (question) => {
      const wanted = readJson(Deletion, question.body);
      if (!wanted.ok) return say(400, wanted.reason);
      const name = nameAt(wanted.data.functionName, question, wanted.data.namespace);
      if (name === undefined) return notHere();
      const done = await host.remove(name);
      return done.ok ? say(200, `function ${name} is removed`) : refuse(name, done.problem);
    },
    describe: (place, question) => {
      const description = host.describe(nameAt(place, question) ?? '');
      return description === undefined ? notHere() : tellJson(200, functionStatus(description, images, places));
    },
    scale: async (place, question) => {
      const wanted = readJson(Scaling, question.body);
      if (!wanted.ok) return say(400, wanted.reason);
      const { serviceName, replicas, namespace } = wanted.data;
      const name = nameAt(place, question, namespace);
      if (name === undefined) return notHere();
      if (places.nameIn(serviceName ?? name) !== name) return say(400, `the path names ${name}, the body another`);
      const done = await host.scale(name, replicas);
      return done.ok ? say(202, `function ${name} is scaled`) : refuse(name, done.problem);
    },
  };
};
