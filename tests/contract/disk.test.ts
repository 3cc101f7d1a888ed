import { nodeDisk } from '#lib/node-disk';
import { aFolder } from '../builders/an-engine.ts';
import { tornDisk } from '../builders/torn-disk.ts';
import { diskSuite } from './disk-suite.ts';

diskSuite("machine's", async () => ({ disk: nodeDisk, folder: await aFolder() }));

diskSuite('torn', async () => {
  const disk = tornDisk();
  await disk.makeFolder('/data');
  return { disk, folder: '/data' };
});
