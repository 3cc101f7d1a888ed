"""Lets in who signs with the stack's secret (AWS Signature Version 4), and nobody else. Emulators look at no signature."""

import hashlib
import hmac
import os
import re
import time
from calendar import timegm
from urllib.parse import parse_qsl, quote

SECRET = os.environ.get("PAPILIO_STACK_SECRET", "")
# What a supervisor asks to see whether it is up; it says nothing of what is kept.
HEALTH = {"/_ministack/health", "/_localstack/health"}
SKEW_S = 300
# More than SQS, Step Functions, DynamoDB and Lambda take in one call.
MOST_BYTES = 32 * 2**20
SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/,]{1,128}/(\d{8})/([\w-]{1,64})/([\w-]{1,64})/aws4_request, ?"
    r"SignedHeaders=([\w;-]{1,1024}), ?Signature=([0-9a-f]{64})"
)
REFUSAL = b'{"__type":"InvalidSignatureException","message":"Sign with the secret in stack.json: only papilio may call."}'


def digest(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def encoded(text: str) -> str:
    return quote(text, safe="")


def canonical(method: str, path: str, query: str, headers: dict, names: list, body: bytes) -> str:
    pairs = sorted((encoded(name), encoded(value)) for name, value in parse_qsl(query, keep_blank_values=True))
    lines = [f"{name}:{' '.join(headers.get(name, '').split())}" for name in names]
    said = "&".join(f"{name}={value}" for name, value in pairs)
    return "\n".join(
        [method, quote(path, safe="/"), said, *lines, "", ";".join(names), hashlib.sha256(body).hexdigest()]
    )


def is_timely(date: str) -> bool:
    try:
        return abs(time.time() - timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))) <= SKEW_S
    except ValueError:
        return False


def may_be_signed(method: str, path: str, headers: dict) -> bool:
    is_health = method == "GET" and path in HEALTH
    return not SECRET or is_health or SIGNED.fullmatch(headers.get("authorization", "")) is not None


def is_let_in(method: str, path: str, query: str, headers: dict, body: bytes) -> bool:
    """Whether a request, its headers by lower-case name and its path as it came, is signed with the secret."""
    if not SECRET or (method == "GET" and path in HEALTH):
        return True
    signed = SIGNED.fullmatch(headers.get("authorization", ""))
    date = headers.get("x-amz-date", "")
    if signed is None or not is_timely(date):
        return False
    day, region, service, names, signature = signed.groups()
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, service, "aws4_request"):
        key = digest(key, part)
    request = canonical(method, path, query, headers, names.split(";"), body)
    hashed = hashlib.sha256(request.encode()).hexdigest()
    right = digest(key, f"AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/aws4_request\n{hashed}").hex()
    return hmac.compare_digest(right, signature)


def guarded(app):
    """An ASGI application behind the gate."""

    async def gate(scope, receive, send):
        if not SECRET or scope["type"] == "lifespan":
            return await app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008})
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").split("?")[0]
        method, query = scope["method"], scope["query_string"].decode("latin-1")
        # Who signs nothing right is not listened to: a body without end takes no memory.
        body = await whole(receive) if may_be_signed(method, path, headers) else None
        if body is None or not is_let_in(method, path, query, headers, body):
            start = {"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"application/json")]}
            await send(start)
            return await send({"type": "http.response.body", "body": REFUSAL})
        left = [{"type": "http.request", "body": body, "more_body": False}]
        return await app(scope, lambda: once(left, receive), send)

    return gate


async def whole(receive) -> bytes | None:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
        if message["type"] == "http.disconnect" or sum(map(len, parts)) > MOST_BYTES:
            return None
    return b"".join(parts)


async def once(left: list, receive):
    return left.pop() if left else await receive()
