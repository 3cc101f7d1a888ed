import * as z from 'zod';
import type { Call } from '../../local/engine/protocol.ts';

const Page = z.looseObject({ nextToken: z.string().optional() });
const Machines = Page.extend({ stateMachines: z.array(z.object({ stateMachineArn: z.string() })) });
const Executions = Page.extend({ executions: z.array(z.object({ executionArn: z.string() })) });
const MapRuns = Page.extend({ mapRuns: z.array(z.object({ mapRunArn: z.string() })) });
const History = Page.extend({ events: z.array(z.unknown()) });

/** What everybody can know of an execution, without times and without what is drawn by lot. */
export type Portrait = { readonly description: unknown; readonly history: readonly unknown[] };

const moments = new Set(['startDate', 'stopDate', 'timestamp', 'updateDate', 'redriveDate']);

/** Without times, task tokens, identifiers drawn by lot and what is computed from them. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, field: unknown) => {
      if (moments.has(key)) return undefined;
      if (typeof field !== 'string') return field;
      return field
        .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'UUID')
        .replaceAll(/[\w-]{60,}/g, 'TOKEN')
        .replaceAll(/\b[\da-f]{32}\b/g, 'MD5')
        .replaceAll(/"(\w+Date)":[\d.]+/g, '"$1":0')
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
    }),
  );

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

/** The whole of a list that comes in pages. */
const all = async <T>(ask: (nextToken: object) => Promise<{ readonly next: string | undefined; readonly of: T[] }>) => {
  const found: T[] = [];
  for (let next: string | undefined = ''; next !== undefined; ) {
    const page = await ask(next === '' ? {} : { nextToken: next });
    found.push(...page.of);
    next = page.next;
  }
  return found;
};

/** Every execution that an engine knows, children included, by the end of its ARN; those of a map run in order of their text. */
export const portraitOf = async (call: Call): Promise<Readonly<Record<string, unknown>>> => {
  const sfn = (operation: string, input: object) => call('sfn', operation, input);
  const executionsOf = (of: object) =>
    all(async (token) => {
      const page = Executions.parse(await sfn('ListExecutions', { ...of, ...token }));
      return { next: page.nextToken, of: page.executions.map(({ executionArn }) => executionArn) };
    });
  const one = async (executionArn: string): Promise<Portrait> => {
    const events = await all(async (token) => {
      const page = History.parse(await sfn('GetExecutionHistory', { executionArn, maxResults: 1000, ...token }));
      return { next: page.nextToken, of: page.events.map(plain) };
    });
    return { description: plain(await sfn('DescribeExecution', { executionArn })), history: events };
  };
  const portraits: Record<string, unknown> = {};
  const { stateMachines } = Machines.parse(await sfn('ListStateMachines', { maxResults: 1000 }));
  for (const { stateMachineArn } of stateMachines) {
    for (const executionArn of await executionsOf({ stateMachineArn })) {
      const name = executionArn.split(':').slice(6).join(':');
      portraits[name] = await one(executionArn);
      const { mapRuns } = MapRuns.parse(await sfn('ListMapRuns', { executionArn }));
      for (const { mapRunArn } of mapRuns) {
        const children = await Promise.all((await executionsOf({ mapRunArn })).map(one));
        portraits[`${name} map run`] = plain(await sfn('DescribeMapRun', { mapRunArn }));
        portraits[`${name} children`] = children.toSorted(byText);
      }
    }
  }
  return portraits;
};
