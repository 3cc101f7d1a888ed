import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PapilioError } from '#lib/errors';
import type { Surroundings } from '../surroundings.ts';
import { problemOf } from './problems.ts';

type Broken = Error & { readonly code?: string };

const refusalOf = ({ code = 'no code', message }: Broken): { error: PapilioError; status?: number } => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return { error: new PapilioError('request-slow', 'headers or body did not come in time') };
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  return { error: new PapilioError('request-unreadable', `${code}: ${message.slice(0, 100)}`), status };
};

/** Answers what is no HTTP, or too much or too slow of it, with problem details, and closes the connection. */
export const answerBroken =
  ({ config, log }: Pick<Surroundings, 'config' | 'log'>) =>
  (broken: Broken, socket: Socket): void => {
    if (broken.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const { error, status } = refusalOf(broken);
    const requestId = randomUUID();
    const problem = problemOf(error, requestId, status);
    const body = JSON.stringify(problem);
    log.info({ requestId, code: error.code, reason: error.reason }, 'request refused');
    const headers = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      `papilio-request-id: ${requestId}`,
      `papilio-build: ${config.PAPILIO_BUILD}`,
      `papilio-instance: ${config.PAPILIO_INSTANCE}`,
      'connection: close',
    ];
    socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  };
