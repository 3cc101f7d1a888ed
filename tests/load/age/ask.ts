import { Agent, get } from 'node:http';
import { quantile } from '../figures.ts';

/** What is asked of a front. Every page is full on a fresh folder too, so that both answers have as many rows. */
export const questions: Readonly<Record<string, string>> = {
  status: '/v1/status',
  health: '/v1/health',
  summary: '/v1/summary',
  'summary of a run': '/v1/summary?run=1001',
  runs: '/v1/runs?limit=12',
  'STFs of a run': '/v1/stfs?run=101&limit=100',
  'an STF': '/v1/stfs/swf.1001.000005.stf',
  'trace of an STF': '/v1/stfs/swf.1001.000005.stf/trace',
  jobs: '/v1/jobs?limit=100',
  'failed jobs': '/v1/jobs?state=failed&limit=100',
  executions: '/v1/executions?limit=100',
  'first events': '/v1/events?limit=100',
  'events of an STF': '/v1/events?subject=dev-local_stf_00001001-00000005',
  quarantine: '/v1/quarantine?limit=100',
};

type Answer = { readonly status: number; readonly bytes: number; readonly tookMs: number };

/** Times one request over a kept connection. */
export const ask = (agent: Agent, port: number, path: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const beganMs = performance.now();
    const request = get({ port, path, agent }, (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => (bytes += part.length));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, bytes, tookMs: performance.now() - beganMs }),
      );
    });
    request.on('error', reject);
  });

export type Asked = { readonly p50Ms: number; readonly p99Ms: number; readonly bytes: number; readonly status: number };

/** Asks each question so often of each port in turns, so that what else the machine does meets all of them. */
export const askAll = async (
  ports: readonly number[],
  times: number,
): Promise<ReadonlyMap<string, readonly Asked[]>> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const asked = new Map<string, readonly Asked[]>();
  for (const [what, path] of Object.entries(questions)) {
    const answers = ports.map((): Answer[] => []);
    for (let time = 0; time < times; time++)
      for (const [at, port] of ports.entries()) answers[at]?.push(await ask(agent, port, path));
    asked.set(
      what,
      answers.map((some) => {
        const spans = some.map(({ tookMs }) => tookMs);
        const [last] = some.slice(-1);
        return {
          p50Ms: quantile(spans, 0.5),
          p99Ms: quantile(spans, 0.99),
          bytes: last?.bytes ?? 0,
          status: last?.status ?? 0,
        };
      }),
    );
  }
  agent.destroy();
  return asked;
};
