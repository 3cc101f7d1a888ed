import { type DestinationStream, pino } from 'pino';

/** One JSON line a fact: the message is constant, what varies is in fields. */
export type Log = {
  readonly debug: (fields: object, message: string) => void;
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
};

/** A log whose every line carries `fields`. */
export const createLog = (level: string, fields: object, destination?: DestinationStream): Log =>
  pino(
    { level, base: fields, timestamp: () => `,"at":"${new Date().toISOString()}"` },
    destination ?? pino.destination(1),
  );

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
