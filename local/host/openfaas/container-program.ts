import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as z from 'zod';
import { environment } from '#lib/config';
import { systemClock } from '#lib/system-clock';
import { type Handler, openContainer } from './container.ts';
import { readTimeoutS } from './quantities.ts';

const seconds = (usually: string) =>
  z
    .string()
    .default(usually)
    .transform((text) => readTimeoutS(text, 0))
    .pipe(z.number().min(0));

/** The environment of a function's container: its names are those of OpenFaaS's watchdog and of Lambda. */
const Environment = z.object({
  AWS_LAMBDA_FUNCTION_NAME: z.string().min(1),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: z.coerce.number().int().positive().default(256),
  LAMBDA_TASK_ROOT: z.string().default('/var/task'),
  _HANDLER: z
    .string()
    .regex(/^[\w-]+\.[\w$]+$/)
    .default('index.handler'),
  papilio_listen: z.string().default('127.0.0.1'),
  port: z.coerce.number().int().min(0).max(65_535).default(8080),
  max_inflight: z.coerce.number().int().min(1).default(16),
  exec_timeout: seconds('30s'),
  healthcheck_interval: seconds('5s'),
  write_timeout: seconds('60s'),
});

const isHandler = (value: unknown): value is Handler => typeof value === 'function';

/** The function in a folder, `<module>.<export>`. */
const loadHandler = (folder: string, text: string): Handler => {
  const [module = '', name = ''] = text.split('.');
  const loaded: unknown = createRequire(join(folder, 'container'))(join(folder, `${module}.cjs`));
  const found = typeof loaded === 'object' && loaded !== null ? Object.entries(loaded) : [];
  const handler = found.find(([key]) => key === name)?.[1];
  if (isHandler(handler)) return handler;
  throw new Error(`${folder}: ${text} is no function`);
};

const say = (level: string, fields: object, message: string): void => {
  process.stdout.write(`${JSON.stringify({ level, at: new Date().toISOString(), ...fields, message })}\n`);
};

/** Serves the function of a container until its platform ends it. What is wrong with its environment ends it at once. */
export const runContainer = async (): Promise<void> => {
  const parsed = Environment.safeParse(environment());
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const { port, papilio_listen: address, max_inflight: mostInFlight, exec_timeout: timeoutS } = parsed.data;
  const { AWS_LAMBDA_FUNCTION_NAME: name, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMb } = parsed.data;
  const handler = loadHandler(parsed.data.LAMBDA_TASK_ROOT, parsed.data._HANDLER);
  const ended = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const own = { name, handler, clock: systemClock, address, port, timeoutS, memoryMb, mostInFlight };
  const container = await openContainer(own);
  say('info', { function: name, port: container.port }, 'function is served');
  const signal = await ended;
  say('info', { function: name, signal }, 'function leaves');
  const left = await container.drain(parsed.data.healthcheck_interval, parsed.data.write_timeout);
  if (left > 0) say('warn', { function: name, calls: left }, 'calls were cut off');
  process.exit(left > 0 ? 1 : 0);
};
