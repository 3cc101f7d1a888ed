"""Where functions are invoked: each plane says so in a file named after its account, read at every call."""

import json
import os
import re
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

HOSTS = Path(os.environ.get("PAPILIO_FUNCTION_HOSTS", "functions"))
# The longest that a function may run, and a minute in which its host says so.
TIMEOUT_S = 960
ARN = re.compile(r"^arn:aws:lambda:[^:]+:(\d{12}):function:([^:]+)")


class HostAway(Exception):
    """Nobody serves the functions of an account, or who did is gone."""


def account_of(arn: str, otherwise: str) -> str:
    found = ARN.match(arn)
    return found[1] if found else otherwise


def address_of(account: str) -> tuple[str, int, dict]:
    """Host and port, and the header that lets the caller in."""
    try:
        said = json.loads((HOSTS / f"{account}.json").read_text())
        url = urlsplit(said["url"])
        return url.hostname or "", url.port or 0, {"Papilio-Door": said.get("secret", "")}
    except (OSError, ValueError, KeyError) as error:
        raise HostAway(f"nobody serves the functions of account {account}: is its plane up?") from error


def invoke(account: str, name: str, body: bytes, headers: dict, qualifier: str | None = None):
    """Calls the Lambda Invoke API of an account's function host; gives status, headers by lower-case name, and body."""
    host, port, secret = address_of(account)
    query = "?" + urlencode({"Qualifier": qualifier}) if qualifier else ""
    connection = HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        path = f"/2015-03-31/functions/{quote(name, safe='')}/invocations{query}"
        connection.request("POST", path, body=body, headers={**headers, **secret})
        response = connection.getresponse()
        return response.status, {key.lower(): value for key, value in response.getheaders()}, response.read()
    except (OSError, HTTPException) as error:
        raise HostAway(f"the function host of account {account} is away: {error}") from error
    finally:
        connection.close()
