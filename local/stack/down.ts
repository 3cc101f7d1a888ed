import { access } from 'node:fs/promises';
import { endPart } from './part-process.ts';
import type { Say } from './parts/python-part.ts';
import { shapes } from './shape.ts';
import { type StackFile, writeStack } from './stack-file.ts';
import { clearFolder, removeIfEmpty, whileHeld } from './stack-folder.ts';

const bringPartsDown = async (stack: StackFile, say: Say): Promise<void> => {
  for (const { name, isDurable } of shapes[stack.kind].toReversed()) {
    const part = stack.parts.find((one) => one.name === name);
    if (part !== undefined && (await endPart(part, isDurable))) say(`${name} ended, process ${part.pid}`);
  }
  await writeStack({ ...stack, parts: [] });
};

const isThere = (folder: string): Promise<boolean> =>
  access(folder).then(
    () => true,
    () => false,
  );

/** Ends exactly what `up` started; what MinIO and DynamoDB Local keep stays. Returns whether there is a stack. */
export const bringDown = async (folder: string, say: Say): Promise<boolean> => {
  if (!(await isThere(folder))) return false;
  return whileHeld(folder, async (stack) => {
    if (stack === undefined) return false;
    await bringPartsDown(stack, say);
    return true;
  });
};

/** Ends a stack and removes all that it kept. Returns whether there was one. */
export const reset = async (folder: string, say: Say): Promise<boolean> => {
  if (!(await isThere(folder))) return false;
  const wasThere = await whileHeld(folder, async (stack) => {
    if (stack !== undefined) await bringPartsDown(stack, say);
    await clearFolder(folder);
    return stack !== undefined;
  });
  await removeIfEmpty(folder);
  return wasThere;
};
