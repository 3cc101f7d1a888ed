import type { Server } from 'node:http';

/** A server that listens on a free port of loopback; `close` cuts who is still connected. */
export type OnLoopback = { readonly url: string; readonly port: number; readonly close: () => Promise<void> };

/** Has a server listen on a free port of loopback. */
export const onLoopback = async (server: Server): Promise<OnLoopback> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, port, close };
};
