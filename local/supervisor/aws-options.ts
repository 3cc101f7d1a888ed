import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { collectHostName } from '../engine/command-line.ts';
import type { AwsPort } from '../plane/aws-port.ts';

const port = z.coerce.number().int().min(0).max(65_535);

/** What `npm start` was told of the port for AWS's clients. */
export const AwsOptions = z.object({
  awsPort: port.optional(),
  awsHostName: z.array(z.string()).default([]),
  awsCredentials: z.string().optional(),
  awsActs: z.boolean().default(false),
});
type AwsOptions = z.infer<typeof AwsOptions>;

const readPort = (value: string): string => {
  if (!port.safeParse(value).success) throw new InvalidArgumentError('A port is a number up to 65535.');
  return value;
};

/** Adds the options of the port for AWS's clients. */
export const addAwsOptions = (command: Command): Command =>
  command
    .option(
      '--aws-port <port>',
      'open Step Functions and SQS of the work plane on this port, of the archive plane on the next, to be read',
      readPort,
    )
    .option(
      '--aws-acts',
      "with --aws-port: let requests change papilio's own state machines, executions and queues too",
    )
    .option('--aws-credentials <file>', 'with --aws-port: answer only what is signed by a key of this file')
    .option(
      '--aws-host-name <name>',
      'with --aws-port: a name besides localhost to answer under, such as host.docker.internal; may be repeated',
      collectHostName,
    );

/** Why options do not go together. */
export const awsProblemOf = ({ awsPort, awsHostName, awsCredentials, awsActs }: AwsOptions): string | undefined =>
  awsPort === undefined && (awsActs || awsCredentials !== undefined || awsHostName.length > 0)
    ? '--aws-acts, --aws-credentials and --aws-host-name go with --aws-port'
    : undefined;

/** The port that options ask for. The processes of papilio run in the data folder, so a path is made absolute. */
export const awsPortOf = ({ awsPort, awsHostName, awsCredentials, awsActs }: AwsOptions): AwsPort | undefined =>
  awsPort === undefined
    ? undefined
    : {
        port: awsPort,
        hostNames: awsHostName,
        ...(awsCredentials !== undefined && { credentials: resolve(awsCredentials) }),
        acts: awsActs,
      };
