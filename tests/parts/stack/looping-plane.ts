import { runPlane } from '../../../local/plane/run.ts';

/** A work plane whose functions never end: the supervisor ends it, and it loops again. On a stack a plane has a queue of its own. */
const looping = { area: 'daq', plane: 'work', memoryMb: 128, timeoutS: 30, isPerFacility: false, uses: [] } as const;
const queue = (name: string) => ({ kind: 'queue', queue: name, batch: 10, parallel: 4 }) as const;

await runPlane(
  {
    catalog: {
      'accept-daq-message': { ...looping, trigger: queue('work-inbox') },
      'steer-nothing': { ...looping, trigger: queue('steer-processing') },
    },
    machines: {},
    functionsFolder: new URL('./looping/', import.meta.url),
    machinesFolder: new URL('./looping/', import.meta.url),
  },
  process.argv.slice(2),
);
