import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './shell.ts';

/** Where the command line lies as one file. */
export const bundlePath: string = join(root, 'dist', 'papilio.mjs');

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
    format: 'esm',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    // Packages that are no modules ask for Node's own by `require`.
    banner: {
      js: "#!/usr/bin/env node\nimport{createRequire}from'node:module';const require=createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
};

// `npm run build:cli`.
if (import.meta.main) {
  await bundleCli(bundlePath);
  process.stdout.write(`${bundlePath}\n`);
}
