import type { BrokerView } from '#schema/condition';
import type { ProcessLine } from '#schema/processes';
import type { PlaneView, Status } from '#schema/status';
import { type Canvas, type Piece, painted } from './line.ts';
import { noNewsSince, timeOfDay } from './words.ts';

const label = (text: string, { colors }: Canvas): Piece => painted(text.padEnd(10), colors.dim);

/** `restarts 4, last: SIGKILL 12:01:03`. */
const restartPieces = (line: ProcessLine | undefined, { colors }: Canvas): Piece[] => {
  if (line === undefined || line.restarts === 0) return [];
  const { restarts, lastExit } = line;
  const last = lastExit === undefined ? '' : `, last: ${lastExit.cause} ${timeOfDay(lastExit.at)}`;
  return [painted(`   restarts ${restarts}${last}`, colors.yellow)];
};

const diskPieces = ({ disk }: PlaneView, { colors }: Canvas): Piece[] =>
  disk === undefined || disk.state === 'ok' ? [] : [painted(`   disk ${disk.state}`, colors.red)];

const planeLine = (plane: PlaneView, line: ProcessLine | undefined, canvas: Canvas): Piece[] => {
  const { colors } = canvas;
  const name = label(plane.name, canvas);
  const restarts = restartPieces(line, canvas);
  if (!plane.isAlive) return [name, painted(`✗ ${noNewsSince(plane.lastNewsAt)}`, colors.red), ...restarts];
  if (plane.servicesAway !== undefined)
    return [
      name,
      painted(`✗ up, but its ${plane.servicesAway.map(({ what }) => what).join(', ')} do not answer`, colors.red),
      ...restarts,
    ];
  const facts: Piece[] = [name, painted('● up', colors.green), `   queued ${plane.queued ?? 0}`];
  if (plane.runningExecutions !== undefined) facts.push(`   running ${plane.runningExecutions}`);
  if (plane.deadLetters) facts.push(painted(`   dead letters ${plane.deadLetters}`, colors.red));
  if (plane.paused !== undefined) facts.push(painted(`   paused: ${plane.paused}`, colors.yellow));
  if (plane.parked) facts.push(painted(`   needs a person ${plane.parked}`, colors.red));
  return [...facts, ...diskPieces(plane, canvas), ...restarts];
};

/** Processes beside the planes are worth a line only once they were restarted. */
const otherLines = ({ processes = [], planes }: Status, canvas: Canvas): Piece[][] =>
  processes
    .filter(({ name, restarts }) => restarts > 0 && planes.every((plane) => plane.name !== name))
    .map((line) => {
      const { colors } = canvas;
      const state = line.state === 'up' ? painted('● up', colors.green) : painted(`✗ ${line.state}`, colors.red);
      return [label(line.name, canvas), state, ...restartPieces(line, canvas)];
    });

const marks = {
  connected: { mark: '●', paint: 'green' },
  connecting: { mark: '…', paint: 'yellow' },
  away: { mark: '✗', paint: 'red' },
  unknown: { mark: '✗', paint: 'red' },
} as const satisfies Readonly<Record<BrokerView['state'], unknown>>;

const brokerLine = (brokers: readonly BrokerView[], canvas: Canvas): Piece[][] => {
  if (brokers.length === 0) return [];
  const pieces = brokers.flatMap(({ name, state }, at): Piece[] => {
    const { mark, paint } = marks[state];
    return [at === 0 ? '' : '   ', painted(`${mark} ${name} ${state}`, canvas.colors[paint])];
  });
  return [[label('brokers', canvas), ...pieces]];
};

/** The planes, the brokers, and what else was restarted. */
export const standingLines = (status: Status, canvas: Canvas): Piece[][] => [
  ...status.planes.map((plane) =>
    planeLine(
      plane,
      status.processes?.find(({ name }) => name === plane.name),
      canvas,
    ),
  ),
  ...otherLines(status, canvas),
  ...brokerLine(status.brokers ?? [], canvas),
];
