import { parseArgs } from 'node:util';
import * as z from 'zod';
import { readConfig } from '#lib/config';
import { createLog } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import { defaultHost } from './front/bind.ts';
import { type Front, openFront } from './front/front.ts';
import { joinParent } from './plane/parent.ts';

/** The front process: HTTP and whatever is shown. It writes nothing but its address. */
const defaultPort = 8714;

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, host: { type: 'string', default: defaultHost } },
  });
  const port = z.coerce.number().int().min(0).max(65_535).default(defaultPort).parse(values.port);
  const config = readConfig();
  const log = createLog(config.PAPILIO_LOG_LEVEL, { process: 'front', instance: config.PAPILIO_INSTANCE });
  let front: Front | undefined;
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    const stopped = front?.stop() ?? Promise.resolve();
    stopped.then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ reason: String(error) }, 'front did not stop well');
        process.exit(1);
      },
    );
  };
  const parent = joinParent(stop);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  front = await openFront({ config, log, clock: systemClock, port, host: values.host });
  log.info({ port: front.port, host: values.host }, 'front ready');
  parent.ready();
};

await main();
