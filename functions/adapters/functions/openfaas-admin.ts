import type { DefaultApi } from 'openfaas-client';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { checkName } from './names.ts';
import { type GatewayAccess, refusalOf } from './openfaas-wire.ts';
import { type Again, brokenLine, insist } from './tries.ts';

const answerWithinMs = 30_000;

/** A function as a gateway lists it. */
const Deployed = z.object({
  name: z.string(),
  image: z.string(),
  replicas: z.number().default(0),
  availableReplicas: z
    .number()
    .nullish()
    .transform((count) => count ?? 0),
  invocationCount: z
    .number()
    .nullish()
    .transform((count) => count ?? 0),
});
export type Deployed = z.infer<typeof Deployed>;

/** What a function is deployed as; `image` is what the gateway's platform pulls. */
export type Deployment = {
  readonly name: string;
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly memoryMb?: number;
};

/** What an operator does to the functions of a gateway. Errors as those of the port `functions`. */
export type OpenFaasAdmin = {
  readonly list: () => Promise<readonly Deployed[]>;
  /** Deploys it, or changes what is deployed under its name. */
  readonly deploy: (deployment: Deployment) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  readonly scale: (name: string, replicas: number) => Promise<void>;
};

/** What `request`, by which the client asks, takes beside what the client gives it. */
type RequestOptions = {
  auth?: object;
  timeout?: number;
  followRedirect?: boolean;
  qs?: Record<string, unknown>;
  body?: unknown;
};

/** What the client rejects with when it got an answer. */
const Rejection = z.object({ response: z.object({ statusCode: z.number() }), body: z.unknown() });
/** Statuses by which nothing was done, and a later try may be let in. */
const passing = new Set([429, 502, 503]);

const triedOf = (what: string, thrown: unknown): Again => {
  const { data } = Rejection.safeParse(thrown);
  if (data === undefined) return brokenLine(thrown);
  const { statusCode: status } = data.response;
  const text = typeof data.body === 'string' ? data.body : (JSON.stringify(data.body) ?? '');
  if (passing.has(status)) return { again: `${status} ${text.slice(0, 300)}`, mayHaveBegun: false, cause: thrown };
  throw refusalOf(what, { status, headers: new Headers(), text });
};

/** What a gateway's administrator may do, through `openfaas-client`, which is loaded when it is first needed. */
export const openOpenFaasAdmin = (access: GatewayAccess): OpenFaasAdmin => {
  const { gateway, credentials, namespace, patience } = access;
  const place = namespace === undefined ? {} : { namespace: checkName(namespace) };

  /** A client that sends `body` as it is: given as a string, which its methods ask for, it would be encoded twice. */
  const aClient = async (body?: object): Promise<DefaultApi> => {
    const { DefaultApi } = await import('openfaas-client');
    const client = new DefaultApi(gateway.replace(/(?<!\/)\/+$/, ''));
    const known = await credentials?.();
    // Its constructor takes a user and a password, and sends neither.
    client.setDefaultAuthentication({
      applyToRequest: (request: RequestOptions) => {
        if (known) request.auth = { username: known.user, password: known.password, sendImmediately: true };
        request.timeout = answerWithinMs;
        request.followRedirect = false;
        request.qs = { ...request.qs, ...place };
        if (body !== undefined) request.body = { ...body, ...place };
      },
    });
    return client;
  };

  const ask = <T>(what: string, call: () => Promise<T>): Promise<T> =>
    insist(patience, { what, isRepeatable: true }, async () => {
      try {
        return { value: await call() };
      } catch (thrown) {
        if (thrown instanceof PapilioError) throw thrown;
        return triedOf(what, thrown);
      }
    });

  const list = () =>
    ask('functions of the gateway', async () => {
      const { body } = await (await aClient()).systemFunctionsGet();
      const parsed = z.array(Deployed).safeParse(body);
      if (parsed.success) return parsed.data;
      throw new PapilioError('bug', `the list of ${gateway}: ${z.prettifyError(parsed.error)}`);
    });

  return {
    list,
    deploy: async (deployment) => {
      const what = `function ${checkName(deployment.name)}`;
      const wanted = definitionOf(deployment);
      const isThere = (await list()).some(({ name }) => name === deployment.name);
      await ask(what, async () => {
        const client = await aClient(wanted);
        return isThere ? client.systemFunctionsPut(wanted) : client.systemFunctionsPost(wanted);
      });
    },
    remove: async (name) => {
      const request = { functionName: checkName(name) };
      await ask(`function ${name}`, async () => (await aClient(request)).systemFunctionsDelete(request));
    },
    scale: async (name, replicas) => {
      const request = { serviceName: checkName(name), replicas };
      await ask(`function ${name}`, async () => (await aClient(request)).systemScaleFunctionFunctionNamePost(name));
    },
  };
};

const definitionOf = ({ name, image, environment, secrets, labels, memoryMb }: Deployment) => ({
  service: name,
  image,
  envProcess: '',
  envVars: { ...environment },
  labels: { ...labels },
  secrets: [...(secrets ?? [])],
  ...(memoryMb === undefined ? {} : { limits: { memory: `${memoryMb}Mi` } }),
});
