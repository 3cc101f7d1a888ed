import { createServer, type Socket } from 'node:net';

/** A frame that a client sent, and over which of its lines, from 1. */
export type ClientFrame = {
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly line: number;
};

/** A STOMP broker on loopback that says what the test tells it. */
export type StompStub = AsyncDisposable & {
  readonly url: string;
  /** What came of a command, in order. */
  readonly got: (command: string) => ClientFrame[];
  /** Resolves when so many frames of a command came; heart-beats come as `BEAT`. */
  readonly whenGot: (command: string, count: number) => Promise<ClientFrame[]>;
  /** Says anything over the newest line. */
  readonly say: (bytes: string | Uint8Array) => void;
  /** Breaks the newest line, after what was said over it. */
  readonly cut: () => void;
};

/** What the stub answers to a frame instead of what a good broker does; '' for silence. */
export type Answer = (frame: ClientFrame) => string | undefined;

/** A frame as a broker writes it. */
export const aFrame = (command: string, headers: Readonly<Record<string, string>>, body: string | Uint8Array = '') =>
  Buffer.concat([
    Buffer.from([command, ...Object.entries(headers).map(([name, value]) => `${name}:${value}`), '', ''].join('\n')),
    Buffer.from(body),
    Buffer.from([0]),
  ]);

/** A message of the first subscription. */
export const aStompMessage = (id: string, body: string | Uint8Array, subscription = 'papilio-0'): Buffer =>
  aFrame('MESSAGE', { subscription, 'message-id': id, ack: id, destination: '/topic/epictopic' }, body);

const good: Answer = ({ command, headers }) => {
  if (command === 'CONNECT') return String(aFrame('CONNECTED', { version: '1.2', 'heart-beat': '0,0' }));
  return headers.receipt === undefined ? '' : String(aFrame('RECEIPT', { 'receipt-id': headers.receipt }));
};

/** The answer of a broker that wants and promises a heart-beat every so many ms, and keeps no promise. */
export const beating =
  (everyMs: number): Answer =>
  ({ command }) =>
    command === 'CONNECT'
      ? String(aFrame('CONNECTED', { version: '1.2', 'heart-beat': `${everyMs},${everyMs}` }))
      : undefined;

const frameOf = (text: string, line: number): ClientFrame => {
  const at = text.indexOf('\n\n');
  const [command = '', ...lines] = text.slice(0, at).split('\n');
  const headers = lines.map((header): [string, string] => [
    header.slice(0, header.indexOf(':')),
    header.slice(header.indexOf(':') + 1).replaceAll('\\c', ':'),
  ]);
  return { command, headers: Object.fromEntries(headers), body: text.slice(at + 2), line };
};

/** Opens a stub. */
export const aStompStub = async (answer: Answer = () => undefined): Promise<StompStub> => {
  const frames: ClientFrame[] = [];
  const lines: Socket[] = [];
  let look = (): void => undefined;
  const take = (frame: ClientFrame, socket: Socket): void => {
    frames.push(frame);
    const said = answer(frame) ?? good(frame);
    if (said !== undefined) socket.write(said);
    look();
  };
  const server = createServer((socket) => {
    const line = lines.push(socket);
    let rest = '';
    const beats = (text: string): string => {
      const after = text.replace(/^\n+/, '');
      for (let beat = after.length; beat < text.length; beat++)
        take({ command: 'BEAT', headers: {}, body: '', line }, socket);
      return after;
    };
    // A client that breaks the line is what many tests are about.
    socket.on('error', () => undefined).setEncoding('utf8');
    socket.on('data', (text: string) => {
      const parts = `${rest}${text}`.split('\0');
      rest = parts.pop() ?? '';
      for (const part of parts) take(frameOf(beats(part), line), socket);
      rest = beats(rest);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const got = (command: string) => frames.filter((frame) => frame.command === command);
  return {
    url: `stomp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    got,
    whenGot: (command, count) =>
      new Promise((resolve) => {
        const before = look;
        look = () => {
          before();
          if (got(command).length >= count) resolve(got(command));
        };
        look();
      }),
    say: (bytes) => lines.at(-1)?.write(bytes),
    cut: () => lines.at(-1)?.destroySoon(),
    [Symbol.asyncDispose]: async () => {
      for (const line of lines) line.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
