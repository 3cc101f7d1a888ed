import { outputs, runs } from '#lib/records';
import type { Store } from '#ports/store';
import type { OutputLine, Summary } from '#schema/status';
import { runIdOf } from './ids.ts';
import type { Surroundings } from './surroundings.ts';

/** So many outputs stand in a summary, and so many runs are looked at for them. */
const most = 100;

const byId = (a: OutputLine, b: OutputLine): number => (a.id < b.id ? -1 : 1);

const outputsOf = async (store: Store, runId: string, limit: number): Promise<OutputLine[]> => {
  const { items } = await outputs.list(store, 'i1', `${runId}#outputs`, { limit });
  return items.map(({ doc: { id, name, sizeBytes, checksumAdler32 } }) => ({ id, name, sizeBytes, checksumAdler32 }));
};

/** Outputs of the latest runs. */
const outputsOfAll = async (store: Store): Promise<OutputLine[]> => {
  const { items } = await runs.list(store, 'i1', 'runs', { limit: most, newestFirst: true });
  const found: OutputLine[] = [];
  for (const { doc } of items) {
    if (found.length >= most) break;
    found.push(...(await outputsOf(store, doc.id, most - found.length)));
  }
  return found;
};

/** The account of a run, or of everything: counts out of the events, outputs out of the records. */
export const summaryOf = async (
  { feed, records, config }: Pick<Surroundings, 'feed' | 'records' | 'config'>,
  run: number | undefined,
): Promise<Summary> => {
  const counted = feed.tally.summary(run);
  if (counted.outputCount === 0) return { ...counted, outputs: [] };
  const { store } = await records('work');
  const found =
    run === undefined
      ? await outputsOfAll(store)
      : await outputsOf(store, runIdOf(String(run), config.PAPILIO_INSTANCE), most);
  return { ...counted, outputs: found.sort(byId) };
};
