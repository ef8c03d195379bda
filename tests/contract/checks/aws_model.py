"""AWS's own model of its APIs, as botocore contains it, held against the page of rules that cite it."""

import html
import re
from functools import cache

from botocore.loaders import Loader
from checks.files import ROOT

RDS = "rds"
SERVICES = (RDS, "elasticache", "kms", "ssm", "stepfunctions", "cloudwatch", "cloudformation", "sns")
CODES = ROOT / "shared" / "domain" / "src" / "aws" / "error_codes.rs"
# The sentences of the model that decide most, by the rule that rests on them: (place, sentence).
STATED = {
    "original-create-time": [
        ("DBSnapshot.OriginalSnapshotCreateTime", "Specifies the time of the CreateDBSnapshot operation"),
        ("DBSnapshot.SnapshotDatabaseTime", "originalSnapshotCreateTime specifies the system time that the snapshot completed"),
    ],
    "snapshot-delete-states": [("DeleteDBSnapshot", "The DB snapshot must be in the available state to be deleted.")],
    "copy-cancelled-by-deletion": [("DeleteDBSnapshot", "If the snapshot is being copied, the copy operation is terminated.")],
    "copy-times": [
        ("DBSnapshot.SnapshotCreateTime", "Changes for the copy when the snapshot is copied."),
        ("DBSnapshot.OriginalSnapshotCreateTime", "Doesn't change when the snapshot is copied."),
    ],
    "copy-one-step": [
        ("CopyDBSnapshotMessage.SourceDBSnapshotIdentifier",
         "You can also specify an ARN of a snapshot that is in a different account and a different Amazon Web Services Region."),
    ],
    "copy-source-name": [
        ("DBSnapshot.SourceDBSnapshotIdentifier", "It only has a value in the case of a cross-account or cross-Region copy."),
    ],
    "copy-option-group": [
        ("CopyDBSnapshotMessage.CopyOptionGroup",
         "The associated option group can be copied only with cross-account snapshot copy calls."),
    ],
    "key-required-if-shared": [
        ("CopyDBSnapshotMessage.KmsKeyId",
         "If you copy an encrypted DB snapshot that is shared from another Amazon Web Services account, then you must specify a value"),
    ],
    "key-encrypts-unencrypted": [
        ("CopyDBSnapshotMessage.KmsKeyId", "If you specify this parameter when you copy an unencrypted snapshot, the copy is encrypted."),
    ],
    "key-form": [("DBSnapshot.KmsKeyId", "the key ARN, key ID, alias ARN, or alias name for the KMS key")],
    "paging-size": [("DescribeDBSnapshotsMessage.MaxRecords", "Minimum 20, maximum 100.")],
    "restore-single-az": [("RestoreDBInstanceFromDBSnapshot", "By default, the new DB instance is created as a Single-AZ deployment")],
    "instance-identity": [("DBInstance.DbiResourceId", "Region-unique, immutable identifier for the DB instance")],
    "replica-without-backups": [("CreateDBInstanceReadReplica", "RDS creates read replicas with backups disabled.")],
    "replica-promotion-while-busy": [("PromoteReadReplica", "cannot be promoted to a standalone instance when it is in the backing-up status")],
    "instance-stopped-seven-days": [("StopDBInstance", "The instance restarts automatically after 7 days.")],
    "global-failover": [("FailoverGlobalClusterMessage.AllowDataLoss", "defaults to a switchover")],
}  # fmt: skip


@cache
def model(service):
    return Loader().load_service_model(service, "service-2")


def exists(service, place):
    """Whether `Operation`, `Shape` or `Shape.Member` is in the model of a service."""
    shape, _, member = place.partition(".")
    known = model(service)
    if member:
        return member in known["shapes"].get(shape, {}).get("members", {})
    return shape in known["operations"] or shape in known["shapes"]


def text(service, place):
    """The documentation of an operation or a member, as plain text."""
    shape, _, member = place.partition(".")
    known = model(service)
    found = known["shapes"][shape]["members"][member] if member else known["operations"][shape]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", found.get("documentation", ""))))


def code(service, shape):
    """The code of an error's shape."""
    return model(service)["shapes"][shape].get("error", {}).get("code", shape)


def codes(service):
    """Every error code of a service."""
    return {code(service, name) for name, shape in model(service)["shapes"].items() if shape.get("exception")}


def codes_of(service, operation):
    """The error codes of an operation."""
    return {code(service, error["shape"]) for error in model(service)["operations"][operation].get("errors", [])}


def cited(source):
    """The service and the places that the source of a rule names."""
    found = re.search(r"botocore \d+\.\d+, (?:(\w+), )?(.*)", source)
    if not found:
        return RDS, []
    service = found[1] if found[1] in SERVICES else RDS
    return service, re.findall(r"`(\w+(?:\.\w+)?)`", found[2].partition(";")[0])


def faults(listed):
    """Every source that names nothing of the model, and every code that the model does not give to the named operation."""
    for rule in listed:
        if rule.evidence != "model":
            continue
        service, places = cited(rule.source)
        if "botocore" not in rule.source:
            yield f"{rule.id}: the source does not name botocore"
        yield from (f"{rule.id}: the model of {service} has no {place}" for place in places if not exists(service, place))
        operations = [place for place in places if place in model(service)["operations"]]
        if operations and "errors of" in rule.source:
            allowed = set().union(*(codes_of(service, operation) for operation in operations))
            named = {name for name in re.findall(r"`(\w+)`", rule.text) if name in codes(service)}
            yield from (f"{rule.id}: {' and '.join(operations)} does not give {name}" for name in sorted(named - allowed))


def unsaid(stated):
    """The sentences that the model no longer contains."""
    return [(rule, place) for rule, sentences in stated.items() for place, sentence in sentences if sentence not in text(RDS, place)]


def product_codes():
    """{kind: its error codes} of the product's table."""
    table = re.search(r"const CODES.*?\n\];", CODES.read_text(), re.S)[0]
    return {kind: re.findall(r'"(\w+)"', block) for kind, block in re.findall(r"Kind::(\w+),\s*&\[(.*?)\]", table, re.S)}
