import { runPlane } from '../../local/plane/run.ts';

/** A work plane whose function for messages never ends: the supervisor ends it, and it loops again. */
await runPlane(
  {
    catalog: {
      'accept-daq-message': {
        area: 'daq',
        plane: 'work',
        memoryMb: 128,
        timeoutS: 30,
        trigger: { kind: 'queue', queue: 'work-inbox', batch: 10, parallel: 4 },
        isPerFacility: false,
        uses: [],
      },
    },
    machines: {},
    functionsFolder: new URL('./looping/', import.meta.url),
    machinesFolder: new URL('./looping/', import.meta.url),
  },
  process.argv.slice(2),
);
