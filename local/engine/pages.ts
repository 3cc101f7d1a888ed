import type { Engine } from './engine.ts';
import { expositionType } from './metrics/exposition.ts';

/** What a GET reads. */
export type Page = { readonly contentType: string; readonly body: string };

/** What is read by GET, by path. */
export type Pages = Readonly<Record<string, (query: URLSearchParams) => Promise<Page>>>;

/** A wait that no timeout ends is stuck after a day, unless told otherwise. */
export const defaultStuckAfterS = 86_400;

/** What an engine tells who operates it; `endpoints` are the services that it calls, by name. */
export const enginePages = (engine: Engine, endpoints: Readonly<Record<string, string>> = {}): Pages => ({
  '/metrics': async () => ({ contentType: expositionType, body: await engine.metrics() }),
  '/doctor': async (query) => {
    const stuckAfterS = Number(query.get('stuckAfterS') ?? defaultStuckAfterS) || defaultStuckAfterS;
    return { contentType: 'application/json', body: JSON.stringify(await engine.examine({ endpoints, stuckAfterS })) };
  },
});
