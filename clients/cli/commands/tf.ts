import { open, rm } from 'node:fs/promises';
import type { Command } from 'commander';
import * as z from 'zod';
import { BxNumber, U64 } from '#schema/tf';
import type { TfCopy, TfView } from '#schema/tf-index';
import { bytesOf } from '../../http/bytes.ts';
import type { Client } from '../../http/client.ts';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { facts, table } from '../table.ts';
import { size } from '../words.ts';

const numberOf = (number: typeof U64 | typeof BxNumber) =>
  z
    .string()
    .optional()
    .refine((typed) => typed === undefined || number.safeDecode(typed).success);
const Options = z.object({
  bx: numberOf(BxNumber),
  tf: numberOf(U64),
  run: z.string().optional(),
  sequence: z.string().optional(),
  to: z.string().optional(),
});
type Options = z.infer<typeof Options>;

/** Ids stay text from here to the API: a JavaScript number would lose digits. */
const find = (client: Client, { bx, tf, run }: Options): Promise<TfView> => {
  if (bx !== undefined && tf === undefined) return client.call(api.getBx, { path: { bx }, query: { run } });
  if (tf !== undefined && bx === undefined) return client.call(api.getTf, { path: { tf } });
  throw new UsageError('give one of --bx and --tf', 'papilio tf find --tf 13738929292264');
};

const readOptions = (raw: unknown): Options => {
  const options = Options.safeParse(raw);
  if (options.success) return options.data;
  const name = String(options.error.issues[0]?.path[0]);
  throw new UsageError(
    `--${name} is not a whole number below 2^${name === 'bx' ? 96 : 64}`,
    'decimal digits only, as in --tf 13738929292264',
  );
};

const viewLines = ({ tf, run, bxFirst, bxEnd, bx, bxInTf, copies }: TfView): string[] => [
  ...facts([
    ['TF', tf],
    ['run', String(run)],
    ['BXs', `${bxFirst} to before ${bxEnd}`],
    ['asked', bx && `BX ${bx}, crossing ${bxInTf} of the TF`],
  ]),
  '',
  ...table<TfCopy>(
    [
      { head: 'STF', of: ({ name }) => name },
      { head: 'FIRST BYTE', of: ({ firstByte }) => String(firstByte), isNumber: true },
      { head: 'END BYTE', of: ({ endByte }) => String(endByte), isNumber: true },
      { head: 'SIZE', of: ({ firstByte, endByte }) => size(endByte - firstByte), isNumber: true },
      { head: 'OBJECT', of: ({ objectKey }) => objectKey },
    ],
    copies,
  ),
];

const copyIn = ({ tf, copies }: TfView, sequence: string | undefined): TfCopy => {
  const copy = copies.find((one) => sequence === undefined || String(one.sequence) === sequence);
  if (copy) return copy;
  throw new UsageError(
    `no STF of sequence ${sequence} holds TF ${tf}`,
    `--sequence ${copies.map((one) => one.sequence).join(' or ')}`,
  );
};

/** Writes to a new file, which goes again if not all came. */
const writeFile = async (path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> => {
  const file = await open(path, 'wx').catch((error: Error) => {
    throw new UsageError(`${path} cannot be made: ${error.message}`, 'name a file that is not there yet');
  });
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
};

const read = async (client: Client, options: Options, io: Io): Promise<void> => {
  const { to, sequence } = options;
  const view = await find(client, options);
  const copy = copyIn(view, sequence);
  const sizeBytes = copy.endByte - copy.firstByte;
  if (to === undefined && io.out.isTTY)
    throw new UsageError(
      `TF ${view.tf} is ${sizeBytes} bytes that no terminal can show`,
      '--to FILE, or --to - if you mean it',
    );
  const request = { path: { tf: view.tf }, query: { sequence: copy.sequence } };
  const pieces = bytesOf(await client.open(api.getTfBytes, request), io.signal);
  if (to !== undefined && to !== '-') {
    await writeFile(to, pieces);
    io.err.write(`${sizeBytes} bytes of TF ${view.tf} from ${copy.name} are in ${to}\n`);
    return;
  }
  for await (const piece of pieces) io.out.write(piece);
};

const byNumber = (command: Command): Command =>
  command
    .option('--bx <n>', 'the TF of this bunch crossing')
    .option('--tf <n>', 'this TF')
    .option('--run <run>', 'with --bx: of this run, where several have the number');

/** `papilio tf find|read`. */
export const addTf = (program: Command, io: Io): void => {
  const tf = program.command('tf').description('timeframes: 2^16 bunch crossings each, the unit of the stream');
  byNumber(tf.command('find'))
    .description('which STF holds a TF or a BX, and where in it')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio tf find --tf 13738929292264\n  papilio tf find --bx 900394470097813504',
    )
    .action(async (raw, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await find(client, readOptions(raw));
      one(view, { name: view.tf, lines: viewLines });
    });
  byNumber(tf.command('read'))
    .description('the bytes of a TF, compared with their checksum')
    .option('--sequence <n>', 'of this STF, where several hold the TF')
    .option('--to <file>', 'a new file; - is the standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio tf read --tf 13738929292264 --to tf.bin\n  papilio tf read --bx 900394470097813504 | xxd | head',
    )
    .action(async (raw, command: Command) => read(contextOf(command, io).client, readOptions(raw), io));
};
