import type { Command } from 'commander';
import * as z from 'zod';
import { ApiError } from '../http/api-error.ts';
import type { Client } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';
import { UsageError } from './failure.ts';

/** Options that every list has. */
export const listOptions = (command: Command): Command =>
  command.option('--limit <n>', 'how many in a page, up to 500', '100').option('--all', 'all pages');

/** The same for what changes while papilio works: a list that can be followed. */
export const watchedOptions = (command: Command): Command =>
  listOptions(command).option('-w, --watch', 'stay and show it again when it changes; to programs only what is new');

export const ListOptions = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .catch(() => {
      throw new UsageError('--limit is not a number from 1 to 500', '--limit 100');
    }),
  all: z.boolean().default(false),
});

/** The run that the DAQ spoke of last. */
export const currentRun = async (client: Client): Promise<string> => {
  const { ribbon } = await client.call(api.getState);
  if (!ribbon) throw new UsageError('no run was announced yet', 'name one with --run, or wait for the DAQ');
  return String(ribbon.run);
};

/** The number of a run, or its id. @throws UsageError */
export const runOption = z
  .string()
  .regex(/^\d{1,8}$|(^|_)run_\d{8}$/)
  .optional()
  .catch(({ value }) => {
    throw new UsageError(`--run ${String(value)}: not a run number`, '--run 102363');
  });

/** One of the words of a schema. @throws UsageError that names them */
export const oneOf = <S extends z.ZodEnum>(option: string, schema: S) =>
  schema.optional().catch(({ value }) => {
    const words = schema.options.join(', ');
    throw new UsageError(`${option}: not one of ${words}: ${String(value)}`, `${option} ${schema.options[0]}`);
  });

/** A page of a list of a run. @throws NotFound if it is empty because there is no such run */
export const orRunMissing = async <P extends { readonly items: readonly unknown[] }>(
  client: Client,
  run: string | undefined,
  page: Promise<P>,
): Promise<P> => {
  const found = await page;
  if (run !== undefined && found.items.length === 0 && !('next' in found)) await needRun(client, run);
  return found;
};

const needRun = async (client: Client, run: string): Promise<void> => {
  try {
    await client.call(api.getRun, { path: { run } });
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) throw runNotFound(run);
    throw thrown;
  }
};

const runNotFound = (run: string): ApiError =>
  new ApiError({
    ...{ code: 'record-missing', status: 404, title: `run ${run} not found` },
    detail: 'no run of this number was announced, and no STF of it is here',
    help: 'papilio run list shows all runs',
  });
