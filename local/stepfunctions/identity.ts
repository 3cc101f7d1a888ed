import type { Settings } from './machines/settings.ts';

/** A state of a state machine's definition, role and settings: created or updated then. */
export type Revision = { readonly id: string; readonly atMs: number; readonly settings?: Settings };

/** What the executions of one revision of a state machine have in common; one object for all of them. */
export type Home = {
  readonly machineName: string;
  readonly machineArn: string;
  /** An execution's ARN but for its name. */
  readonly executionPrefix: string;
  readonly roleArn: string;
  readonly revision: Revision;
  /** The version that it was started by. */
  readonly version?: number;
  /** The alias that led to the version. */
  readonly alias?: string;
  readonly region: string;
};

/** The version and alias that an execution was started by, as AWS names them. */
export const qualifiersIn = ({
  machineArn,
  version,
  alias,
}: Home): { readonly stateMachineVersionArn?: string; readonly stateMachineAliasArn?: string } => ({
  ...(version !== undefined && { stateMachineVersionArn: `${machineArn}:${version}` }),
  ...(alias !== undefined && { stateMachineAliasArn: `${machineArn}:${alias}` }),
});

/** What never changes about an execution. */
export type Identity = {
  /** Counts the executions of this engine; never used twice. */
  readonly serial: number;
  readonly name: string;
  readonly home: Home;
  readonly startedAtMs: number;
  readonly inputText: string;
  /** Of an express machine's: what tells it from others of its name. */
  readonly expressId?: string | undefined;
};

/** An execution's ARN; made when asked for, since 100,000 of them would be mostly ARNs. */
export const arnOf = ({ home, name, expressId }: Identity): string =>
  expressId === undefined ? home.executionPrefix + name : `${home.executionPrefix}${name}:${expressId}`;
