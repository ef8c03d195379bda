"""The error codes of AWS in the answers of the simulator, with their HTTP status and form."""

import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from serving import EAST, OWN


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def code(call, **arguments):
    return refusal(call, **arguments)[:2]


def test_an_unknown_action_has_the_error_form_of_aws(simulator):
    given, status, message = refusal(simulator.client().describe_db_proxies)
    assert (given, status) == ("InvalidAction", 400)
    assert message == "Could not find operation DescribeDBProxies for version 2014-10-31"


@pytest.mark.parametrize(
    "key, expected",
    [("AKIAIOSFODNN7EXAMPLE", ("InvalidClientTokenId", 403)), ("12345678901", ("InvalidClientTokenId", 403))],
)
def test_credentials_that_are_not_an_account_are_refused(simulator, key, expected):
    assert code(simulator.client(key).describe_db_instances) == expected


def raw(simulator, body, headers=None, path="/"):
    request = urllib.request.Request(simulator.url + path, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_malformed_request_is_refused(simulator):
    scope = f"{OWN}/20260101/{EAST}/rds/aws4_request"
    signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
    for body, headers, path, status, expected in [
        (b"Action=DescribeDBInstances", {}, "/", 403, "MissingAuthenticationToken"),
        (b"Action=DescribeDBInstances", {"Authorization": "Basic x"}, "/", 400, "IncompleteSignature"),
        (b"", signed, "/", 400, "MissingAction"),
        (b"\xff\xfe=<&", signed, "/", 400, "MissingAction"),
        (b"Action=%3Cb%3E", signed, "/", 400, "&lt;b&gt;"),
        (b"Action=DescribeDBInstances&Version=1999-01-01", signed, "/", 400, "InvalidAction"),
        (b"Action=CreateDBSnapshot", signed, "/", 400, "MissingParameter"),
        (b"Action=DescribeDBInstances&MaxRecords=many", signed, "/", 400, "InvalidParameterValue"),
        (b"Action=DescribeDBInstances", signed, "/elsewhere", 404, "MalformedInput"),
    ]:
        answer = raw(simulator, body, headers, path)
        assert answer[0] == status and expected in answer[1], (body, answer)
        assert answer[1].startswith("<ErrorResponse") and "<RequestId>" in answer[1]
    assert raw(simulator, b"x" * (33 << 20), signed)[0] == 413
    assert raw(simulator, b"Action=DescribeDBInstances", signed)[0] == 200
