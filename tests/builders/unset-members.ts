const timedOut = ['Activity', 'Execution', 'LambdaFunction', 'Task'].map((what) => `${what}TimedOutEventDetails.cause`);

const failedBefore = (events: readonly string[], members: readonly string[]): readonly string[] =>
  events.flatMap((event) => [
    `HistoryEvent.${event.charAt(0).toLowerCase()}${event.slice(1)}EventDetails`,
    ...members.map((member) => `${event}EventDetails.${member}`),
  ]);

const GROUPS: readonly (readonly [why: string, members: readonly string[]])[] = [
  ['a time limit is its own cause, on AWS as well', timedOut],
  [
    'what cannot be scheduled or started fails as the task itself: there is no queue between the two',
    [
      ...failedBefore(
        ['ActivityScheduleFailed', 'LambdaFunctionScheduleFailed', 'LambdaFunctionStartFailed'],
        ['error', 'cause'],
      ),
      ...failedBefore(['TaskStartFailed', 'TaskSubmitFailed'], ['error', 'cause', 'resource', 'resourceType']),
    ],
  ],
  [
    'there are no keys of one’s own, and encryption by them is refused',
    ['EncryptionConfiguration.kmsKeyId', 'EncryptionConfiguration.kmsDataKeyReusePeriodSeconds'],
  ],
  [
    'Credentials are read and not used: there is one account',
    [
      'LambdaFunctionScheduledEventDetails.taskCredentials',
      'TaskScheduledEventDetails.taskCredentials',
      'TaskCredentials.roleArn',
    ],
  ],
  ['the ARN of a Map state names no state machine here', ['DescribeStateMachineOutput.label']],
];

/** Members of answers that the engine never gives, such as `HistoryEvent.taskSubmitFailedEventDetails`: why. */
export const UNSET_MEMBERS: Readonly<Record<string, string>> = Object.fromEntries(
  GROUPS.flatMap(([why, members]) => members.map((member) => [member, why])),
);
