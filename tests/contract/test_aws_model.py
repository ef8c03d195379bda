"""The rules whose evidence is AWS's model are in that model, and every error code of the product is on the page of rules."""

import re
from dataclasses import replace

import pytest
from checks.aws_model import STATED, faults, product_codes, unsaid
from checks.aws_page import PAGE, Rule, rules

GOOD = Rule("a", "A snapshot that does not exist is `DBSnapshotNotFound`.", "model", "botocore 1.43, errors of `DeleteDBSnapshot`", ())


def test_every_rule_of_the_model_names_a_part_of_the_model_that_exists():
    assert list(faults(rules(PAGE.read_text()))) == []


@pytest.mark.parametrize("change,expected", [
    ({"source": "botocore 1.43, errors of `DestroyDBSnapshot`"}, ["a: the model of rds has no DestroyDBSnapshot"]),
    ({"source": "botocore 1.43, `DBSnapshot.Colour`"}, ["a: the model of rds has no DBSnapshot.Colour"]),
    ({"source": "botocore 1.43, kms, errors of `DescribeKey`", "text": "It is `AlreadyExistsException`."},
     ["a: DescribeKey does not give AlreadyExistsException"]),
    ({"text": "It is `DBInstanceNotFound`."}, ["a: DeleteDBSnapshot does not give DBInstanceNotFound"]),
    ({"source": "somebody"}, ["a: the source does not name botocore"]),
    ({}, []),
    ({"source": "somebody", "evidence": "recorded"}, []),
])
def test_a_source_that_is_not_in_the_model_is_found(change, expected):
    assert list(faults([replace(GOOD, **change)])) == expected


def test_the_decisive_sentences_are_in_the_model():
    listed = {rule.id: rule for rule in rules(PAGE.read_text())}
    assert {name for name in STATED if "botocore" not in listed[name].source} == set()
    assert unsaid(STATED) == []


def test_a_sentence_that_the_model_does_not_contain_is_found():
    assert unsaid({"a": [("DeleteDBSnapshot", "The DB snapshot may be in any state.")]}) == [("a", "DeleteDBSnapshot")]


def test_every_error_code_of_the_product_is_on_the_page():
    known = product_codes()
    assert len(known) == 13
    named = set(re.findall(r"`(\w+)`", PAGE.read_text()))
    assert {code for codes in known.values() for code in codes} - named == set()
