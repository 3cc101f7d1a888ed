import * as z from 'zod';

/**
 * A request as API Gateway (HTTP API) and function URLs hand it over: payload format 2.0. AWS owns it, and adds to it.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export const HttpEvent = z.looseObject({
  version: z.literal('2.0'),
  rawPath: z.string(),
  rawQueryString: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
  requestContext: z.looseObject({
    http: z.looseObject({ method: z.string(), sourceIp: z.string() }),
    requestId: z.string(),
  }),
});
export type HttpEvent = z.infer<typeof HttpEvent>;

/** What stands in a path, with what may not stand there bare escaped once: a gateway may have read the escapes. */
const escaped = (path: string): string => encodeURI(path).replaceAll('%25', '%');

/**
 * The event with its query in the path, as it was sent. The list that AWS makes of it joins what is there twice by commas,
 * which cannot be told from commas that were sent.
 */
export const plainEvent = (given: unknown): HttpEvent => {
  const { queryStringParameters: _, ...event } = HttpEvent.parse(given);
  const query = event.rawQueryString === '' ? '' : `?${event.rawQueryString}`;
  return { ...event, rawPath: `${escaped(event.rawPath)}${query}` };
};
