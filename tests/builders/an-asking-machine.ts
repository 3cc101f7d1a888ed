import { account } from './an-engine.ts';

/** A machine of one state that asks through the queue `ask` and waits for its token; no timeout ends the wait. */
export const askingMachine = {
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: `http://127.0.0.1/${account}/ask`, 'MessageBody.$': '$$.Task.Token' },
      End: true,
    },
  },
};
