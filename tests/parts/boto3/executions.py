"""Executions, their histories, redrives and map runs."""

import json
import time

from api import create, machine_of, new_name, pages, refused, sfn, start, wait_until

HOLD = machine_of(Hold={"Type": "Wait", "Seconds": 3600, "End": True})
PASS = machine_of(Only={"Type": "Pass", "End": True})


def check_execution_life():
    """an execution is started once by its name, described, and stopped with a reason"""
    machine = create(HOLD)
    name = new_name("once")
    arn = start(machine, {"n": 1}, name=name)
    assert start(machine, {"n": 1}, name=name) == arn
    refused("ExecutionAlreadyExists", sfn.start_execution, stateMachineArn=machine, name=name, input="2")
    running = sfn.describe_execution(executionArn=arn)
    assert (running["status"], running["input"], running["name"]) == ("RUNNING", '{"n": 1}', name)
    of_execution = sfn.describe_state_machine_for_execution(executionArn=arn)
    assert of_execution["stateMachineArn"] == machine
    stopped_at = sfn.stop_execution(executionArn=arn, error="Enough", cause="the shift is over")["stopDate"]
    ended = sfn.describe_execution(executionArn=arn)
    assert (ended["status"], ended["error"], ended["stopDate"]) == ("ABORTED", "Enough", stopped_at)


def check_execution_lists():
    """executions are listed page by page, and by their status"""
    machine = create(HOLD)
    arns = [start(machine, at) for at in range(5)]
    for arn in arns[:2]:
        sfn.stop_execution(executionArn=arn)
    listed = pages("list_executions", "executions", stateMachineArn=machine)
    assert sorted(each["executionArn"] for each in listed) == sorted(arns)
    running = pages("list_executions", "executions", stateMachineArn=machine, statusFilter="RUNNING")
    assert sorted(each["executionArn"] for each in running) == sorted(arns[2:])


def check_execution_history():
    """a history is read page by page, forwards and backwards, with and without data"""
    arn = start(create(PASS), {"n": 1})
    ended = wait_until("Succeeded", arn)
    assert ended["output"] == '{"n":1}'
    events = pages("get_execution_history", "events", executionArn=arn)
    assert [each["id"] for each in events] == [1, 2, 3, 4]
    assert [each["type"] for each in events][::3] == ["ExecutionStarted", "ExecutionSucceeded"]
    backwards = pages("get_execution_history", "events", executionArn=arn, reverseOrder=True)
    assert [each["id"] for each in backwards] == [4, 3, 2, 1]
    bare = sfn.get_execution_history(executionArn=arn, includeExecutionData=False)["events"]
    assert "input" not in bare[0]["executionStartedEventDetails"]


def check_redrive():
    """an execution that failed is redriven from where it failed"""
    activity = sfn.create_activity(name=new_name("redriven"))["activityArn"]
    arn = start(create(machine_of(Work={"Type": "Task", "Resource": activity, "End": True})), 1)
    task = sfn.get_activity_task(activityArn=activity)
    sfn.send_task_failure(taskToken=task["taskToken"], error="Broken")
    failed = wait_until("Failed", arn)
    assert failed["redriveStatus"] == "REDRIVABLE"
    redriven_at = sfn.redrive_execution(executionArn=arn)["redriveDate"]
    again = sfn.get_activity_task(activityArn=activity)
    assert again["taskToken"] != task["taskToken"]
    sfn.send_task_success(taskToken=again["taskToken"], output="2")
    ended = wait_until("Succeeded", arn)
    assert (ended["output"], ended["redriveCount"], ended["redriveDate"]) == ("2", 1, redriven_at)
    refused("ExecutionNotRedrivable", sfn.redrive_execution, executionArn=arn)


def check_express():
    """an express machine answers in the call, and tells how long it took"""
    machine = create(PASS, type="EXPRESS")
    told = sfn.start_sync_execution(stateMachineArn=machine, name=new_name("sync"), input='{"n":1}')
    assert (told["status"], told["output"]) == ("SUCCEEDED", '{"n":1}')
    assert told["billingDetails"]["billedDurationInMilliseconds"] >= 0
    assert ":express:" in start(machine)
    refused("StateMachineTypeNotSupported", sfn.list_executions, stateMachineArn=machine)
    standard = create(PASS)
    refused("StateMachineTypeNotSupported", sfn.start_sync_execution, stateMachineArn=standard)


def check_map_runs():
    """a map run is listed, described and changed while it runs, and its children are listed"""
    each = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Rest",
        "States": {"Rest": {"Type": "Wait", "Seconds": 1, "End": True}},
    }
    machine = create(machine_of(Each={"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": each, "End": True}))
    arn = start(machine, [1, 2, 3])
    runs = []
    while not runs:
        runs = pages("list_map_runs", "mapRuns", executionArn=arn)
        time.sleep(0.05)
    run = runs[0]["mapRunArn"]
    sfn.update_map_run(mapRunArn=run, maxConcurrency=3, toleratedFailureCount=1)
    described = sfn.describe_map_run(mapRunArn=run)
    assert (described["maxConcurrency"], described["toleratedFailureCount"]) == (3, 1)
    wait_until("Succeeded", arn)
    ended = sfn.describe_map_run(mapRunArn=run)
    assert (ended["status"], ended["itemCounts"]["succeeded"]) == ("SUCCEEDED", 3)
    children = pages("list_executions", "executions", mapRunArn=run)
    assert [child["status"] for child in children] == ["SUCCEEDED"] * 3


def check_execution_errors():
    """what AWS refuses of executions is refused by the exceptions that boto3 knows"""
    machine = create(PASS)
    refused("InvalidExecutionInput", sfn.start_execution, stateMachineArn=machine, input="{")
    refused("InvalidName", sfn.start_execution, stateMachineArn=machine, name="a b")
    refused("StateMachineDoesNotExist", sfn.start_execution, stateMachineArn=f"{machine}-not")
    gone = f"{machine}:none".replace(":stateMachine:", ":execution:")
    for call in [sfn.describe_execution, sfn.get_execution_history, sfn.stop_execution]:
        refused("ExecutionDoesNotExist", call, executionArn=gone)
    refused("InvalidArn", sfn.describe_execution, executionArn=machine)
    refused("InvalidToken", sfn.list_executions, stateMachineArn=machine, nextToken="none of ours")
    map_run = machine.replace(":stateMachine:", ":mapRun:") + "/each:none"
    refused("ResourceNotFound", sfn.describe_map_run, mapRunArn=map_run)


def check_failures():
    """how an execution failed is told, and a time limit is a TIMED_OUT"""
    fail = machine_of(Fail={"Type": "Fail", "Error": "Magnet", "Cause": "quench"})
    ended = wait_until("Failed", start(create(fail)))
    assert (ended["error"], ended["cause"]) == ("Magnet", "quench")
    limited = {**json.loads(HOLD), "TimeoutSeconds": 1}
    wait_until("TimedOut", start(create(json.dumps(limited))))
