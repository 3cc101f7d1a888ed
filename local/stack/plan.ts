import { installables, whyNoStack } from './installing.ts';
import { urlOf } from './parts/emulator.ts';
import { shapes } from './shape.ts';
import { readStack, type StackFile, stackPath } from './stack-file.ts';
import { statusOf } from './status.ts';

/** What hinders `up`; undefined if nothing does. */
const hindranceOf = (folder: string, kind: StackFile['kind'], stack: StackFile | undefined): string | undefined =>
  whyNoStack(kind) ??
  (stack === undefined || stack.kind === kind ? undefined : `${folder} is a stack of ${stack.kind}`);

const stepsOf = async (
  folder: string,
  kind: StackFile['kind'],
  stack: StackFile | undefined,
): Promise<readonly string[]> => {
  const installs = installables[kind]
    .filter((part) => !part.isInstalled())
    .map(({ name, version }) => `install ${name} ${version}`);
  if (stack === undefined)
    return [
      ...installs,
      `make ${stackPath(folder)}`,
      ...shapes[kind].map(({ name, version }) => `start ${name} ${version} on a free port`),
      'create queues, state machines, tables and buckets of both planes',
    ];
  const { parts, missing } = await statusOf(stack);
  const starts = parts.flatMap(({ name, version, state, port }) =>
    state === 'up' ? [] : [`${state === 'silent' ? 'end and start' : 'start'} ${name} ${version} at ${urlOf(port)}`],
  );
  const creates =
    missing === undefined ? ['create what its parts lack'] : missing.map((resource) => `create ${resource}`);
  return [...installs, ...starts, ...creates];
};

/** What `up` would do: one line a step, none if it would do nothing; or why it cannot. Changes nothing. */
export const planUp = async (
  folder: string,
  kind: StackFile['kind'],
): Promise<{ readonly steps: readonly string[]; readonly cannot?: string }> => {
  const stack = await readStack(stackPath(folder));
  const cannot = hindranceOf(folder, kind, stack);
  return cannot === undefined ? { steps: await stepsOf(folder, kind, stack) } : { steps: [], cannot };
};
