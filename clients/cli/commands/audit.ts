import type { Command } from 'commander';
import * as z from 'zod';
import { AuditLine } from '#schema/audit';
import * as api from '../../http/generated/operations.ts';
import { NotVerified, verifyAudit, verifyExit, verifyLines } from '../audit-verify.ts';
import { contextOf } from '../context.ts';
import { exit, UsageError, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { momentOption } from '../moment.ts';
import { dateAndTime, harmless, shortId } from '../words.ts';

const outcomes = AuditLine.shape.outcome.options.join(', ');
const Options = ListOptions.extend({
  by: z.string().optional(),
  subject: z.string().optional(),
  action: z.string().optional(),
  outcome: AuditLine.shape.outcome.optional().catch(() => {
    throw new UsageError(`--outcome is none of ${outcomes}`, '--outcome denied');
  }),
  since: momentOption('--since'),
  until: momentOption('--until'),
});

const reasonOf = ({ why, problem }: AuditLine): string => problem?.code ?? why ?? '–';

const VerifyOptions = z.object({ anchor: z.string().optional(), data: z.string() });

const addVerify = (audit: Command, io: Io): void => {
  audit
    .command('verify')
    .description('verify the audit log of a data folder: chain of events, lines against events, heads in an anchor')
    .option('--anchor <where>', 'file or bucket with the signed heads (default: that of PAPILIO_ANCHOR, if it is set)')
    .addHelpText(
      'after',
      `
Exit codes: 0 no fault; 1 the folder contradicts itself; 5 the folder contradicts the anchor, or the anchor itself;
6 the store or the anchor cannot be read.

Examples:
  papilio audit verify
  papilio audit verify --anchor /var/lib/papilio-anchor/heads.jsonl
  papilio --data /data/papilio audit verify --json`,
    )
    .action(async (_raw, command: Command) => {
      const { anchor, data } = VerifyOptions.parse(command.optsWithGlobals());
      const { format, print, all } = contextOf(command, io, { isDataNamed: false });
      const onProgress = (line: string) => void (io.err.isTTY === true && io.err.write(`${line}\n`));
      const reports = await verifyAudit({ data, anchor, signal: io.signal, onProgress }).catch((thrown: unknown) => {
        if (!(thrown instanceof NotVerified)) throw thrown;
        io.err.write(
          harmless(`error[not-verified]: ${thrown.message}\n  try: check the paths, and that both can be read\n`),
        );
        throw new Verdict(exit.unavailable);
      });
      if (format === 'table' || format === 'wide') print(reports.flatMap(verifyLines));
      else all(reports, { name: ({ plane }) => plane, lines: verifyLines });
      const code = verifyExit(reports);
      if (code !== exit.ok) throw new Verdict(code);
    });
};

/** `papilio audit list` and `verify`. */
export const addAudit = (program: Command, io: Io): void => {
  const audit = program.command('audit').description('who did what, and what was refused');
  addVerify(audit, io);
  listOptions(audit.command('list'))
    .description('acts, the latest first: who, what, to which thing, why; -o json has before and after, and from where')
    .option('--by <who>', 'by one person or token')
    .option('--subject <id>', 'done to one thing')
    .option('--action <action>', 'of one kind, such as processing.suspend')
    .option('--outcome <outcome>', outcomes)
    .option('--since <moment>', 'from a moment with its zone on, or so long ago, such as 6h')
    .option('--until <moment>', 'before a moment')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio audit list --since 1d\n  papilio audit list --outcome denied --json at,by,action,subject',
    )
    .action(async (raw, command: Command) => {
      const { all, ...query } = Options.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listAudit, { query: { ...query, cursor } }), {
        columns: [
          { head: 'AT', of: ({ at }) => dateAndTime(at) },
          { head: 'BY', of: ({ by }) => by },
          { head: 'DID', of: ({ action }) => action },
          { head: 'TO', of: ({ subject }) => shortId(subject) },
          { head: 'OUTCOME', of: ({ outcome, count }) => (count > 1 ? `${outcome} ×${count}` : outcome) },
          { head: 'BECAUSE', of: reasonOf },
          { head: 'ID', of: ({ id }) => id, isWide: true },
        ],
        name: ({ id }) => id,
        wantsAll: all,
        none: 'nobody did anything like that',
      });
    });
};
