import type { ServerResponse } from 'node:http';

/** An answer of Lambda's API. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A successful answer in JSON. */
export const jsonAnswer = (value: object): Answer => ({ status: 200, body: JSON.stringify(value) });

/** An error as the SDKs know it: by its header; `Message` with a capital is how most of Lambda's own say it. */
export const errorAnswer = (
  status: number,
  code: string,
  message: string,
  more: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'x-amzn-errortype': code },
  body: JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message, message, ...more }),
});

/** A value that the API's model does not allow. */
export const invalidValue = (field: string, value: string, rule: string): Answer =>
  errorAnswer(
    400,
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must satisfy ${rule}`,
  );

/** There is no such function, or no such version of it. */
export const notFound = (arn: string): Answer =>
  errorAnswer(404, 'ResourceNotFoundException', `Function not found: ${arn}`);

/** Sends an answer; one that was not to be waited for has no body. */
export const sendAnswer = (response: ServerResponse, requestId: string, { status, headers, body }: Answer): void => {
  if (response.destroyed) return;
  const type = status === 204 ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...type, 'x-amzn-requestid': requestId, ...headers });
  response.end(status === 204 ? undefined : body);
};
