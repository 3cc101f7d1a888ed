import { fileURLToPath } from 'node:url';
import { startHouse } from '../../../local/supervisor/house.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';

/** A supervisor in a process of its own, to be killed. */
const [folder = ''] = process.argv.slice(2);
const work = fileURLToPath(new URL('./word-plane.ts', import.meta.url));
const environment = { ...plainEnvironment };
await startHouse({ folder, port: 0, processes: ['archive', 'work'], programs: { work }, environment });
process.send?.('up');
