"""LocalStack's Lambda in stack mode: only Invoke, handed to the function host of the account in the function's ARN."""

import json

import papilio_hosts
from localstack.aws.api import CommonServiceException
from localstack.aws.api.lambda_ import InvocationResponse, LambdaApi, ServiceException
from localstack.services.plugins import Service, aws_provider

PASSED_ON = {
    "invocation_type": "X-Amz-Invocation-Type",
    "log_type": "X-Amz-Log-Type",
    "client_context": "X-Amz-Client-Context",
}
ANSWERED = {
    "FunctionError": "x-amz-function-error",
    "LogResult": "x-amz-log-result",
    "ExecutedVersion": "x-amz-executed-version",
}


def refusal(status: int, headers: dict, body: bytes) -> CommonServiceException:
    code = headers.get("x-amzn-errortype", "ServiceException").split(":")[0]
    text = body.decode("utf-8", "replace")
    try:
        said = json.loads(text)
        text = said.get("message") or said.get("Message") or text
    except (ValueError, AttributeError):
        pass
    return CommonServiceException(code, text, status, sender_fault=status < 500)


def as_failure(error) -> InvocationResponse:
    """A refusal as an end of the function. LocalStack's Step Functions call any refusal `Exception`; AWS's call it by its name."""
    failure = {"errorType": f"Lambda.{error.code}", "errorMessage": error.message}
    return InvocationResponse(StatusCode=200, FunctionError="Unhandled", Payload=json.dumps(failure).encode())


class PapilioLambda(LambdaApi):
    def invoke(self, context, function_name, payload=None, qualifier=None, **more) -> InvocationResponse:
        account = papilio_hosts.account_of(function_name, context.account_id)
        headers = {header: str(more[name]) for name, header in PASSED_ON.items() if more.get(name)}
        body = payload.read() if payload is not None else b""
        try:
            status, said, answer = papilio_hosts.invoke(account, function_name, body, headers, qualifier)
            if status >= 300:
                raise refusal(status, said, answer)
        except papilio_hosts.HostAway as away:
            error = ServiceException(str(away))
        except CommonServiceException as refused:
            error = refused
        else:
            told = {name: said[header] for name, header in ANSWERED.items() if header in said}
            return InvocationResponse(StatusCode=status, Payload=answer, **told)
        if context.is_internal_call:
            return as_failure(error)
        raise error


@aws_provider(api="lambda", name="papilio")
def lambda_papilio() -> Service:
    return Service.for_provider(PapilioLambda())
