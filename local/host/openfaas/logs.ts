import * as z from 'zod';
import type { FunctionRunner, LogLine } from '../runner.ts';
import type { Places } from './places.ts';
import { type Question, type Reply, say, type Write } from './web.ts';

const flag = z.enum(['true', 'false', '1', '0', 't', 'f']).transform((text) => ['true', '1', 't'].includes(text));

const LogQuery = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  instance: z.string().optional(),
  tail: z.coerce.number().int().optional(),
  follow: flag.optional(),
  since: z.iso.datetime({ offset: true }).optional(),
});

type LogQuery = z.infer<typeof LogQuery>;

/** Those who look at a log and do not read what they are told are told no more. */
const mostBehindBytes = 4 * 2 ** 20;

type Listening = {
  readonly first: string;
  readonly follow: (tell: (text: string) => void) => () => void;
  readonly write: Write;
  readonly signal: AbortSignal;
};

/** Writes what there is and each further line, until nobody listens. */
const listen = ({ first, follow, write, signal }: Listening): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      stop();
      resolve();
    };
    write(first);
    const stop = follow((text) => {
      if (write(text) > mostBehindBytes) end();
    });
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/** Answers `/system/logs`: a line of JSON for each line of the function, to the end or for as long as somebody listens. */
export const createLogs = (runner: FunctionRunner, places: Places) => {
  const find = ({ name: place, namespace }: LogQuery): string | undefined => {
    const name = places.isOurs(namespace) ? places.nameIn(place) : undefined;
    return name !== undefined && runner.describe(name) !== undefined ? name : undefined;
  };
  return ({ query }: Question): Reply => {
    const parsed = LogQuery.safeParse(Object.fromEntries(query));
    if (!parsed.success) return say(422, z.prettifyError(parsed.error));
    const { instance, tail = 0, since, follow: isFollowed } = parsed.data;
    const name = find(parsed.data);
    if (name === undefined) return say(404, 'such a function is not here');
    const isWanted = (line: LogLine): boolean => instance === undefined || line.instance === instance;
    const textOf = ({ at: timestamp, instance: from, text }: LogLine): string =>
      `${JSON.stringify({ name, namespace: places.namespace, instance: from, timestamp, text })}\n`;
    const sinceMs = since === undefined ? undefined : Date.parse(since);
    const lines = runner.logs(name, { sinceMs }).filter(isWanted);
    const first = lines
      .slice(tail > 0 ? -tail : 0)
      .map(textOf)
      .join('');
    const follow: Listening['follow'] = (tell) =>
      runner.followLogs(name, (line) => {
        if (isWanted(line)) tell(textOf(line));
      });
    const head = { status: 200, headers: { 'content-type': 'application/x-ndjson' } } as const;
    if (!isFollowed) return { ...head, body: first };
    return { ...head, stream: (write, signal) => listen({ first, follow, write, signal }) };
  };
};
