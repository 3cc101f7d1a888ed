import { CreateFunctionCommand, LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { accounts, catalog, type Plane } from '../../functions/catalog.ts';
import { awsConfigOf, type StackFile } from './stack-file.ts';

/** An archive with nothing in it: the function runs at its plane's host, but has to have code. */
const ZipFile = Buffer.from(`PK\x05\x06${'\0'.repeat(18)}`, 'latin1');

/** The functions that a plane's state machines may call. */
export const functionsOf = (plane: Plane): string[] =>
  Object.entries(catalog).flatMap(([name, entry]) => (entry.plane === plane ? [name] : []));

const withClient = async <T>(
  stack: StackFile,
  plane: Plane,
  work: (client: LambdaClient) => Promise<T>,
): Promise<T> => {
  const client = new LambdaClient(awsConfigOf(stack, accounts[plane], 'lambda'));
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
};

/** The functions that ministack knows of a plane. */
export const functionNamesIn = (stack: StackFile, plane: Plane): Promise<Set<string>> =>
  withClient(stack, plane, async (client) => {
    const names = new Set<string>();
    for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
      for (const { FunctionName = '' } of Functions) names.add(FunctionName);
    return names;
  });

/** Ministack calls only functions that it has been told of; LocalStack's Lambda is papilio's own and takes any. */
export const ensureFunctions = async (stack: StackFile, plane: Plane): Promise<void> => {
  const known = await functionNamesIn(stack, plane);
  await withClient(stack, plane, async (client) => {
    for (const [name, { memoryMb, timeoutS }] of Object.entries(catalog)) {
      if (!functionsOf(plane).includes(name) || known.has(name)) continue;
      await client.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: `arn:aws:iam::${accounts[plane]}:role/papilio`,
          Code: { ZipFile },
          MemorySize: memoryMb,
          Timeout: timeoutS,
        }),
      );
    }
  });
};
