"""Impositions over HTTP: any status, any error, and a missing or malformed field, as clients of AWS see them."""

import json
import urllib.error
import urllib.request

import botocore.session
import pytest
from botocore.exceptions import ClientError
from serving import EAST, OTHER, OWN, ROOT, WEST

# The kinds of resources, and the shape of each in AWS's API model.
SHAPES = {
    "instance": ("rds", "DBInstance"),
    "snapshot": ("rds", "DBSnapshot"),
    "cluster": ("rds", "DBCluster"),
    "cluster-snapshot": ("rds", "DBClusterSnapshot"),
    "global-cluster": ("rds", "GlobalCluster"),
    "replication-group": ("elasticache", "ReplicationGroup"),
    "global-datastore": ("elasticache", "GlobalReplicationGroup"),
}


def impose(simulator, what, on=None, **rest):
    status, answer = simulator.admin("impositions", {"impose": what, "on": on or {}, **rest})
    assert status == 200, answer
    return answer["id"]


def refused(simulator, body):
    status, answer = simulator.admin("impositions", body)
    assert status == 400
    return answer["error"]


def lift(simulator, path):
    request = urllib.request.Request(f"{simulator.url}/_simulator/{path}", method="DELETE")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def status_of(kind):
    """The name of the field that contains the status."""
    return "DBInstanceStatus" if kind == "instance" else "Status"


def snapshots(simulator, account=OWN, **ask):
    return simulator.client(account).describe_db_snapshots(**ask)["DBSnapshots"]


@pytest.fixture
def estate(simulator):
    """One resource of each kind, and a function for each that shows the records of that kind."""
    simulator.database()
    simulator.snapshot("a")
    rds, cache = simulator.client(), simulator.client(service="elasticache")
    cluster = {"Engine": "aurora-postgresql", "MasterUsername": "admin", "MasterUserPassword": "secret-secret"}
    rds.create_db_cluster(DBClusterIdentifier="other", **cluster)
    rds.delete_db_cluster(DBClusterIdentifier="other", FinalDBSnapshotIdentifier="last")
    arn = rds.create_db_cluster(DBClusterIdentifier="main", **cluster)["DBCluster"]["DBClusterArn"]
    rds.create_global_cluster(GlobalClusterIdentifier="world", SourceDBClusterIdentifier=arn)
    cache.create_replication_group(ReplicationGroupId="carts", ReplicationGroupDescription="carts")
    cache.create_global_replication_group(GlobalReplicationGroupIdSuffix="all", PrimaryReplicationGroupId="carts")
    return {
        "instance": lambda: rds.describe_db_instances()["DBInstances"],
        "snapshot": lambda: rds.describe_db_snapshots()["DBSnapshots"],
        "cluster": lambda: rds.describe_db_clusters()["DBClusters"],
        "cluster-snapshot": lambda: rds.describe_db_cluster_snapshots()["DBClusterSnapshots"],
        "global-cluster": lambda: rds.describe_global_clusters()["GlobalClusters"],
        "replication-group": lambda: cache.describe_replication_groups()["ReplicationGroups"],
        "global-datastore": lambda: cache.describe_global_replication_groups()["GlobalReplicationGroups"],
    }


@pytest.mark.parametrize("kind", SHAPES)
def test_any_status_is_shown_on_any_kind_of_resource_until_it_is_lifted(simulator, estate, kind):
    statuses = lambda: {one: [record[status_of(one)] for record in show()] for one, show in estate.items()}
    before = statuses()
    number = impose(simulator, {"status": "a-status-of-next-year"}, {"kind": kind})
    assert statuses() == before | {kind: ["a-status-of-next-year"]}
    assert lift(simulator, f"impositions/{number}") == (200, {"lifted": 1})
    assert statuses() == before


@pytest.mark.parametrize("kind", SHAPES)
def test_any_field_of_any_kind_of_record_can_be_missing_or_have_another_value(simulator, estate, kind):
    name = status_of(kind)
    impose(simulator, {"missing": name}, {"kind": kind})
    others = [show() for one, show in estate.items() if one != kind]
    assert [name in record for record in estate[kind]()] == [False]
    impose(simulator, {"field": {"name": name, "value": "<odd> & 'odd'"}}, {"kind": kind})
    assert [record[name] for record in estate[kind]()] == ["<odd> & 'odd'"]
    assert [show() for one, show in estate.items() if one != kind] == others


@pytest.mark.parametrize("kind", SHAPES)
def test_the_fields_that_can_be_imposed_are_those_of_awss_model(simulator, kind):
    service, shape = SHAPES[kind]
    members = botocore.session.get_session().get_service_model(service).shape_for(shape).members
    error = refused(simulator, {"impose": {"missing": "Nonsense"}, "on": {"kind": kind}})
    assert error == f"field is 'Nonsense'; allowed: {', '.join(sorted(members))}"


@pytest.mark.parametrize("value", [None, "alias/x", "1234abcd-12ab-34cd-56ef-1234567890ab", f"arn:aws:kms:{EAST}:{OWN}:alias/x"])
def test_the_key_of_one_snapshot_can_be_absent_an_alias_or_an_id(simulator, value):
    key = simulator.key("k1")
    simulator.database(StorageEncrypted=True, KmsKeyId=key)
    for name in ("a", "b"):
        simulator.snapshot(name)
    what = {"missing": "KmsKeyId"} if value is None else {"field": {"name": "KmsKeyId", "value": value}}
    impose(simulator, what, {"kind": "snapshot", "resource": "a"})
    assert [found.get("KmsKeyId") for found in snapshots(simulator)] == [value, key]
    assert [found["Encrypted"] for found in snapshots(simulator)] == [True, True]


def test_several_fields_of_one_record_can_be_odd_at_once(simulator):
    simulator.database()
    simulator.snapshot("a", Tags=[{"Key": "k", "Value": "v"}])
    on = {"kind": "snapshot", "account": OWN, "region": EAST, "resource": f"arn:aws:rds:{EAST}:{OWN}:snapshot:a"}
    impose(simulator, {"missing": "SnapshotCreateTime"}, on)
    impose(simulator, {"missing": "TagList"}, on)
    impose(simulator, {"field": {"name": "DBInstanceIdentifier", "value": "arn:aws:rds::db:"}}, on)
    (found,) = snapshots(simulator, DBInstanceIdentifier="orders")
    assert "SnapshotCreateTime" not in found and "TagList" not in found
    assert found["DBInstanceIdentifier"] == "arn:aws:rds::db:"
    assert found["DBSnapshotIdentifier"] == "a"


def test_an_account_that_a_snapshot_is_shared_with_sees_its_odd_fields(simulator):
    simulator.database()
    simulator.snapshot("a")
    simulator.share("a", OTHER)
    impose(simulator, {"missing": "Engine"}, {"kind": "snapshot", "account": OWN})
    (found,) = snapshots(simulator, OTHER, SnapshotType="shared")
    assert "Engine" not in found


def test_an_error_has_awss_text_and_concerns_the_chosen_requests(simulator):
    simulator.database()
    simulator.snapshot("a")
    message = "The snapshot requires a target option group with the following options: [Timezone]"
    error = {"code": "InvalidParameterValue", "message": message, "http_status": 400}
    impose(simulator, {"error": error}, {"action": "CopyDBSnapshot", "account": OWN, "region": WEST, "resource": "*:snapshot:a"}, times=1)
    source = f"arn:aws:rds:{EAST}:{OWN}:snapshot:a"
    copy = lambda region, name: simulator.client(region=region).copy_db_snapshot(
        SourceDBSnapshotIdentifier=source, TargetDBSnapshotIdentifier=name)
    copy(EAST, "b")
    with pytest.raises(ClientError) as caught:
        copy(WEST, "a")
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == ("InvalidParameterValue", message)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    # Once, as requested; and the refused copy does not exist.
    assert snapshots(simulator, DBSnapshotIdentifier="b")[0]["Status"] == "available"
    assert simulator.client(region=WEST).describe_db_snapshots()["DBSnapshots"] == []
    copy(WEST, "a")
    assert simulator.admin("impositions") == (200, [])


def test_a_key_and_a_global_datastore_can_be_refused_in_their_own_protocols(simulator):
    key = simulator.key("k1")
    impose(simulator, {"error": {"code": "AccessDeniedException", "message": "no", "http_status": 400}}, {"action": "DescribeKey"})
    failure = {"code": "InternalFailure", "message": "odd", "http_status": 500}
    impose(simulator, {"error": failure}, {"action": "DescribeGlobalReplicationGroups"})
    with pytest.raises(ClientError, match="AccessDeniedException.*no"):
        simulator.client(service="kms").describe_key(KeyId=key)
    with pytest.raises(ClientError) as caught:
        simulator.client(service="elasticache").describe_global_replication_groups()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_impositions_are_listed_are_in_the_dump_and_are_lifted_one_by_one_or_together(simulator):
    simulator.database()
    first = impose(simulator, {"status": "failed"}, {"kind": "instance", "resource": "o*"}, for_seconds=3600)
    second = impose(simulator, {"error": {"code": "X", "message": "y"}}, {"action": "DescribeDBSnapshots"}, times=5)
    with pytest.raises(ClientError):
        snapshots(simulator)
    status, listed = simulator.admin("impositions")
    until = listed[0].pop("until")
    assert (status, listed) == (200, [
        {"id": first, "impose": {"status": "failed"}, "on": {"kind": "instance", "resource": "o*"}, "for_seconds": 3600, "refusals": 0},
        {"id": second, "impose": {"error": {"code": "X", "message": "y", "http_status": 400}}, "on": {"action": "DescribeDBSnapshots"},
         "times": 5, "until": None, "refusals": 1},
    ])
    assert until.endswith("Z")
    assert [one["id"] for one in simulator.admin("world")[1]["impositions"]] == [first, second]
    assert lift(simulator, "impositions/99") == (404, {"error": f"there is no impositions/99; in force: {first}, {second}"})
    assert lift(simulator, "impositions") == (200, {"lifted": 2})
    assert lift(simulator, "impositions") == (200, {"lifted": 0})
    assert snapshots(simulator) == []


def test_the_examples_of_the_readme_are_accepted_as_written(simulator):
    section = (ROOT / "simulator" / "README.md").read_text().partition("## Impositions")[2].partition("\n## ")[0]
    examples, start = [], section.find('{"impose"')
    while start >= 0:
        example, length = json.JSONDecoder().raw_decode(section[start:])
        examples.append(example)
        start = section.find('{"impose"', start + length)
    assert len(examples) == 5
    for number, example in enumerate(examples, 1):
        assert simulator.admin("impositions", example) == (200, {"id": number})


def test_a_reset_lifts_everything(simulator):
    impose(simulator, {"error": {"code": "X", "message": "y"}})
    assert simulator.admin("reset", {}) == (200, {})
    assert simulator.admin("impositions") == (200, [])


@pytest.mark.parametrize("body,said", [
    ({}, "missing field `impose`"),
    ({"impose": {"state": "x"}}, "unknown variant `state`, expected one of `status`, `error`, `missing`, `field`"),
    ({"impose": {"status": "x"}, "on": {"kind": "bucket"}}, "unknown variant `bucket`, expected one of `instance`, `snapshot`, `cluster`,"),
    ({"impose": {"status": "x"}, "on": {"id": "a"}}, "unknown field `id`, expected one of `account`, `region`, `kind`,"),
    ({"impose": {"status": "x"}, "on": {"kind": "snapshot"}, "seconds": 1}, "unknown field `seconds`, expected one of"),
    ({"impose": {"status": "x"}}, "kind is missing, which a status needs; allowed: instance, snapshot, cluster,"),
    ({"impose": {"missing": "KmsKeyId"}}, "kind is missing, which a field needs; allowed: instance, snapshot, cluster,"),
    ({"impose": {"error": {"code": "X", "message": "y"}}, "on": {"action": "Copy"}}, "action is 'Copy'; allowed: AddTagsToResource,"),
    ({"impose": {"error": {"code": "X", "message": "y", "http_status": 200}}}, "http_status is '200'; allowed: 400 to 599"),
    ({"impose": {"status": "x"}, "on": {"account": "1", "kind": "snapshot"}}, "'1' is not a"),
])
def test_an_invalid_imposition_is_refused_with_the_allowed_values(simulator, body, said):
    assert said in refused(simulator, body)
