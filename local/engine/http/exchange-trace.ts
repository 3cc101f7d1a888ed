import type { HttpTrace } from '../../stepfunctions/host.ts';
import { withoutSecrets } from './secrets.ts';
import type { Headers, HttpAnswer, HttpRequest } from './send-request.ts';

/** Headers in the one text that TestState has them in. */
const headersText = (headers: Headers): string =>
  `[${Object.entries(headers)
    .map(([name, values]) => `${name}: ${values.join(', ')}`)
    .join(', ')}]`;

const protocolOf = ({ url }: HttpRequest): string => url.protocol.replace(':', '');

/** Shows what is sent and what came back; without what the connection adds, unless that is asked for. */
export const tracing = (trace: HttpTrace | undefined, request: HttpRequest, secrets: readonly string[]) => {
  const shown = (text: string): string => withoutSecrets(text, trace?.areSecretsShown ? [] : secrets);
  trace?.tell('request', {
    protocol: protocolOf(request),
    method: request.method,
    url: shown(request.url.href),
    headers: shown(headersText(request.headers)),
    ...(request.body !== undefined && { body: shown(request.body) }),
  });
  return ({ status, statusText, headers, body }: HttpAnswer): void =>
    trace?.tell('response', {
      protocol: protocolOf(request),
      statusCode: String(status),
      statusMessage: statusText,
      headers: shown(headersText(headers)),
      body: shown(body.toString('utf8')),
    });
};
