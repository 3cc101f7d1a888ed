import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '#lib/config';
import { checkFolder } from './doctor/folder-checks.ts';

/** Looks at a data folder for `papilio doctor`, which is a client and opens no stores: prints what it finds as JSON. */
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '.papilio' },
    deep: { type: 'boolean', default: false },
    /** The build that answers from this folder. */
    running: { type: 'string' },
  },
});
const checks = await checkFolder(resolve(values.data), {
  config: readConfig(),
  isDeep: values.deep,
  running: values.running,
});
process.stdout.write(`${JSON.stringify(checks)}\n`);
