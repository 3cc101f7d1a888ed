import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogEntry, Plane } from '../../functions/catalog.ts';
import { bundleCache, bundleFunctions } from './bundle/bundle.ts';
import { type HostOptions, openFunctionHost } from './host.ts';
import type { FunctionHost, FunctionSpec } from './runner.ts';

/** Runs of one function at once, where a state machine asks for it. */
const machineConcurrency = 8;

/** How often a function runs at once: what feeds it says so, and a single writer stays single. */
const concurrencyOf = ({ trigger }: CatalogEntry): number => {
  if (trigger.kind === 'queue') return trigger.parallel;
  return trigger.kind === 'schedule' ? 1 : machineConcurrency;
};

/** What the catalogue says of how a function is to be deployed. */
export const usualOf = (entry: CatalogEntry): Pick<FunctionSpec, 'memoryMb' | 'timeoutS' | 'concurrency'> => ({
  memoryMb: entry.memoryMb,
  timeoutS: entry.timeoutS,
  concurrency: concurrencyOf(entry),
});

type Variables = Readonly<Record<string, string>>;

/** A function of the catalogue as it is deployed here. */
export const specOf = (name: string, entry: CatalogEntry, environment: Variables): FunctionSpec => ({
  name,
  code: name,
  ...usualOf(entry),
  environment: { ...environment, PAPILIO_PLANE: entry.plane },
  labels: { area: entry.area, plane: entry.plane },
  annotations: {},
});

export type CatalogueHostOptions = Omit<HostOptions, 'codes' | 'functions' | 'compileCache'> & {
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  /** Only the functions of this plane. */
  readonly plane?: Plane | undefined;
  /** What functions find in their environment: where their services are, and who they are there. */
  readonly environment: Variables;
  /** Where bundles are kept. */
  readonly cache?: string;
};

/** Facility functions run in their plane's process, beside their facility: by themselves they would find none. */
export const runsAlone = ({ uses }: CatalogEntry): boolean => !uses.includes('batch');

/** Bundles the functions of the catalogue and opens a host with all of them. @throws config-invalid, what esbuild says */
export const openCatalogueHost = async (options: CatalogueHostOptions): Promise<FunctionHost> => {
  const { catalog, plane, environment, cache = bundleCache(), ...rest } = options;
  const chosen = Object.entries(catalog)
    .filter(([, entry]) => runsAlone(entry) && (plane === undefined || entry.plane === plane))
    .map(([name, entry]) => ({ name, entry }));
  const codes = await bundleFunctions(chosen, cache);
  const compileCache = join(cache, 'compiled');
  await mkdir(compileCache, { recursive: true });
  const functions = chosen.map(({ name, entry }) => specOf(name, entry, environment));
  return openFunctionHost({ ...rest, codes, functions, compileCache });
};
