import { runPlane } from '../../../local/plane/run.ts';

/** A work plane whose only function does what must not be done, as the messages in the queue `errors` tell it. */
await runPlane(
  {
    catalog: {
      'provoke-error': {
        area: 'jobs',
        plane: 'work',
        memoryMb: 128,
        timeoutS: 30,
        trigger: { kind: 'queue', queue: 'errors', batch: 1, parallel: 1 },
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
