import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';

const LogDestination = z.object({
  cloudWatchLogsLogGroup: z.object({ logGroupArn: z.string().min(1).max(256).optional() }).optional(),
});

const Logging = z.object({
  level: z.enum(['ALL', 'ERROR', 'FATAL', 'OFF']),
  includeExecutionData: z.boolean(),
  destinations: z.array(LogDestination).optional(),
});

/** What a revision of a state machine has beside its definition and role; nothing of it changes what executions do. */
export const Settings = z.object({ logging: Logging.optional(), isTraced: z.boolean().optional() });

/** What a revision of a state machine has beside its definition and role. */
export type Settings = z.infer<typeof Settings>;

/** How the data of a state machine or activity are encrypted, as callers ask for it. */
export const EncryptionInput = z.object({
  type: z.enum(['AWS_OWNED_KEY', 'CUSTOMER_MANAGED_KMS_KEY']),
  kmsKeyId: z.string().min(1).max(2048).optional(),
  kmsDataKeyReusePeriodSeconds: z.int().min(60).max(900).optional(),
});

/** The settings of a state machine, as callers give them. */
export const SettingsInput = {
  loggingConfiguration: Logging.partial().optional(),
  tracingConfiguration: z.object({ enabled: z.boolean().optional() }).optional(),
  encryptionConfiguration: EncryptionInput.optional(),
};

type Given = z.infer<z.ZodObject<typeof SettingsInput>>;

const badLogging = (problem: string): AwsError =>
  new AwsError('InvalidLoggingConfiguration', `Invalid Logging Configuration: ${problem}`);

const loggingOf = (given: NonNullable<Given['loggingConfiguration']>): z.infer<typeof Logging> => {
  const { level = 'OFF', includeExecutionData = false, destinations } = given;
  const count = destinations?.length ?? 0;
  if (count > 1 || (level !== 'OFF' && count === 0)) throw badLogging('Must specify exactly one Log Destination.');
  for (const { cloudWatchLogsLogGroup: group } of destinations ?? []) {
    if (!/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:[^:]+:\*$/.test(group?.logGroupArn ?? '')) {
      throw badLogging("A Log Destination is the ARN of a log group and ends with ':*'.");
    }
  }
  return { level, includeExecutionData, ...(destinations && { destinations }) };
};

/** Refuses encryption with keys of one's own, which needs a KMS. @throws InvalidEncryptionConfiguration, KmsAccessDeniedException */
export const checkEncryption = (given: z.infer<typeof EncryptionInput> | undefined): void => {
  if (!given) return;
  const { type, kmsKeyId, kmsDataKeyReusePeriodSeconds } = given;
  const invalid = (problem: string): AwsError =>
    new AwsError('InvalidEncryptionConfiguration', `Invalid Encryption Configuration: ${problem}`);
  if (type === 'AWS_OWNED_KEY') {
    if (kmsKeyId === undefined && kmsDataKeyReusePeriodSeconds === undefined) return;
    throw invalid(`kmsKeyId and kmsDataKeyReusePeriodSeconds do not go with the type ${type}`);
  }
  if (kmsKeyId === undefined) throw invalid(`kmsKeyId is required for the type ${type}`);
  throw new AwsError(
    'KmsAccessDeniedException',
    `There is no KMS here that has the key '${kmsKeyId}'; leave encryptionConfiguration away, or give it the type AWS_OWNED_KEY`,
  );
};

/** The settings that callers ask for, over those there were. @throws InvalidLoggingConfiguration and others of this kind */
export const settingsOf = (given: Given, former: Settings = {}): Settings => {
  const { loggingConfiguration, tracingConfiguration, encryptionConfiguration } = given;
  checkEncryption(encryptionConfiguration);
  if (tracingConfiguration && tracingConfiguration.enabled === undefined) {
    throw new AwsError('InvalidTracingConfiguration', "Invalid Tracing Configuration: 'enabled' must be true or false");
  }
  return {
    ...former,
    ...(loggingConfiguration && { logging: loggingOf(loggingConfiguration) }),
    ...(tracingConfiguration && { isTraced: tracingConfiguration.enabled }),
  };
};

/** The settings as descriptions show them. */
export const describeSettings = ({ logging, isTraced = false }: Settings = {}): object => ({
  loggingConfiguration: logging ?? { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: isTraced },
  encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
});
