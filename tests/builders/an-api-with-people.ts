import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { recordAccess } from '../../functions/access/record-access.fn.ts';
import { steerTokens } from '../../functions/access/steer-tokens.fn.ts';
import type { Surroundings } from '../../functions/api/surroundings.ts';
import { PapilioError } from '../../functions/lib/errors.ts';
import type { Principal } from '../../functions/lib/schema/access.ts';
import { AccessFacts } from '../../functions/lib/schema/audit.ts';
import { steerProcessing } from '../../functions/workflows/steer-processing.fn.ts';
import { aDeps, type TestDeps } from './a-deps.ts';
import { adminToken, anApi, type TestApi } from './an-api.ts';
import { endCommand } from './an-stf-story.ts';

/** Somebody whom an issuer knows. */
export const aPerson = (changes: Partial<Principal> = {}): Principal => ({
  id: 'anna@issuer.example',
  kind: 'oidc',
  roles: [],
  facilities: [],
  groups: [],
  scopes: [],
  issuer: 'https://issuer.example',
  ...changes,
});

/** The API with an issuer that knows people by their tokens, and a work plane that keeps tokens of machines. */
export type ApiWithPeople = TestApi & {
  /** Lets the issuer know somebody; gives their token. */
  readonly know: (person: Principal) => string;
  /** Asks with a token, or with none. */
  readonly ask: (token: string | undefined, request: InjectOptions) => Promise<LightMyRequestResponse>;
};

/** Makes it, on a front that others reach; dispose of it at the end. */
export const anApiWithPeople = async (around: Partial<Surroundings> = {}): Promise<ApiWithPeople> => {
  const people = new Map<string, Principal>();
  const verify = async (token: string): Promise<Principal> => {
    const person = people.get(token);
    if (!person) throw new PapilioError('token-refused', 'the issuer does not know it');
    return person;
  };
  let deps: TestDeps | undefined;
  const needDeps = (): TestDeps => {
    const { store } = api.planes.work;
    deps ??= aDeps({ plane: 'work', clock: api.clock, store, environment: { PAPILIO_INSTANCE: 'prod' } });
    return deps;
  };
  const api = await anApi({
    around: { identity: { verify }, isLoopbackOnly: false, ...around },
    onCommand: async (command, plane) => {
      if (command.action.startsWith('token.')) await steerTokens.run(command, needDeps());
      else if (command.action.startsWith('processing.')) await steerProcessing.run(command, needDeps());
      else await endCommand(api.planes[plane], plane, command);
    },
    onNote: async (queue, facts) => {
      if (queue === 'record-access') await recordAccess.run(AccessFacts.parse(facts), needDeps());
    },
  });
  return {
    ...api,
    know: (person) => {
      const token = `a.person.${people.size}`;
      people.set(token, person);
      return token;
    },
    ask: async (token, request) =>
      api.app.inject({
        ...request,
        headers: {
          host: '127.0.0.1:8714',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...request.headers,
        },
      }),
  };
};

/** The administrator of the data folder. */
export const administrator = adminToken;
