import { exit } from './failure.ts';
import { run } from './program.ts';

/** The command `papilio`. */
const stopping = new AbortController();
process.once('SIGINT', () => {
  stopping.abort();
  // A second Ctrl-C does not wait for anything.
  process.once('SIGINT', () => process.exit(exit.interrupted));
});
// `papilio … | head` closes the pipe when it has enough: that is no failure.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(exit.ok);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  in: process.stdin,
  out: process.stdout,
  err: process.stderr,
  signal: stopping.signal,
});
