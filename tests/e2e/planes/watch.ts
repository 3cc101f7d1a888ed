import { writeFileSync } from 'node:fs';
import { systemClock } from '../../../functions/lib/system-clock.ts';

/** Writes down what its clock shows, and is done. */
writeFileSync('watch.txt', String(systemClock.nowMs()));
process.disconnect();
