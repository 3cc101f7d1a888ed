import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { systemClock } from '#lib/system-clock';
import { type Door, openLambdaDoor } from '../../local/host/lambda/door.ts';
import { awsRuntimeClient, ownRuntimeClient } from '../../local/host/runtime/runtime-client.ts';
import { type AHost, aFunctionHost, aFunctionSpec, whereabouts } from '../builders/a-function-host.ts';
import { boto3Part } from './boto3.ts';

/** AWS's client for Python invokes functions through the Lambda Invoke API of the function host. */
let given: AHost;
let door: Door;

const script = `
import base64, json, sys
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
client = boto3.client("lambda", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="000000000002",
    aws_secret_access_key="papilio", config=Config(retries={"max_attempts": 1, "mode": "standard"}))

def invoke(**given):
    answer = client.invoke(**given)
    said = {"status": answer["StatusCode"], "payload": answer["Payload"].read().decode()}
    for name in ("FunctionError", "ExecutedVersion"):
        if name in answer:
            said[name] = answer[name]
    if "LogResult" in answer:
        said["log"] = base64.b64decode(answer["LogResult"]).decode()
    return said

def refused(**given):
    try:
        return invoke(**given)
    except ClientError as error:
        return {"code": error.response["Error"]["Code"], "status": error.response["ResponseMetadata"]["HTTPStatusCode"]}

print(json.dumps({
    "echo": invoke(FunctionName="behave", Payload=json.dumps({"run": 102363}), LogType="Tail"),
    "byArn": invoke(FunctionName="arn:aws:lambda:us-east-1:000000000002:function:behave:$LATEST", Payload="{}"),
    "thrown": invoke(FunctionName="behave", Payload=json.dumps({"act": "throw"})),
    "event": invoke(FunctionName="behave", InvocationType="Event", Payload=json.dumps({"act": "count"})),
    "dry": invoke(FunctionName="behave", InvocationType="DryRun"),
    "missing": refused(FunctionName="no-such-function"),
    "broken": refused(FunctionName="behave", Payload="{"),
    "large": refused(FunctionName="behave", Payload=json.dumps("x" * 6291456)),
    "list": [one["FunctionName"] for page in client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 1}) for one in page["Functions"]],
    "configuration": client.get_function(FunctionName="behave")["Configuration"]["MemorySize"],
}))
`;

const Said = z.record(z.string(), z.unknown());

beforeAll(async () => {
  boto3Part.install();
  const functions = [aFunctionSpec(), aFunctionSpec({ name: 'other' })];
  given = aFunctionHost({ client: awsRuntimeClient() ?? ownRuntimeClient, functions });
  door = await openLambdaDoor({ runner: given.host, whereabouts, clock: systemClock, port: 0 });
}, 600_000);

afterAll(async () => {
  await door.close();
  await given[Symbol.asyncDispose]();
});

test('boto3 invokes, waits, is refused and lists as on AWS', async () => {
  const child = spawn(boto3Part.bin('python'), ['-B', '-c', script, door.url], { env: { PATH: process.env.PATH } });
  const ended = once(child, 'close');
  const [out, problem] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  expect({ code, problem }).toEqual({ code: 0, problem: '' });
  const said = Said.parse(JSON.parse(out));
  expect(said).toMatchObject({
    echo: { status: 200, ExecutedVersion: '$LATEST', payload: expect.stringContaining('"run":102363') },
    byArn: { status: 200 },
    thrown: { status: 200, FunctionError: 'Unhandled', payload: expect.stringContaining('no such detector') },
    event: { status: 202, payload: '' },
    dry: { status: 204, payload: '' },
    missing: { code: 'ResourceNotFoundException', status: 404 },
    broken: { code: 'InvalidRequestContentException', status: 400 },
    large: { code: 'RequestTooLargeException', status: 413 },
    list: ['behave', 'other'],
    configuration: 256,
  });
  expect(said.echo).toHaveProperty('log', expect.stringMatching(/^START RequestId: \S+ Version: \$LATEST\n/));
  expect(said.echo).not.toHaveProperty('FunctionError');
});
