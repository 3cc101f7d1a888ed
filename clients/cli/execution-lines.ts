import type { ExecutionView, MapRunView } from '#schema/execution';
import { facts } from './table.ts';
import { dateAndTime, duration, harmless } from './words.ts';

/** How long an execution took; undefined while it runs. */
export const tookMs = ({
  startedAt,
  stoppedAt,
}: {
  startedAt: string;
  stoppedAt?: string | undefined;
}): number | undefined => (stoppedAt === undefined ? undefined : Date.parse(stoppedAt) - Date.parse(startedAt));

const pretty = (name: string, value: unknown): string[] =>
  value === undefined ? [] : ['', `${name}:`, ...harmless(JSON.stringify(value, null, 2)).split('\n')];

/** Only what has failed is worth a word on whether it can be redriven. */
const redriveWords = ({ status, redrive, redriveCount }: ExecutionView): string | undefined => {
  const times = redriveCount === undefined ? '' : `, redriven ${redriveCount} times`;
  if (redrive?.isPossible) return `possible${times}`;
  if (status === 'RUNNING' || status === 'SUCCEEDED') return times.slice(2) || undefined;
  return redrive && `not possible: ${redrive.reason ?? 'no reason is known'}${times}`;
};

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([state, count]) => `${state} ${count}`)
    .join('   ');

const mapRunLines = ({ id, status, startedAt, stoppedAt, executions, items }: MapRunView): string[] => [
  '',
  ...facts([
    ['map run', id],
    ['status', status],
    ['started', `${dateAndTime(startedAt)} UTC`],
    ['took', stoppedAt && duration(tookMs({ startedAt, stoppedAt }))],
    ['children', counts(executions)],
    ['items', counts(items)],
  ]),
];

/** One execution as a person reads it. */
export const viewLines = (view: ExecutionView): string[] => [
  ...facts([
    ['execution', view.id],
    ['plane', view.plane],
    ['status', view.status],
    ['started', `${dateAndTime(view.startedAt)} UTC`],
    ['took', view.stoppedAt && duration(tookMs(view))],
    ['error', view.error],
    ['cause', view.cause],
    ['child of', view.parent],
    ['redrive', redriveWords(view)],
  ]),
  ...(view.mapRuns ?? []).flatMap(mapRunLines),
  ...pretty('input', view.input),
  ...pretty('output', view.output),
];
