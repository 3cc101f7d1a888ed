"""LocalStack's Lambda in stack mode: only Invoke, handed to the function host of the account in the function's ARN."""

import json
import os
import re
import threading
from pathlib import Path
from urllib.parse import quote

import requests
from localstack.aws.api import CommonServiceException
from localstack.aws.api.lambda_ import InvocationResponse, LambdaApi, ServiceException
from localstack.services.plugins import Service, aws_provider

HOSTS = Path(os.environ["PAPILIO_FUNCTION_HOSTS"])
# The longest that a function may run, and a minute in which its host says so.
TIMEOUT_S = 960
PASSED_ON = {"log_type": "X-Amz-Log-Type", "client_context": "X-Amz-Client-Context", "invocation_type": "X-Amz-Invocation-Type"}
ACCOUNT = re.compile(r"^(?:arn:aws:lambda:[^:]+:)?(\d{12}):")

kept = threading.local()


def session() -> requests.Session:
    """Connections are kept by thread: a session is not to be shared."""
    if not hasattr(kept, "session"):
        kept.session = requests.Session()
        kept.session.trust_env = False
    return kept.session


def host_of(account: str) -> str:
    try:
        return json.loads((HOSTS / f"{account}.json").read_text())["url"]
    except (OSError, ValueError, KeyError) as error:
        raise ServiceException(f"no function host serves account {account}: is its plane up?") from error


def post(account: str, name: str, qualifier: str | None, headers: dict, payload: bytes) -> requests.Response:
    url = f"{host_of(account)}/2015-03-31/functions/{quote(name, safe='')}/invocations"
    query = {"Qualifier": qualifier} if qualifier else {}
    try:
        return session().post(url, params=query, headers=headers, data=payload, timeout=TIMEOUT_S)
    except requests.RequestException as error:
        raise ServiceException(f"the function host of account {account} is away: {error}") from error


def refusal(response: requests.Response) -> CommonServiceException:
    code = response.headers.get("X-Amzn-ErrorType", "ServiceException").split(":")[0]
    try:
        said = response.json()
        message = said.get("message") or said.get("Message") or response.text
    except ValueError:
        message = response.text
    return CommonServiceException(code, message, response.status_code, sender_fault=response.status_code < 500)


class PapilioLambda(LambdaApi):
    def invoke(self, context, function_name, payload=None, qualifier=None, **more) -> InvocationResponse:
        named = ACCOUNT.match(function_name)
        headers = {header: str(more[name]) for name, header in PASSED_ON.items() if more.get(name)}
        body = payload.read() if payload is not None else b""
        response = post(named[1] if named else context.account_id, function_name, qualifier, headers, body)
        if response.status_code >= 300:
            raise refusal(response)
        answer = InvocationResponse(StatusCode=response.status_code, Payload=response.content)
        for key, header in {
            "FunctionError": "X-Amz-Function-Error",
            "LogResult": "X-Amz-Log-Result",
            "ExecutedVersion": "X-Amz-Executed-Version",
        }.items():
            if header in response.headers:
                answer[key] = response.headers[header]
        return answer


@aws_provider(api="lambda", name="papilio")
def lambda_papilio() -> Service:
    return Service.for_provider(PapilioLambda())
