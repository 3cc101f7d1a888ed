import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { addPolicy } from '../../../functions/api/plugins/policy.ts';

const aRoute = (config: object) => {
  const app = Fastify();
  addPolicy(app);
  app.get('/v1/things/:thing', { config }, () => 'a thing');
};

it('a route that names no policy does not start', () => {
  expect(() => aRoute({})).toThrow(/route GET \/v1\/things\/:thing names no policy/);
});

it('a route that names a policy that there is not does not start', () => {
  for (const policy of ['thing.read', 'toString', '__proto__', ''])
    expect(() => aRoute({ policy })).toThrow(/names no policy/);
});

it('a route whose policy asks whose a thing is, and that cannot say it, does not start', () => {
  expect(() => aRoute({ policy: 'job.cancel' })).toThrow(
    /does not say whose its things are, which job.cancel asks for/,
  );
  expect(() => aRoute({ policy: 'job.cancel', object: async () => ({ owner: 'anna' }) })).not.toThrow();
  expect(() => aRoute({ policy: 'job.read' })).not.toThrow();
});
