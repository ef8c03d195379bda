"""KMS keys of snapshots and instances, and the key calls that the product makes."""

import pytest
from accounts import code

REFUSED = ("InvalidParameterValue", "InvalidParameterCombination", "KMSKeyNotAccessibleFault")


@pytest.fixture(scope="module")
def secret(aws):
    """A snapshot under a key that admits the destination, which it is shared with."""
    key = aws.key(users=[aws.destination])
    snapshot = aws.snapshot(aws.own_database(StorageEncrypted=True, KmsKeyId=key))
    aws.share(snapshot)
    assert (snapshot["Encrypted"], snapshot["KmsKeyId"]) == (True, key)
    return snapshot


@pytest.mark.rule("key-required-if-shared", "key-of-the-copy")
def test_a_copy_of_a_shared_encrypted_snapshot_needs_a_key_and_gets_it(aws, secret):
    assert code(aws.copy, snapshot=secret, account=aws.destination) in REFUSED
    own = aws.key(aws.destination)
    assert aws.finished_copy(secret, aws.destination, KmsKeyId=own)["KmsKeyId"] == own


@pytest.mark.rule("key-required-across-regions", "key-of-the-target-region")
def test_a_copy_across_regions_needs_a_key_of_the_target_region(aws, secret):
    assert code(aws.copy, snapshot=secret, region=aws.far) in REFUSED
    assert code(aws.copy, snapshot=secret, region=aws.far, KmsKeyId=secret["KmsKeyId"]) in REFUSED
    far = aws.key(region=aws.far)
    assert aws.finished_copy(secret, region=aws.far, KmsKeyId=far)["KmsKeyId"] == far


@pytest.mark.rule("key-kept-without-one")
def test_a_copy_in_the_same_account_and_region_keeps_the_key(aws, secret):
    assert aws.finished_copy(secret)["KmsKeyId"] == secret["KmsKeyId"]


@pytest.mark.rule("key-encrypts-unencrypted")
def test_a_key_encrypts_the_copy_of_an_unencrypted_snapshot(aws):
    key = aws.key()
    copied = aws.finished_copy(aws.one_snapshot(), KmsKeyId=key)
    assert (copied["Encrypted"], copied["KmsKeyId"]) == (True, key)


@pytest.mark.rule("key-of-source-must-admit")
def test_the_key_of_the_source_must_admit_the_account_that_copies(aws):
    snapshot = aws.snapshot(aws.own_database(StorageEncrypted=True, KmsKeyId=aws.key()))
    aws.share(snapshot)
    own = aws.key(aws.destination)
    assert code(aws.copy, snapshot=snapshot, account=aws.destination, KmsKeyId=own) == "KMSKeyNotAccessibleFault"


@pytest.mark.rule("key-not-accessible")
def test_a_key_that_is_disabled_or_does_not_exist_is_not_accessible(aws, secret):
    own = aws.key(aws.destination)
    aws.client(aws.destination, service="kms").disable_key(KeyId=own)
    for key in [own, own.rsplit("/", 1)[0] + "/00000000-0000-0000-0000-000000000000"]:
        assert code(aws.copy, snapshot=secret, account=aws.destination, KmsKeyId=key) == "KMSKeyNotAccessibleFault"
    aws.client(aws.destination, service="kms").enable_key(KeyId=own)
    aws.finished_copy(secret, aws.destination, KmsKeyId=own)


@pytest.mark.rule("key-default-from-first-use", "kms-default-key-alias")
def test_the_default_key_is_managed_by_aws_and_has_an_alias(aws):
    instance = aws.instance(aws.database(StorageEncrypted=True))
    described = aws.client(service="kms").describe_key(KeyId="alias/aws/rds")["KeyMetadata"]
    assert (described["Arn"], described["KeyManager"]) == (instance["KmsKeyId"], "AWS")


@pytest.mark.rule("key-default-from-first-use")
@pytest.mark.simulator_only("it needs an account that has never encrypted a database")
def test_there_is_no_default_key_before_its_first_use(aws):
    kms = aws.client(aws.fresh_account(), service="kms")
    assert code(kms.describe_key, KeyId="alias/aws/rds") == "NotFoundException"


@pytest.mark.rule("kms-state", "kms-unknown-key")
def test_the_state_of_a_key_is_described(aws):
    kms, key = aws.client(service="kms"), aws.key()
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (described["Arn"], described["KeyState"], described["Enabled"], described["KeyManager"]) == (key, "Enabled", True, "CUSTOMER")
    kms.disable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    unknown = key.rsplit("/", 1)[0] + "/00000000-0000-0000-0000-000000000000"
    assert code(kms.describe_key, KeyId=unknown) == "NotFoundException"


@pytest.mark.rule("kms-access-denied")
def test_a_key_of_another_account_is_described_only_if_it_admits_the_caller(aws):
    kms = aws.client(aws.destination, service="kms")
    assert code(kms.describe_key, KeyId=aws.key()) == "AccessDeniedException"
    key = aws.key(users=[aws.destination])
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["AWSAccountId"] == aws.source
