import type { CallService } from '../stepfunctions/host.ts';

/** An engine that knows no service. */
export const noServices: CallService = async ({ service, action }) => ({
  ok: false,
  error: 'States.TaskFailed',
  cause: `No endpoint is known for ${service}:${action}. Name it by AWS_ENDPOINT_URL_${service.toUpperCase()}.`,
});
