"""Activities and task tokens, with queues beside."""

import json
import threading

from api import create, machine_of, new_name, pages, refused, sfn, sqs, start, wait_until


def activity_and_machine(**fields):
    """A new activity, and a machine of one task that is its."""
    activity = sfn.create_activity(name=new_name("activity"))["activityArn"]
    return activity, create(machine_of(Work={"Type": "Task", "Resource": activity, "End": True, **fields}))


def check_activity_life():
    """an activity is made once, described, listed and deleted"""
    names = [new_name("life") for _ in range(3)]
    made = [sfn.create_activity(name=name) for name in names]
    assert sfn.create_activity(name=names[0])["creationDate"] == made[0]["creationDate"]
    arns = [each["activityArn"] for each in made]
    assert set(arns) <= {each["activityArn"] for each in pages("list_activities", "activities")}
    described = sfn.describe_activity(activityArn=arns[0])
    assert (described["name"], described["creationDate"]) == (names[0], made[0]["creationDate"])
    sfn.delete_activity(activityArn=arns[0])
    message = refused("ActivityDoesNotExist", sfn.describe_activity, activityArn=arns[0])
    assert message == f"Activity Does Not Exist: '{arns[0]}'"


def check_activity_work():
    """a worker takes work, beats and succeeds"""
    activity, machine = activity_and_machine(HeartbeatSeconds=60)
    arn = start(machine, {"n": 1})
    task = sfn.get_activity_task(activityArn=activity, workerName="anna")
    assert json.loads(task["input"]) == {"n": 1}
    sfn.send_task_heartbeat(taskToken=task["taskToken"])
    sfn.send_task_success(taskToken=task["taskToken"], output='{"n":2}')
    assert wait_until("Succeeded", arn)["output"] == '{"n":2}'
    events = pages("get_execution_history", "events", executionArn=arn)
    assert [each["type"] for each in events][2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert events[3]["activityStartedEventDetails"] == {"workerName": "anna"}


def check_activity_long_poll():
    """a worker that asks before there is work gets it as soon as there is some"""
    activity, machine = activity_and_machine()
    told = []
    worker = threading.Thread(target=lambda: told.append(sfn.get_activity_task(activityArn=activity)))
    worker.start()
    arn = start(machine, "late")
    worker.join(30)
    assert told[0]["input"] == '"late"'
    sfn.send_task_failure(taskToken=told[0]["taskToken"], error="Broken", cause="the magnet")
    failed = wait_until("Failed", arn)
    assert (failed["error"], failed["cause"]) == ("Broken", "the magnet")


def check_activity_nothing():
    """a worker for whom there is nothing is told so within a minute, by an answer without a token"""
    activity, _machine = activity_and_machine()
    assert "taskToken" not in sfn.get_activity_task(activityArn=activity)


def check_activity_timeout():
    """work that takes too long has timed out, and its token is worth nothing"""
    activity, machine = activity_and_machine(TimeoutSeconds=1)
    arn = start(machine)
    task = sfn.get_activity_task(activityArn=activity)
    assert wait_until("Failed", arn)["error"] == "States.Timeout"
    message = refused("TaskTimedOut", sfn.send_task_success, taskToken=task["taskToken"], output="1")
    assert message == "Task Timed Out: 'Provided task does not exist anymore'"


def check_token_errors():
    """what AWS refuses of tokens and outputs is refused by the exceptions that boto3 knows"""
    refused("InvalidToken", sfn.send_task_success, taskToken="none of ours", output="1")
    activity, machine = activity_and_machine()
    start(machine)
    token = sfn.get_activity_task(activityArn=activity)["taskToken"]
    refused("InvalidOutput", sfn.send_task_success, taskToken=token, output="{")
    refused("InvalidArn", sfn.get_activity_task, activityArn=machine)
    refused("InvalidName", sfn.create_activity, name="a b")


def check_queues():
    """queues are there beside, and a machine that sends a token to one is answered from Python"""
    url = sqs.create_queue(QueueName=new_name("asks"))["QueueUrl"]
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token", "n.$": "$.n"}},
        "End": True,
    }
    arn = start(create(machine_of(Ask=ask)), {"n": 1})
    received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]
    body = json.loads(received["Body"])
    assert body["n"] == 1
    sfn.send_task_success(taskToken=body["token"], output='"answered"')
    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    assert wait_until("Succeeded", arn)["output"] == '"answered"'
    entries = [{"Id": str(at), "MessageBody": str(at)} for at in range(3)]
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 3
    assert url in [each for page in sqs.get_paginator("list_queues").paginate() for each in page["QueueUrls"]]
    sqs.delete_queue(QueueUrl=url)
    try:
        sqs.send_message(QueueUrl=url, MessageBody="1")
    except sqs.exceptions.QueueDoesNotExist:
        return
    raise AssertionError("a deleted queue took a message")
