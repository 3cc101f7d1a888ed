import type { Command } from 'commander';
import type { Io } from './io.ts';

/** Adds a noun with its verbs, or a command that stands alone. */
export type Add = (program: Command, io: Io) => void;

/** Every first word and what adds it, in the order of `--help`; only that which is asked for is loaded. */
export const commands: Readonly<Record<string, () => Promise<Add>>> = {
  status: async () => (await import('./commands/status.ts')).addStatus,
  watch: async () => (await import('./commands/watch.ts')).addWatch,
  stf: async () => (await import('./commands/stf.ts')).addStf,
  tf: async () => (await import('./commands/tf.ts')).addTf,
  run: async () => (await import('./commands/run.ts')).addRun,
  state: async () => (await import('./commands/state.ts')).addState,
  period: async () => (await import('./commands/period.ts')).addPeriod,
  processing: async () => (await import('./commands/processing.ts')).addProcessing,
  job: async () => (await import('./commands/job.ts')).addJob,
  bundle: async () => (await import('./commands/bundle.ts')).addBundle,
  data: async () => (await import('./commands/data.ts')).addData,
  placement: async () => (await import('./commands/placement.ts')).addPlacement,
  site: async () => (await import('./commands/site.ts')).addSite,
  why: async () => (await import('./commands/why.ts')).addWhy,
  quarantine: async () => (await import('./commands/quarantine.ts')).addQuarantine,
  error: async () => (await import('./commands/error.ts')).addError,
  event: async () => (await import('./commands/event.ts')).addEvent,
  exec: async () => (await import('./commands/exec.ts')).addExec,
  function: async () => (await import('./commands/function.ts')).addFunction,
  workflow: async () => (await import('./commands/workflow.ts')).addWorkflow,
  login: async () => (await import('./commands/login.ts')).addLogin,
  logout: async () => (await import('./commands/login.ts')).addLogout,
  whoami: async () => (await import('./commands/login.ts')).addWhoami,
  can: async () => (await import('./commands/can.ts')).addCan,
  token: async () => (await import('./commands/token.ts')).addToken,
  audit: async () => (await import('./commands/audit.ts')).addAudit,
  profile: async () => (await import('./commands/profile.ts')).addProfile,
  usage: async () => (await import('./commands/usage.ts')).addUsage,
  health: async () => (await import('./commands/health.ts')).addHealth,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  completion: async () => (await import('./commands/completion.ts')).addCompletion,
  complete: async () => (await import('./commands/completion.ts')).addComplete,
  dev: async () => (await import('./commands/dev.ts')).addDev,
  version: async () => (await import('./commands/version.ts')).addVersion,
};
