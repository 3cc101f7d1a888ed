import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Everything that this process asks of anybody by HTTP, by fetch or by node:http. */
export const watchOutbound = (): { readonly count: () => number; readonly stop: () => void } => {
  const channels = ['undici:request:create', 'http.client.request.start'];
  let seen = 0;
  const note = (): void => {
    seen += 1;
  };
  for (const channel of channels) subscribe(channel, note);
  return {
    count: () => seen,
    stop: () => {
      for (const channel of channels) unsubscribe(channel, note);
    },
  };
};
