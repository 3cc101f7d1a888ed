import { resolve } from 'node:path';
import { readConfig } from '#lib/config';
import { readStack, type StackFile, stackPath } from '../stack/stack-file.ts';
import { isWhole, statusOf } from '../stack/status.ts';
import { bringUp } from '../stack/up.ts';
import { readDeed, refuseElsewhere } from './data-folder.ts';

/** Which stack is wanted, and whose it is to be. */
type Wanted = {
  /** The data folder: the stack belongs to the instance that it belongs to. */
  readonly data: string;
  /** The stack's folder. */
  readonly stack: string;
  /** What a stack that is not there yet is made of; LocalStack unless it is told. */
  readonly with?: StackFile['kind'] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
};

/** Takes a stack that is up, or brings it up; it stays up when papilio ends. @throws folder-unusable, folder-foreign, folder-in-use */
export const ensureStack = async ({ data, stack: given, with: kind, environment, say }: Wanted): Promise<StackFile> => {
  const folder = resolve(given);
  const deed = await readDeed(resolve(data));
  // Before minutes go by with a stack that the folder does not work on.
  if (deed !== undefined) refuseElsewhere(data, deed, { PAPILIO_STACK: stackPath(folder) });
  const known = await readStack(stackPath(folder));
  const isUp = known !== undefined && isWhole(await statusOf(known));
  const config = readConfig(environment);
  const stack = await bringUp({
    folder,
    kind: kind ?? known?.kind ?? 'localstack',
    instance: deed?.instance ?? config.PAPILIO_INSTANCE,
    wing: deed?.wing ?? config.PAPILIO_WING,
    region: known?.region ?? config.PAPILIO_REGION,
    say: (line) => say(`stack: ${line}`),
  });
  const how = isUp ? 'is up' : 'was brought up, and stays up: npm run stack -- down ends it';
  say(`the stack in ${folder} (${stack.kind}) ${how}`);
  return stack;
};
