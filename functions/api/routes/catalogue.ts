import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { FunctionPage, FunctionView, WorkflowPage, WorkflowView } from '#schema/catalogue';
import { type CatalogEntry, catalog } from '../../catalog.ts';
import { answers, linkNext } from '../answers.ts';
import { orMissing, placesOf } from '../execution-place.ts';
import { pageQuery, readCursor, writeCursor } from '../lists.ts';
import { describeMachine, lineOfMachine } from '../machine-view.ts';
import type { App, Surroundings } from '../surroundings.ts';

const Name = z
  .string()
  .max(80)
  .regex(/^[a-z][a-z0-9-]*$/, 'is not a name in small letters and hyphens');
const planeOf = z.enum(['archive', 'work']).optional().describe('Of which plane');

const functionOf = ([name, { uses, ...entry }]: readonly [string, CatalogEntry]): FunctionView => ({
  name,
  ...entry,
  uses: [...uses],
});
const functions = Object.entries(catalog)
  .map(functionOf)
  .sort((a, b) => (a.name < b.name ? -1 : 1));

type Page<T> = { readonly items: T[]; readonly next?: string };

/** A page of what is there as a whole, by name. */
const pageOf = <T extends { readonly name: string }>(
  all: readonly T[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Page<T> => {
  const from = cursor === undefined ? '' : readCursor(cursor);
  const left = all.filter(({ name }) => name >= from);
  const next = left[limit]?.name;
  return { items: left.slice(0, limit), ...(next !== undefined && { next: writeCursor(next) }) };
};

const addFunctions = (app: App): void => {
  app.get(
    '/v1/functions',
    {
      config: { policy: 'function.read' },
      schema: {
        tags: ['workflows'],
        summary: 'The functions that papilio is made of, by name',
        querystring: z.object({ plane: planeOf, area: Name.optional().describe('Of which area'), ...pageQuery }),
        response: answers(FunctionPage),
      },
    },
    async ({ query: { plane, area, ...rest } }, reply) => {
      const wanted = functions.filter((one) => (plane ?? one.plane) === one.plane && (area ?? one.area) === one.area);
      const page = pageOf(wanted, rest);
      linkNext(reply, page.next);
      return page;
    },
  );

  app.get(
    '/v1/functions/:function',
    {
      config: { policy: 'function.read' },
      schema: {
        tags: ['workflows'],
        summary: 'One function: where it runs, on what, and within which limits',
        params: z.object({ function: Name.describe('Its name, such as `assign-jobs`') }),
        response: answers(FunctionView),
      },
    },
    async ({ params }) => {
      const found = functions.find(({ name }) => name === params.function);
      if (!found) throw new PapilioError('record-missing', `function ${params.function}`);
      return found;
    },
  );
};

/** What papilio is made of: its functions and state machines. */
export const addCatalogue = (app: App, surroundings: Surroundings): void => {
  addFunctions(app);
  app.get(
    '/v1/workflows',
    {
      config: { policy: 'workflow.read' },
      schema: {
        tags: ['workflows'],
        summary: 'The state machines that papilio runs, by name',
        querystring: z.object({ plane: planeOf, ...pageQuery }),
        response: answers(WorkflowPage),
      },
    },
    async ({ query: { plane, ...rest } }, reply) => {
      const places = placesOf(plane, undefined).map(({ machine, ...place }) => ({ name: machine, machine, ...place }));
      const { items, next } = pageOf(
        places.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        rest,
      );
      const found = await Promise.all(
        items.map((place) => describeMachine(place, surroundings).catch(orMissing(undefined))),
      );
      linkNext(reply, next);
      return { items: found.flatMap((one) => (one ? [lineOfMachine(one)] : [])), ...(next !== undefined && { next }) };
    },
  );

  app.get(
    '/v1/workflows/:workflow',
    {
      config: { policy: 'workflow.read' },
      schema: {
        tags: ['workflows'],
        summary: 'One state machine with its definition',
        params: z.object({ workflow: Name.describe('Its name, such as `process-stf`') }),
        response: answers(WorkflowView),
      },
    },
    async ({ params }) => {
      const [place] = placesOf(undefined, params.workflow);
      if (!place) throw new PapilioError('record-missing', `state machine ${params.workflow}`);
      return describeMachine(place, surroundings);
    },
  );
};
