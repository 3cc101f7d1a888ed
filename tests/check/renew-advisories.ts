import { writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { type Advisory, readSnapshot, type Snapshot, snapshotPath } from './advisories.ts';
import { installedPackages } from './lock-file.ts';

const Named = z.object({
  vulns: z.array(z.object({ id: z.string() })).default([]),
  next_page_token: z.string().optional(),
});
const Batch = z.object({ results: z.array(Named) });
const Events = z.array(
  z.object({ introduced: z.string().optional(), fixed: z.string().optional(), last_affected: z.string().optional() }),
);
const Vulnerability = z.object({
  id: z.string(),
  aliases: z.array(z.string()).default([]),
  summary: z.string().default('no summary'),
  withdrawn: z.string().optional(),
  affected: z
    .array(
      z.object({
        package: z.object({ ecosystem: z.string(), name: z.string() }).optional(),
        ranges: z.array(z.object({ type: z.string(), events: Events })).default([]),
        versions: z.array(z.string()).default([]),
      }),
    )
    .default([]),
});
type Vulnerability = z.infer<typeof Vulnerability>;

/** Events in the order of versions, as OSV gives them, as ranges. */
const rangesOf = (events: z.infer<typeof Events>): Advisory['ranges'] => {
  const ranges: Advisory['ranges'] = [];
  for (const { introduced, fixed, last_affected: last } of events) {
    if (introduced !== undefined) ranges.push({ introduced });
    const open = ranges.at(-1);
    if (open && fixed !== undefined) open.fixed = fixed;
    if (open && last !== undefined) open.last = last;
  }
  return ranges;
};

const advisoriesOf = ({ id, aliases, summary, affected, withdrawn }: Vulnerability, names: ReadonlySet<string>) =>
  (withdrawn === undefined ? affected : []).flatMap(({ package: of, ranges, versions }): readonly Advisory[] => {
    if (of?.ecosystem !== 'npm' || !names.has(of.name)) return [];
    const spans = ranges.filter(({ type }) => type === 'SEMVER').flatMap(({ events }) => rangesOf(events));
    return [{ id, aliases, package: of.name, summary, ranges: spans, versions: spans.length === 0 ? versions : [] }];
  });

const ask = async <T>(schema: z.ZodType<T>, url: string, body?: unknown): Promise<T> => {
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(url, { ...sent, signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return schema.parse(await response.json());
};

const mostPages = 100;

/** The ids of all weaknesses of some packages, in whatever version. */
const idsOf = async (base: string, names: readonly string[]): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  let queries: readonly object[] = names.map((name) => ({ package: { ecosystem: 'npm', name } }));
  for (let page = 0; queries.length > 0; page++) {
    if (page === mostPages) throw new Error(`${base} has more than ${mostPages} pages`);
    const asked = queries.slice(0, 1000);
    const { results } = await ask(Batch, `${base}/v1/querybatch`, { queries: asked });
    for (const { vulns } of results) for (const { id } of vulns) ids.add(id);
    const further = asked.flatMap((query, at) => {
      const token = results[at]?.next_page_token;
      return token === undefined ? [] : [{ ...query, page_token: token }];
    });
    queries = [...further, ...queries.slice(1000)];
  }
  return ids;
};

/** Asks OSV for everything that is known of some packages. */
export const takeSnapshot = async (base: string, names: readonly string[], takenAt: string): Promise<Snapshot> => {
  const advisories: Advisory[] = [];
  for (const id of [...(await idsOf(base, names))].toSorted())
    advisories.push(...advisoriesOf(await ask(Vulnerability, `${base}/v1/vulns/${id}`), new Set(names)));
  return { takenAt, source: `from ${new URL(base).host}`, advisories };
};

const causeOf = (error: unknown): string =>
  error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);

if (import.meta.main) {
  const names = [...new Set((await installedPackages()).map(({ name }) => name))].toSorted();
  const taken = await takeSnapshot('https://api.osv.dev', names, new Date().toISOString().slice(0, 10)).catch(causeOf);
  if (typeof taken === 'string') {
    const { takenAt } = await readSnapshot();
    process.stderr.write(
      `advisories: api.osv.dev gave nothing (${taken}); the snapshot of ${takenAt} stays as it is\n`,
    );
    process.exitCode = 1;
  } else {
    await writeFile(snapshotPath, `${JSON.stringify(taken, undefined, 2)}\n`);
    process.stdout.write(`advisories: ${taken.advisories.length} of ${names.length} packages, ${taken.takenAt}\n`);
  }
}
