import { readFile } from 'node:fs/promises';
import { openE1Data } from '../../functions/adapters/e1-data/over-objects.ts';
import { createMemoryObjects } from '../../functions/adapters/objects/memory.ts';
import type { Objects } from '../../functions/lib/ports/objects.ts';
import { aFilesStore } from '../builders/an-e1-store.ts';
import { e1DataSuite } from './e1-data-suite.ts';

const inMemory = new Map<string, Objects>();
const now = () => '2026-01-01T00:00:00.000Z';

e1DataSuite('memory', (folder) => {
  const objects = inMemory.get(folder) ?? createMemoryObjects({ disk: { readFile } });
  inMemory.set(folder, objects);
  return openE1Data({ objects, now });
});
e1DataSuite('files', (folder) => aFilesStore(`${folder}/e1`));
