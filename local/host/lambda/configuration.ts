import { arnOf } from '../arn.ts';
import { version, type Whereabouts } from '../instance/launch.ts';
import type { FunctionDescription } from '../runner.ts';

/** A function as ListFunctions and GetFunctionConfiguration tell it. Its variables are not told: they may hold secrets. */
export const configurationOf = (
  { spec, codeSha256, codeSizeBytes, deployedAt, isEnabled }: FunctionDescription,
  whereabouts: Whereabouts,
) => ({
  FunctionName: spec.name,
  FunctionArn: arnOf(whereabouts, spec.name),
  Role: `arn:aws:iam::${whereabouts.account}:role/papilio`,
  Runtime: 'nodejs24.x',
  Handler: 'index.handler',
  CodeSize: codeSizeBytes,
  CodeSha256: Buffer.from(codeSha256, 'hex').toString('base64'),
  Description: spec.annotations.description ?? '',
  Timeout: Math.ceil(spec.timeoutS),
  MemorySize: spec.memoryMb,
  LastModified: deployedAt.replace('Z', '+0000'),
  Version: version,
  PackageType: 'Zip',
  Architectures: [process.arch === 'arm64' ? 'arm64' : 'x86_64'],
  State: isEnabled ? 'Active' : 'Inactive',
  LastUpdateStatus: 'Successful',
  LoggingConfig: { LogFormat: 'Text', LogGroup: `/aws/lambda/${spec.name}` },
});

/** A function as GetFunction tells it. */
export const functionOf = (description: FunctionDescription, whereabouts: Whereabouts) => ({
  Configuration: configurationOf(description, whereabouts),
  Code: { RepositoryType: 'papilio', Location: description.spec.code },
  Concurrency: { ReservedConcurrentExecutions: description.spec.concurrency },
  Tags: description.spec.labels,
});
