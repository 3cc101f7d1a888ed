"""Ministack with the functions of papilio's planes: its proxy mode, but with what a function's error is."""

import json

import papilio_gate
import papilio_hosts
from ministack import app
from ministack.services import lambda_svc


def failed(error_type: str, message: str) -> dict:
    return {"body": {"errorType": error_type, "errorMessage": message}, "error": True}


def execute(func: dict, event, _url: str, _request_id: str) -> dict:
    config = func.get("config") or func
    arn = config.get("FunctionArn", "")
    account = papilio_hosts.account_of(arn, "")
    try:
        payload = json.dumps(event, ensure_ascii=False).encode()
        status, headers, body = papilio_hosts.invoke(account, config["FunctionName"], payload, {})
    except papilio_hosts.HostAway as error:
        return failed("Lambda.ServiceException", str(error))
    text = body.decode("utf-8", "replace")
    if status >= 300:
        return failed("Lambda." + headers.get("x-amzn-errortype", "ServiceException").split(":")[0], text)
    answer = json.loads(text) if text else None
    return {"body": answer, "error": True} if "x-amz-function-error" in headers else {"body": answer}


lambda_svc._proxy_url_for = lambda config: config.get("FunctionArn")
lambda_svc._execute_function_proxy = execute

app.app = papilio_gate.guarded(app.app)

if __name__ == "__main__":
    app.main()
