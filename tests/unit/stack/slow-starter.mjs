// Answers on loopback at the port of its first word, and has a child in its group that outlives it.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
createServer((_, response) => response.end(String(child.pid))).listen(Number(process.argv[2]), '127.0.0.1');
