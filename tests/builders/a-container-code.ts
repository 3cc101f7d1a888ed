import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionCode } from '../../local/host/function-code.ts';

/** A bundle whose function does what its event says: echoes, fails, or waits until a file is there. */
const text = `
const { existsSync, watch } = require('node:fs');
const { dirname } = require('node:path');
const until = (path) => new Promise((resolve) => {
  const look = () => existsSync(path) && (watcher.close(), resolve());
  const watcher = watch(dirname(path), look);
  look();
});
exports.handler = async (event, context) => {
  if (event.act === 'throw') throw Object.assign(new Error('[facility-unavailable] A facility does not take work now: thirteen'), { name: 'SiteFault' });
  if (event.act === 'never') return new Promise(() => {});
  if (event.act === 'big') return 'x'.repeat(7e6);
  if (event.act === 'hold') { console.log('holding'); await until(event.path); }
  return { event, requestId: context.awsRequestId, name: context.functionName };
};
`;

/** Writes it below a folder. */
export const aContainerCode = (folder: string): FunctionCode => {
  const home = join(folder, 'code');
  mkdirSync(home);
  writeFileSync(join(home, 'index.cjs'), text);
  return { name: 'behave', folder: home, handler: 'index.handler', sha256: 'ab'.repeat(32), sizeBytes: text.length };
};
