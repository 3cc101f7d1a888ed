import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, type Plugin, version } from 'esbuild';
import type { CatalogEntry } from '../../../functions/catalog.ts';

/** A function that is to be bundled, as the catalogue has it. */
export type Ingredient = { readonly name: string; readonly entry: CatalogEntry };

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What every function that runs on its own opens. */
const always = new Set(['store/dynamo.ts', 'incoming/folder.ts', 'batch/registry.ts']);

/** What a function opens if the catalogue says that it uses the port. */
const ifUsed = new Map<string, { readonly port: CatalogEntry['uses'][number]; readonly opens: string }>([
  ['objects/minio.ts', { port: 'objects', opens: 'openMinioObjects' }],
  ['queues/sqs.ts', { port: 'queues', opens: 'createSqsQueues' }],
  ['machines/sfn.ts', { port: 'machines', opens: 'createSfnMachines' }],
]);

/** In the place of a port that is left out: one whose every use fails and says why. */
const refusalOf = (name: string, port: string, opens: string): string => `
const refuse = (member) => () => {
  throw new Error('${name} uses ' + String(member) + ' of ${port}, and its catalogue entry does not say so');
};
export const ${opens} = () => new Proxy({}, { get: (_, member) => (member === 'then' ? undefined : refuse(member)) });
`;

/** What stands in a bundle for an adapter; undefined leaves the adapter itself. What is for planes and the API is empty. */
const standInOf = ({ name, entry: { uses } }: Ingredient, adapter: string): string | undefined => {
  const used = ifUsed.get(adapter);
  if (always.has(adapter) || (used !== undefined && uses.includes(used.port))) return undefined;
  return used === undefined ? 'export {};' : refusalOf(name, used.port, used.opens);
};

/**
 * Leaves out, of the adapters that `deps.ts` names, those that a function does not use: its bundle is smaller, it starts
 * faster, and it cannot reach what it does not say that it uses.
 */
const leaveOut = (ingredient: Ingredient): Plugin => ({
  name: 'leave-out',
  setup: (build) => {
    const adapterOf = (path: string) => path.replace(/^\.\.\/adapters\//, '');
    build.onResolve({ filter: /^\.\.\/adapters\// }, ({ path, kind }) => {
      const isLeftOut = kind === 'dynamic-import' && standInOf(ingredient, adapterOf(path)) !== undefined;
      return isLeftOut ? { path: adapterOf(path), namespace: 'left-out' } : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: standInOf(ingredient, path) ?? '',
      loader: 'js',
    }));
  },
});

const camelCase = (name: string): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The module that Lambda loads: the function with what it reaches from its environment alone. What V8 compiled is kept when it
 * is loaded, where it is kept at all: instances end by a signal, and would not keep it then.
 */
const entryText = ({ name, entry: { area } }: Ingredient): string => `
import { ${camelCase(name)} } from './functions/${area}/${name}.fn.ts';
import { openCloudDeps } from './functions/lib/cloud.ts';
import { flushCompileCache } from 'node:module';
export const handler = ${camelCase(name)}.handlerWith(openCloudDeps);
flushCompileCache();
`;

/** The file of a bundle, and what Lambda calls its handler. */
export const bundleFile = 'index.cjs';
export const bundleHandler = 'index.handler';

/**
 * How a function becomes one file. Not a module: its imports of Node's own parts would all be loaded before anything runs.
 * Adapters are evaluated when `deps.ts` imports them.
 */
const settings = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
  // Compiled parts lie beside the bundle.
  loader: { '.node': 'copy' },
  assetNames: '[name]-[hash]',
  logLevel: 'error',
  metafile: true,
  write: false,
} as const satisfies BuildOptions;

/** What esbuild is told for one function. */
export const buildOptionsOf = (ingredient: Ingredient) => ({
  ...settings,
  absWorkingDir: root,
  outfile: `${root}dist/${bundleFile}`,
  stdin: {
    contents: entryText(ingredient),
    resolveDir: root,
    sourcefile: `${ingredient.name}.entry.ts`,
    loader: 'ts' as const,
  },
  plugins: [leaveOut(ingredient)],
});

/** All that decides about a bundle beside the files that go into it; this file is one of them. */
export const recipeOf = (ingredient: Ingredient): string =>
  JSON.stringify([
    ...[version, process.platform, process.arch, ingredient.name, ingredient.entry.uses],
    readFileSync(fileURLToPath(import.meta.url), 'utf8'),
  ]);

/** Where the files of a bundle are counted from. */
export const bundleRoot: string = root;
