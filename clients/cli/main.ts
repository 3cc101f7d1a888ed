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

const io = { in: process.stdin, out: process.stdout, err: process.stderr, signal: stopping.signal };
// Without waiting here: bundled, this is no module that could.
void run(process.argv.slice(2), io).then((code) => {
  process.exitCode = code;
});
