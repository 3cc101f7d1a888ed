import { statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import type { EngineReport } from '#schema/engine-report';
import type { Survey } from '../../stepfunctions/survey.ts';
import type { Call } from '../protocol.ts';
import { findingsOf, type Known } from './doctor-findings.ts';
import { slowStates } from './slow-states.ts';

/** An engine to be examined, that serves or that lies in its folder. */
export type Patient = Pick<EngineReport, 'from' | 'folder' | 'account' | 'journal' | 'executions' | 'queues'> &
  Known & {
    readonly call: Call;
    readonly survey: () => Promise<Survey>;
    readonly nowMs: () => number;
  };

/** What is asked of an examination. */
export type Examination = {
  /** Where the engine finds other services, by name. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** A wait that no timeout ends is stuck when it is older. */
  readonly stuckAfterS: number;
};

/** How long a service may take to be reached. */
const patienceMs = 2000;

/** Looks at everything that an operator would want to know at three in the morning. */
export async function examine(patient: Patient, { endpoints, stuckAfterS }: Examination): Promise<EngineReport> {
  const { from, folder, account, journal, executions, queues } = patient;
  const nowMs = patient.nowMs();
  const survey = await patient.survey();
  const disk = await diskOf(folder);
  const report: Omit<EngineReport, 'findings'> = {
    at: new Date(nowMs).toISOString(),
    from,
    folder,
    account,
    journal,
    executions: { running: executions.running, known: executions.known },
    waiting: survey.waiting,
    queues,
    slow: await slowStates(patient.call),
    openWaits: survey.open.map(({ executionArn, stateName, sinceMs }) => ({
      execution: executionArn.split(':').slice(6).join(':'),
      state: stateName,
      since: new Date(sinceMs).toISOString(),
      ageS: Math.max(0, (nowMs - sinceMs) / 1000),
    })),
    services: await Promise.all(Object.entries(endpoints).map(([name, url]) => reach(name, url))),
    ...(disk && { disk }),
    clockAheadMs: Math.max(0, nowMs - Date.now()),
  };
  return { ...report, findings: findingsOf(report, patient, stuckAfterS) };
}

async function diskOf(folder: string): Promise<EngineReport['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
  } catch {
    // A folder of a test is on no disk.
    return undefined;
  }
}

/** Whether anything listens there; what it would answer is its own doctor's business. */
async function reach(name: string, url: string): Promise<EngineReport['services'][number]> {
  const { hostname, port, protocol } = new URL(url);
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  });
  const error = await new Promise<string | undefined>((resolve) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('error', (reason) => resolve(reason.message || 'it refuses connections'));
    socket.setTimeout(patienceMs, () => resolve(`no answer in ${patienceMs} ms`));
  });
  socket.destroy();
  return { name, url, ...(error !== undefined && { error }) };
}
