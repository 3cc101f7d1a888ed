"""State machines, their versions, aliases and tags."""

import json

from api import ROLE, create, machine_of, new_name, pages, refused, sfn, start, wait_until

ONE = machine_of(Only={"Type": "Pass", "Result": 1, "End": True})
TWO = machine_of(Only={"Type": "Pass", "Result": 2, "End": True})


def check_machine_life():
    """a state machine is made, described, changed, listed and deleted"""
    name = new_name("life")
    made = sfn.create_state_machine(name=name, definition=ONE, roleArn=ROLE)
    arn = made["stateMachineArn"]
    assert sfn.create_state_machine(name=name, definition=ONE, roleArn=ROLE)["creationDate"] == made["creationDate"]
    described = sfn.describe_state_machine(stateMachineArn=arn)
    assert (described["name"], described["status"], described["type"]) == (name, "ACTIVE", "STANDARD")
    assert json.loads(described["definition"]) == json.loads(ONE)
    changed = sfn.update_state_machine(stateMachineArn=arn, definition=TWO)
    assert changed["revisionId"] != described.get("revisionId")
    assert arn in [each["stateMachineArn"] for each in pages("list_state_machines", "stateMachines")]
    assert sfn.delete_state_machine(stateMachineArn=arn)["ResponseMetadata"]["HTTPStatusCode"] == 200
    refused("StateMachineDoesNotExist", sfn.describe_state_machine, stateMachineArn=arn)


def check_machine_versions():
    """versions are published, listed and deleted, and run what they were published with"""
    arn = create(ONE)
    first = sfn.publish_state_machine_version(stateMachineArn=arn, description="the first")["stateMachineVersionArn"]
    second = sfn.update_state_machine(stateMachineArn=arn, definition=TWO, publish=True)["stateMachineVersionArn"]
    listed = sfn.list_state_machine_versions(stateMachineArn=arn, maxResults=1)
    assert [each["stateMachineVersionArn"] for each in listed["stateMachineVersions"]] == [second]
    rest = sfn.list_state_machine_versions(stateMachineArn=arn, nextToken=listed["nextToken"])
    assert [each["stateMachineVersionArn"] for each in rest["stateMachineVersions"]] == [first]
    ended = wait_until("Succeeded", start(first))
    assert (ended["output"], ended["stateMachineVersionArn"]) == ("1", first)
    sfn.delete_state_machine_version(stateMachineVersionArn=first)
    refused("StateMachineDoesNotExist", sfn.start_execution, stateMachineArn=first)


def check_machine_aliases():
    """an alias leads to versions, by weight, and is described, changed, listed and deleted"""
    arn = create(ONE, publish=True)
    first = f"{arn}:1"
    second = sfn.update_state_machine(stateMachineArn=arn, definition=TWO, publish=True)["stateMachineVersionArn"]
    route = [{"stateMachineVersionArn": first, "weight": 100}]
    alias = sfn.create_state_machine_alias(name="PROD", routingConfiguration=route)["stateMachineAliasArn"]
    assert sfn.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"] == route
    ended = wait_until("Succeeded", start(alias))
    assert (ended["output"], ended["stateMachineAliasArn"]) == ("1", alias)
    message = refused("ConflictException", sfn.delete_state_machine_version, stateMachineVersionArn=first)
    assert "PROD" in message or "alias" in message
    both = [{"stateMachineVersionArn": first, "weight": 40}, {"stateMachineVersionArn": second, "weight": 60}]
    sfn.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=both, description="both")
    outputs = {wait_until("Succeeded", start(alias))["output"] for _ in range(40)}
    assert outputs == {"1", "2"}
    listed = sfn.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]
    assert [each["stateMachineAliasArn"] for each in listed] == [alias]
    sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
    assert sfn.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"] == []


def check_tags():
    """tags of machines and activities are set, listed and taken away"""
    activity = sfn.create_activity(name=new_name("tagged"))["activityArn"]
    for arn in [create(ONE, tags=[{"key": "a", "value": "1"}]), activity]:
        sfn.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "2"}, {"key": "b", "value": ""}])
        sfn.untag_resource(resourceArn=arn, tagKeys=["b"])
        assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "2"}]
        many = [{"key": f"k{at}", "value": ""} for at in range(51)]
        refused("TooManyTags", sfn.tag_resource, resourceArn=arn, tags=many)


def check_validation():
    """a definition is judged without being made"""
    good = sfn.validate_state_machine_definition(definition=ONE)
    assert (good["result"], good["diagnostics"]) == ("OK", [])
    bad = sfn.validate_state_machine_definition(definition=machine_of(Only={"Type": "Pass"}), severity="WARNING")
    assert bad["result"] == "FAIL"
    assert bad["diagnostics"][0]["severity"] == "ERROR"


def check_test_state():
    """a single state is tried, with a mock for its work"""
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "Next": "Then"}
    told = sfn.test_state(
        definition=json.dumps(task), input='{"n":1}', inspectionLevel="DEBUG", mock={"result": '{"m":2}'}
    )
    assert (told["status"], told["output"], told["nextState"]) == ("SUCCEEDED", '{"m":2}', "Then")
    assert told["inspectionData"]["afterInputPath"] == '{"n":1}'


def check_machine_errors():
    """what AWS refuses of machines is refused by the exceptions that boto3 knows"""
    name = new_name("errors")
    refused("InvalidName", sfn.create_state_machine, name="a b", definition=ONE, roleArn=ROLE)
    refused("InvalidDefinition", sfn.create_state_machine, name=name, definition="{}", roleArn=ROLE)
    refused("InvalidArn", sfn.describe_state_machine, stateMachineArn="arn:aws:states:us-east-1:1:activity:a")
    sfn.create_state_machine(name=name, definition=ONE, roleArn=ROLE)
    refused("StateMachineAlreadyExists", sfn.create_state_machine, name=name, definition=TWO, roleArn=ROLE)
    machine = create(ONE)
    refused("MissingRequiredParameter", sfn.update_state_machine, stateMachineArn=machine)
    refused("ConflictException", sfn.publish_state_machine_version, stateMachineArn=machine, revisionId="other")
    refused("ResourceNotFound", sfn.list_tags_for_resource, resourceArn=f"{machine}-not")
