#!/usr/bin/env node
// The command `papilio` on any Node >= 20: hands over to the pinned Node and the TypeScript beside this file.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
process.argv.splice(2, 0, 'papilio');
await import(join(root, 'local', 'bootstrap.mjs'));
