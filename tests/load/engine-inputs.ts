/** Ten Pass states in a row: the machine of the engine benchmark. */
export const tenPasses = {
  StartAt: 'S0',
  States: Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [
      `S${at}`,
      { Type: 'Pass', ...(at < 9 ? { Next: `S${at + 1}` } : { End: true }) },
    ]),
  ),
};

const fifty = (i: number) => ({
  i,
  items: Array.from({ length: 50 }, (_, id) => ({ id, name: `file-${id}`, ok: true, n: id * 3.5 })),
});

/** The inputs by name: `{i}`, and a document of 50 objects, about 2 kB. */
export const inputOf = (kind: string, i: number): { readonly i: number } => (kind === 'fifty' ? fifty(i) : { i });

/** Of every hundredth execution the history is read, or the output kept to be compared. */
export const isSampled = (index: number): boolean => index % 100 === 0;

/** What happens to an STF, in twelve states: checks, two things side by side, jobs, a facility that answers, an end. */
export const stfMachine = (account: string): object => {
  const call = (functionName: string, fields: object): object => ({
    Type: 'Task',
    Resource: `arn:aws:lambda:us-east-1:${account}:function:${functionName}`,
    Parameters: { 'i.$': '$.i' },
    ResultPath: `$.${functionName}`,
    ...fields,
  });
  return {
    StartAt: 'Begin',
    States: {
      Begin: { Type: 'Pass', Result: 'p1', ResultPath: '$.pass', Next: 'Check' },
      Check: call('check', { Next: 'IsGood' }),
      IsGood: {
        Type: 'Choice',
        Choices: [{ Variable: '$.check.function', StringEquals: 'check', Next: 'Both' }],
        Default: 'Refused',
      },
      Refused: { Type: 'Fail', Error: 'Refused' },
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Archive', States: { Archive: call('archive', { End: true }) } },
          { StartAt: 'Catalogue', States: { Catalogue: call('catalogue', { End: true }) } },
        ],
        ResultPath: '$.both',
        Next: 'Slices',
      },
      Slices: {
        Type: 'Map',
        ItemsPath: '$.both',
        ItemProcessor: { StartAt: 'Slice', States: { Slice: { Type: 'Pass', End: true } } },
        ResultPath: null,
        Next: 'Submit',
      },
      Submit: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Parameters: { FunctionName: 'submit', Payload: { 'i.$': '$.i', 'token.$': '$$.Task.Token' } },
        ResultPath: '$.job',
        HeartbeatSeconds: 60,
        Next: 'Register',
      },
      Register: call('register', { Next: 'Tell' }),
      Tell: call('tell', { End: true }),
    },
  };
};
