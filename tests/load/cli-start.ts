import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleCli } from '../check/cli-bundle.ts';
import { root } from '../check/shell.ts';
import type { BenchmarkOptions, Result } from './benchmark.ts';
import { median, rounded } from './figures.ts';

export const name = 'cli-start';
export const about = 'from the Enter key to the help of a command: the one file of the command line against bare Node';

const turns = 25;

/** How long a program takes from its start to its end. */
const timed = (words: readonly string[], cwd: string): number => {
  const startedMs = performance.now();
  const { status } = spawnSync(process.execPath, words, { cwd, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}`);
  return performance.now() - startedMs;
};

/** Starts each in turn, so that what else the machine does falls on all of them. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-cli-start-'));
  try {
    const bundle = join(folder, 'papilio.cjs');
    await bundleCli(bundle);
    const help = ['stf', 'list', '--help'];
    // What `clients/cli/papilio.mjs` does: Node keeps what it has compiled.
    const kept = join(folder, 'kept.mjs');
    writeFileSync(
      kept,
      `import { createRequire, enableCompileCache } from 'node:module';\nenableCompileCache(${JSON.stringify(join(folder, 'cache'))});\ncreateRequire(import.meta.url)('./papilio.cjs');\n`,
    );
    const programs = {
      'bare Node': ['-e', '0'],
      'the one file, help of a command': [bundle, ...help],
      'the same, compiled before': [kept, ...help],
      'the sources, help of a command': [join(root, 'clients/cli/main.ts'), ...help],
    } as const satisfies Record<string, readonly string[]>;
    const count = Math.max(5, Math.round(turns * scale));
    say(`${count} turns of ${Object.keys(programs).length} programs`);
    const walls = new Map<string, number[]>();
    for (let turn = 0; turn <= count; turn++) {
      for (const [program, words] of Object.entries(programs)) {
        const wallMs = timed(words, folder);
        // The first turn reads from the disk what the others find in memory.
        if (turn > 0) walls.set(program, [...(walls.get(program) ?? []), wallMs]);
      }
    }
    const bare = median(walls.get('bare Node') ?? []);
    const rows = [...walls].map(([program, values]) => ({
      program,
      'median ms': rounded(median(values)),
      'slowest ms': rounded(Math.max(...values)),
      'times bare Node': rounded(median(values) / bare),
    }));
    const started = rows.find(({ program }) => program === 'the same, compiled before');
    return {
      tables: { 'Start to end': rows },
      bars: [
        { what: 'the one file, compiled before', measured: started?.['median ms'] ?? 0, unit: 'ms', atMost: 300 },
        { what: 'the same against bare Node', measured: started?.['times bare Node'] ?? 0, unit: 'times', atMost: 6 },
      ],
      notes: [`the one file has ${rounded(statSync(bundle).size / 1000)} kB`],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
