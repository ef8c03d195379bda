"""What single grants of the policies are there for."""

import pytest
from files import SCEPTRE, template


def actions(document, policy):
    """{action: resources} of a managed policy, conditional statements too."""
    found = {}
    for statement in document["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"]:
        statement = statement if isinstance(statement, dict) else statement.value[1]
        listed = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        found |= dict.fromkeys(listed, statement["Resource"])
    return found


@pytest.mark.parametrize("account,policy,granted", [
    ("destination", "Copy", True), ("destination", "Delete", False),
    ("source", "Take", False), ("source", "Share", False), ("source", "Delete", False), ("recover", "Recover", True),
])
def test_only_what_copies_or_replicates_between_regions_may_reach_another_one(account, policy, granted):
    document = template(SCEPTRE / "templates" / f"policies-{account}.yaml")
    assert ("rds:CrossRegionCommunication" in actions(document, policy)) == granted


@pytest.mark.parametrize("account", ["source", "destination", "recover"])
def test_every_star_has_its_reason_beside_it(account):
    lines = (SCEPTRE / "templates" / f"policies-{account}.yaml").read_text().splitlines()
    stars = [number for number, line in enumerate(lines) if line.strip() == 'Resource: "*"']
    assert stars and all("AWS defines no resource" in lines[number - 1] for number in stars)
