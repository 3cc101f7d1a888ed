import { catalog } from '../../functions/catalog.ts';
import { machines } from '../../functions/machines.ts';
import { runPlane } from './run.ts';

await runPlane(
  {
    catalog,
    machines,
    functionsFolder: new URL('../../functions/', import.meta.url),
    machinesFolder: new URL('../../statemachines/', import.meta.url),
  },
  process.argv.slice(2),
);
