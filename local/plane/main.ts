import { catalog, machines } from '../../functions/catalog.ts';
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
