import { aFunctionHost, aFunctionSpec, answerIn } from './a-function-host.ts';

/** A program that opens a host, has an instance and what it started run, tells their pids in a line of JSON, and waits for its own end. */
const given = aFunctionHost({ functions: [aFunctionSpec({ timeoutS: 600 })] });
const near = answerIn(await given.call({ act: 'fork', isDetached: false }));
const far = answerIn(await given.call({ act: 'fork', isDetached: true }));
const spinning = new Promise<number>((resolve) => {
  given.host.followLogs('behave', ({ text }) => {
    const child = /child (\d+)/.exec(text)?.[1];
    if (child !== undefined) resolve(Number(child));
  });
});
const never = given.call({ act: 'fork', isDetached: true, thenSpin: true });
process.stdout.write(`${JSON.stringify({ folder: given.folder, pids: [near, far, await spinning] })}\n`);
await never;
