import type { Engine } from './engine.ts';
import { expositionType } from './exposition.ts';

/** What a GET reads. */
export type Page = { readonly contentType: string; readonly body: string };

/** What is read by GET, by path. */
export type Pages = Readonly<Record<string, () => Promise<Page>>>;

/** What an engine tells who operates it. */
export const enginePages = (engine: Engine): Pages => ({
  '/metrics': async () => ({ contentType: expositionType, body: await engine.metrics() }),
});
