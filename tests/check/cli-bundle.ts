import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './shell.ts';

/** Where the command line lies as one file. */
export const bundlePath: string = join(root, 'dist', 'papilio.cjs');

/**
 * Puts the command line with all that it needs into one file, for any Node from 20 on. A command's own code and packages
 * are in it and run only when the command does.
 */
export const bundleCli = async (outfile: string): Promise<void> => {
  await build({
    entryPoints: [join(root, 'clients/cli/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    // Not as a module, whose imports of Node's own parts would all be loaded before anything runs: cryptography alone
    // takes longer to load than a command line.
    format: 'cjs',
    define: { 'import.meta.url': 'bundleUrl' },
    target: 'node20',
    minify: true,
    legalComments: 'none',
    banner: { js: "#!/usr/bin/env node\nconst bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
  });
};

// `npm run build:cli`.
if (import.meta.main) {
  await bundleCli(bundlePath);
  process.stdout.write(`${bundlePath}\n`);
}
