import { runPlane } from '../../../local/plane/run.ts';

/** A work plane whose only function notes the words that it finds in the queue `words`. */
await runPlane(
  {
    catalog: {
      'handle-word': {
        area: 'jobs',
        plane: 'work',
        memoryMb: 128,
        timeoutS: 30,
        trigger: { kind: 'queue', queue: 'words', batch: 10, parallel: 2 },
        isPerFacility: false,
        uses: [],
      },
    },
    machines: {},
    functionsFolder: new URL('./functions/', import.meta.url),
    machinesFolder: new URL('./machines/', import.meta.url),
  },
  process.argv.slice(2),
);
