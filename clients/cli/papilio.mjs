#!/usr/bin/env node
// The command `papilio` on any Node >= 20: the one file of `npm run build:cli` where it is there and no source is newer,
// else the pinned Node and the TypeScript beside this file.
import { readdirSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bundle = join(root, 'dist', 'papilio.cjs');
const sources = ['clients', 'functions/lib/schema', 'package-lock.json'].map((path) => join(root, path));

const changedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Whether something was changed after a moment: a file, or what a folder holds. */
function isNewer(path, thanMs) {
  const stat = statSync(path);
  if (stat.mtimeMs > thanMs) return true;
  return stat.isDirectory() && readdirSync(path).some((name) => isNewer(join(path, name), thanMs));
}

const builtMs = changedMs(bundle);
if (builtMs > 0 && !sources.some((path) => isNewer(path, builtMs))) {
  // Node keeps what it has compiled, where it can.
  nodeModule.enableCompileCache?.();
  nodeModule.createRequire(import.meta.url)(bundle);
} else {
  process.argv.splice(2, 0, 'papilio');
  await import(join(root, 'local', 'bootstrap.mjs'));
}
