import type { Server } from 'node:http';

/** Lets a server listen, and gives its port: 0 takes a free one. @throws what hinders it */
export const listening = async (server: Server, port: number, address = '127.0.0.1'): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  const at = server.address();
  return typeof at === 'object' && at !== null ? at.port : port;
};
