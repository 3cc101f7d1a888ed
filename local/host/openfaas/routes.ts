import { arch } from 'node:os';
import type { Clock } from '#ports/clock';
import type { FunctionHost } from '../runner.ts';
import type { AsyncCalls } from './async-calls.ts';
import type { Callbacks } from './callbacks.ts';
import type { Usual } from './deployment-spec.ts';
import { createDeployments } from './deployments.ts';
import { createImages } from './images.ts';
import { createInvocations } from './invocations.ts';
import { createLogs } from './logs.ts';
import { createPlaces } from './places.ts';
import { openSecrets } from './secrets.ts';
import { type Question, type Reply, say, tellJson } from './web.ts';

/** What answers a request, and who may ask it. */
export type Found = {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isForAll: boolean;
  readonly isCall: boolean;
  readonly isAsync: boolean;
  readonly answer: (question: Question) => Reply | Promise<Reply>;
};

type Answer = (question: Question, place: string) => Reply | Promise<Reply>;

/** A path, with at most one part that names a function, and what each method of it does. */
type Route = {
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Answer>>;
  readonly kind?: 'all' | 'call' | 'async';
};

type Options = {
  readonly host: FunctionHost;
  readonly calls: AsyncCalls;
  readonly callbacks: Callbacks;
  readonly clock: Clock;
  readonly namespace?: string;
  readonly release: string;
  readonly secretsFolder?: string;
  readonly usual: (code: string) => Usual;
};

/** Every path of OpenFaaS's gateway that is served here. */
export const createRoutes = async (options: Options): Promise<(method: string, url: string) => Found> => {
  const { host, calls, callbacks, clock, release, usual, secretsFolder, namespace = 'openfaas-fn' } = options;
  const places = createPlaces(namespace);
  const images = createImages(host.codes, release);
  const secrets = secretsFolder === undefined ? undefined : await openSecrets(secretsFolder, places);
  const functions = createDeployments(host, { images, places, secrets, usual });
  const invocations = createInvocations({ runner: host, calls, callbacks, places, clock });
  const logs = createLogs(host, places);
  const call: Answer = (question, place) => invocations.call(place, question);
  const noSecrets: Answer = () => say(405, 'this gateway keeps no secrets', { allow: '' });
  const info = {
    provider: { provider: 'papilio', orchestration: 'processes', version: { sha: '', release } },
    version: { sha: '', release },
    arch: arch() === 'x64' ? 'x86_64' : arch(),
  };
  const routes: readonly Route[] = [
    { path: /^\/healthz$/, methods: { GET: () => say(200, 'OK') }, kind: 'all' },
    {
      path: /^\/function\/([^/]+)\/?$/,
      methods: { POST: call, PUT: call, PATCH: call, GET: call, DELETE: call },
      kind: 'call',
    },
    {
      path: /^\/async-function\/([^/]+)\/?$/,
      methods: { POST: (question, place) => invocations.send(place, question) },
      kind: 'async',
    },
    {
      path: /^\/system\/functions$/,
      methods: { GET: functions.list, POST: functions.deploy, PUT: functions.update, DELETE: functions.remove },
    },
    {
      path: /^\/system\/function\/([^/]+)$/,
      methods: { GET: (question, place) => functions.describe(place, question) },
    },
    {
      path: /^\/system\/scale-function\/([^/]+)$/,
      methods: { POST: (question, place) => functions.scale(place, question) },
    },
    {
      path: /^\/system\/secrets$/,
      methods: {
        GET: secrets?.list ?? noSecrets,
        POST: secrets?.create ?? noSecrets,
        PUT: secrets?.update ?? noSecrets,
        DELETE: secrets?.remove ?? noSecrets,
      },
    },
    { path: /^\/system\/logs$/, methods: { GET: logs } },
    { path: /^\/system\/info$/, methods: { GET: () => tellJson(200, info) } },
    { path: /^\/system\/namespaces$/, methods: { GET: () => tellJson(200, [namespace]) } },
  ];
  return (method, url) => {
    const [path = '', query = ''] = url.split(/\?(.*)/s);
    const asked = { path, query: new URLSearchParams(query) };
    for (const route of routes) {
      const [whole, place = ''] = route.path.exec(path) ?? [];
      if (whole !== undefined) return { ...asked, ...foundOf(route, method, place) };
    }
    const answer = () => say(404, 'there is nothing here');
    return { ...asked, isForAll: false, isCall: false, isAsync: false, answer };
  };
};

const foundOf = ({ methods, kind }: Route, method: string, place: string): Omit<Found, 'path' | 'query'> => {
  const answer = Object.hasOwn(methods, method) ? methods[method] : undefined;
  const notAllowed = () => say(405, `not ${method}`, { allow: Object.keys(methods).join(', ') });
  return {
    isForAll: kind === 'all',
    isCall: kind === 'call' || kind === 'async',
    isAsync: kind === 'async',
    answer: (question) => (answer === undefined ? notAllowed() : answer(question, place)),
  };
};
