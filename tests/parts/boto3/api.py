"""What the checks have in common: AWS's clients of the engine, machines, waiters."""

import json
import os
import uuid

import boto3
from botocore.config import Config
from botocore.waiter import WaiterModel, create_waiter_with_client

ROLE = "arn:aws:iam::111111111111:role/any"

# A long poll takes up to a minute. There is one host: nobody answers at sync-127.0.0.1.
CONFIG = Config(inject_host_prefix=False, read_timeout=70, retries={"total_max_attempts": 1})

# boto3 has no waiters of its own for Step Functions.
WAITERS = WaiterModel(
    {
        "version": 2,
        "waiters": {
            f"Execution{end}": {
                "operation": "DescribeExecution",
                "delay": 0.05,
                "maxAttempts": 400,
                "acceptors": [
                    {
                        "matcher": "path",
                        "argument": "status",
                        "expected": status,
                        "state": "success" if status == wanted else "failure",
                    }
                    for status in ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
                ],
            }
            for end, wanted in {"Succeeded": "SUCCEEDED", "Failed": "FAILED", "TimedOut": "TIMED_OUT"}.items()
        },
    }
)


def note_call(model, **_):
    """Writes down which operation is called, so that none is forgotten."""
    with open(os.environ["CALLED_FILE"], "a", encoding="utf8") as file:
        file.write(f"{model.name}\n")


def client(service):
    """AWS's client of the engine."""
    made = boto3.client(
        service,
        endpoint_url=os.environ["ENGINE_URL"],
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=CONFIG,
    )
    made.meta.events.register("before-call", note_call)
    return made


sfn = client("stepfunctions")
sqs = client("sqs")


def new_name(what):
    """A name that nothing else has."""
    return f"{what}-{uuid.uuid4()}"


def machine_of(**states):
    """The definition of a machine of these states, the first of which is where it starts."""
    return json.dumps({"StartAt": next(iter(states)), "States": states})


def create(definition, **more):
    """Makes a state machine and gives its ARN."""
    made = sfn.create_state_machine(name=new_name("machine"), definition=definition, roleArn=ROLE, **more)
    return made["stateMachineArn"]


def start(machine, value=None, **more):
    """Starts an execution and gives its ARN."""
    return sfn.start_execution(stateMachineArn=machine, input=json.dumps(value), **more)["executionArn"]


def wait_until(end, execution):
    """Waits with boto3's own machinery until an execution has come to this end, and describes it."""
    create_waiter_with_client(f"Execution{end}", WAITERS, sfn).wait(executionArn=execution)
    return sfn.describe_execution(executionArn=execution)


def pages(operation, key, **request):
    """Everything that a paginator lists, two on a page."""
    paginator = sfn.get_paginator(operation)
    return [each for page in paginator.paginate(**request, PaginationConfig={"PageSize": 2}) for each in page[key]]


def refused(exception, call, /, **request):
    """Expects an exception of this name, as boto3's own class, and gives its message."""
    try:
        call(**request)
    except getattr(sfn.exceptions, exception) as error:
        return error.response["Error"]["Message"]
    raise AssertionError(f"{exception} was expected, and nothing was refused")
