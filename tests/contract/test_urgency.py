"""Every alarm and message goes to the topic that docs/alarms.md names, and its end follows it there."""

import pytest
from checks.files import Tag, template
from checks.references import configs
from checks.urgency import ALARMS, KEYS, PAGE, SCEPTRE, deployed, documented

TEXT = PAGE.read_text()


@pytest.mark.parametrize("section", [*ALARMS, KEYS])
def test_the_page_lists_the_topic_of_every_alarm_and_message_and_no_other(section):
    assert documented(TEXT)[section] == deployed()[section]


@pytest.mark.parametrize("old,new", [
    ("| `-rpo` (copy) | page |", "| `-rpo` (copy) | inform |"),
    ("| `-drill-silent` | inform |", "| `-drill-loud` | inform |"),
    ("| ROTATION switched off | inform |", "| ROTATION switched off | page |"),
])
def test_a_difference_between_the_page_and_the_templates_is_found(old, new):
    assert old in TEXT
    assert documented(TEXT.replace(old, new)) != deployed()


def test_the_events_of_rds_inform_and_those_about_backups_are_off():
    for group in ("source", "destination"):
        given = configs()[f"{group}/rds-events.yaml"]["parameters"]
        assert given["TopicArn"] == Tag("stack_output", f"{group}/notifications.yaml::InformTopicArn")
        assert given["Categories"] == template(SCEPTRE / "templates" / "rds-events.yaml")["Parameters"]["Categories"]["Default"]
        assert "backup" not in given["Categories"].split(",")


def test_the_chat_shows_both_topics():
    for group in ("source", "destination"):
        assert configs()[f"{group}/chat.yaml"]["parameters"]["TopicArn"] == Tag("stack_output", f"{group}/notifications.yaml::TopicArns")
    value = template(SCEPTRE / "templates" / "notifications.yaml")["Outputs"]["TopicArns"]["Value"]
    assert value == Tag("Sub", "${Topic},${InformTopic}")


def crossed(all_configs):
    """The configs that give a template one topic in place of the other."""
    for name, configured in all_configs.items():
        for parameter in ("TopicArn", "InformTopicArn"):
            given = configured.get("parameters", {}).get(parameter)
            group = name.partition("/")[0]
            if given is not None and given != Tag("stack_output", f"{group}/notifications.yaml::{parameter}"):
                yield name


def test_no_stack_gets_one_topic_in_place_of_the_other():
    of_one_parameter = {f"{group}/{stack}.yaml" for group in ("source", "destination") for stack in ("rds-events", "chat")}
    assert set(crossed(configs())) == of_one_parameter
    planted = configs()
    planted["source/take.yaml"]["parameters"]["InformTopicArn"] = Tag("stack_output", "source/notifications.yaml::TopicArn")
    assert set(crossed(planted)) == of_one_parameter | {"source/take.yaml"}
