import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import * as z from 'zod';
import type { App } from '../../functions/api/surroundings.ts';
import { adminToken, anApi } from '../builders/an-api.ts';

/** A process that answers one validated POST: `bare` by Fastify alone, `papilio` by the whole application. It tells its CPU. */
const Asked = z.strictObject({
  why: z.string().trim().min(1).max(500),
  run: z.int().min(0).max(2_097_151),
  states: z.array(z.enum(['waiting', 'failed', 'succeeded'])).max(10),
  note: z.string().max(200).optional(),
});
const Answered = z.object({ run: z.int(), states: z.array(z.string()), isTaken: z.boolean() });

const path = '/v1/validated';
const schema = { tags: ['status'], summary: 'A validated POST', body: Asked, response: { 200: Answered } };
const answer = ({ run, states }: z.output<typeof Asked>) => ({ run, states, isTaken: true });

const bare = (): App => {
  const app: App = Fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.post(path, { schema }, async ({ body }) => answer(body));
  return app;
};

const whole = async (): Promise<App> => {
  const endless = { requests: 1e9, windowS: 60 };
  const { app } = await anApi({ limits: { known: endless, local: endless } });
  app.post(path, { config: { policy: 'workflow.check' }, schema }, async ({ body }) => answer(body));
  return app;
};

/** What is sent to both. */
export const request = (port: number): string => {
  const body = JSON.stringify({ why: 'the calibration was wrong', run: 102_363, states: ['failed', 'waiting'] });
  const headers = [
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${adminToken}`,
    'content-type: application/json',
    'user-agent: papilio-bench/1',
    `content-length: ${body.length}`,
  ];
  return `POST ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
};

const serve = async (app: App): Promise<void> => {
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  process.on('message', () => process.send?.({ cpuUs: process.cpuUsage() }));
  process.send?.({ port: Number(new URL(url).port) });
};

const [, , kind] = process.argv;
if (process.send && kind === 'bare') await serve(bare());
if (process.send && kind === 'papilio') await serve(await whole());
