import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PapilioError } from '#lib/errors';
import { hostsFolder } from './function-hosts.ts';
import { installMissing, whyNoStack } from './installing.ts';
import { endPart, isPartRunning, startPart } from './part-process.ts';
import { urlOf } from './parts/emulator.ts';
import { freePort } from './parts/free-port.ts';
import type { Say } from './parts/python-part.ts';
import { ensureResources, missingResources } from './resources.ts';
import { choosePorts, endpointsOf, type PartPlan, portsOf, shapes } from './shape.ts';
import { type StackFile, type StackPart, writeStack } from './stack-file.ts';
import { whileHeld } from './stack-folder.ts';
import { type PartState, statusOfPart } from './status.ts';

/** Which stack is to be up, and where. */
export type UpOptions = {
  readonly folder: string;
  readonly kind: StackFile['kind'];
  readonly instance: string;
  readonly wing: StackFile['wing'];
  readonly region: string;
  /** Hears what is being done. */
  readonly say: Say;
};

/** A stack belongs to one papilio, and stays of its kind. @throws folder-foreign */
const checkOwn = (stack: StackFile, { kind, instance, wing, region }: UpOptions): void => {
  const [is, asked] = [stack, { kind, instance, wing, region }].map(
    (one) => `${one.kind} of ${one.instance} at ${one.wing} in ${one.region}`,
  );
  if (is === asked) return;
  throw new PapilioError('folder-foreign', `${stack.folder} is the stack ${is}, not ${asked}: give another folder`);
};

const newStack = async ({ folder, kind, instance, wing, region }: UpOptions): Promise<StackFile> => ({
  format: 1,
  kind,
  folder: resolve(folder),
  instance,
  wing,
  region,
  endpoints: endpointsOf(kind, await choosePorts(kind)),
  minio: { accessKeyId: 'papilio', secretAccessKey: randomBytes(24).toString('base64url') },
  parts: [],
  createdAt: new Date().toISOString(),
});

/** The emulator of a stack that was begun without a secret gets one the next time it is started. */
const withSecret = async (stack: StackFile): Promise<StackFile> => {
  if (stack.secret !== undefined) return stack;
  const emulator = stack.parts.find(({ name }) => name === stack.kind);
  if (emulator !== undefined && (await isPartRunning(emulator))) return stack;
  return { ...stack, secret: randomBytes(24).toString('base64url') };
};

const withPart = (stack: StackFile, part: StackPart): StackFile => ({
  ...stack,
  parts: [...stack.parts.filter(({ name }) => name !== part.name), part],
});

const withoutPart = (stack: StackFile, name: StackPart['name']): StackFile => ({
  ...stack,
  parts: stack.parts.filter((part) => part.name !== name),
});

/** Somebody else has a part's port: it gets another one, and whoever uses the stack has to read where. */
const moved = async (stack: StackFile, plan: PartPlan, say: Say): Promise<StackFile> => {
  const port = await freePort();
  say(`another process has the port of ${plan.name}: from now on it is ${urlOf(port)}; start papilio on it again`);
  const ports = new Map([...portsOf(stack), [plan.name, port] as const]);
  return { ...stack, endpoints: endpointsOf(stack.kind, ports) };
};

const reasons: Readonly<Record<PartState, string | undefined>> = {
  up: undefined,
  silent: 'does not answer: ended and started again',
  down: 'starts',
  foreign: 'starts',
};

/** Brings one part up; what is up is left alone. Whatever starts is written down before anything else happens. */
const raise = async (given: StackFile, plan: PartPlan, say: Say): Promise<StackFile> => {
  const { state } = await statusOfPart(given, plan);
  const reason = reasons[state];
  if (reason === undefined) return given;
  const part = given.parts.find(({ name }) => name === plan.name);
  // What a part started may outlive it.
  if (part !== undefined) await endPart(part);
  const ended = withoutPart(given, plan.name);
  const stack = state === 'foreign' ? await moved(ended, plan, say) : ended;
  await writeStack(stack);
  const port = portsOf(stack).get(plan.name) ?? 0;
  say(`${plan.name} ${plan.version} ${reason}, at ${urlOf(port)}`);
  const { name, version, program } = plan;
  const started = await startPart({
    stackFolder: stack.folder,
    name,
    version,
    program: program(stack),
    port,
    onStart: (begun) => writeStack(withPart(stack, begun)),
  });
  return withPart(stack, started);
};

const furnish = async (stack: StackFile, say: Say): Promise<void> => {
  const missing = await missingResources(stack);
  if (missing.length > 0) say(`creates ${missing.length} queues, state machines, tables, buckets and functions`);
  await ensureResources(stack);
};

/**
 * Brings a stack up, or what of it is not: installs what is missing, starts what does not run or does not answer, and
 * creates what the parts lack. Done again it changes nothing. @throws folder-unusable, folder-foreign, folder-in-use
 */
export const bringUp = async (options: UpOptions): Promise<StackFile> => {
  const { kind, say } = options;
  const why = whyNoStack(kind);
  if (why !== undefined) throw new Error(`a stack of ${kind} cannot be had here: ${why}`);
  const folder = resolve(options.folder);
  return whileHeld(folder, async (known) => {
    if (known !== undefined) checkOwn(known, options);
    installMissing(kind, say);
    let stack = await withSecret(known ?? (await newStack(options)));
    if (stack.secret === undefined)
      say(
        `${kind} was started by an earlier papilio and takes any call: npm run stack -- down, then up, has it ask who calls`,
      );
    await mkdir(hostsFolder(folder), { recursive: true, mode: 0o700 });
    await writeStack(stack);
    for (const plan of shapes[kind]) stack = await raise(stack, plan, say);
    await furnish(stack, say);
    return stack;
  });
};
