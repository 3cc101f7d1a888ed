import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { addRecord } from './dev-record.ts';
import { addSim } from './dev-sim.ts';

/** `papilio dev sim|record`: for those who build papilio, or try it. */
export const addDev = (program: Command, io: Io): void => {
  const dev = program.command('dev').description('tools of those who build papilio or try it');
  addSim(dev, io);
  addRecord(dev, io);
};
