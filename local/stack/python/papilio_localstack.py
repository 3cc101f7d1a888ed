"""LocalStack behind a gate: only who signs with the stack's secret gets an answer, LocalStack's own calls of itself too."""

import papilio_gate
from localstack import constants

if papilio_gate.SECRET:
    # Taken over by name where clients are made: before anything else of LocalStack is loaded.
    constants.INTERNAL_AWS_SECRET_ACCESS_KEY = papilio_gate.SECRET

from localstack.aws.app import LocalstackAwsGateway  # noqa: E402
from localstack.aws.connect import ClientFactory  # noqa: E402
from localstack.runtime.main import main  # noqa: E402
from rolo.request import get_raw_path  # noqa: E402


def gate(chain, context, response):
    request = context.request
    path = get_raw_path(request).split("?")[0]
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.query_string.decode("latin-1")
    if papilio_gate.may_be_signed(request.method, path, headers):
        body = request.get_data() if (request.content_length or 0) <= papilio_gate.MOST_BYTES else b""
        if papilio_gate.is_let_in(request.method, path, query, headers, body):
            return
    response.status_code = 403
    response.set_data(papilio_gate.REFUSAL)
    response.headers["Content-Type"] = "application/json"
    chain.stop()


def begin(self, *args, before=LocalstackAwsGateway.__init__, **named):
    before(self, *args, **named)
    self.request_handlers.insert(0, gate)


def with_assumed_role(self, *, role_arn, region_name=None, endpoint_url=None, config=None, **_more):
    """As the account of the role, signed with the secret: keys that LocalStack's STS makes up sign nothing here."""
    return self(
        region_name=region_name,
        aws_access_key_id=role_arn.split(":")[4],
        aws_secret_access_key=papilio_gate.SECRET,
        endpoint_url=endpoint_url,
        config=config,
    )


if papilio_gate.SECRET:
    LocalstackAwsGateway.__init__ = begin
    ClientFactory.with_assumed_role = with_assumed_role

if __name__ == "__main__":
    main()
