"""The topic of each alarm and message: in the templates, and in the tables of docs/alarms.md."""

import re

from .files import ROOT, SCEPTRE, Tag, template

PAGE = ROOT / "docs" / "alarms.md"
# {a section of the page: the template of its alarms}. The functions' alarms of recovery have a template of their own.
ALARMS = {"Alarms on a worker": ["worker-alarms"], "Announcements": ["notifications"],
          "Alarms on recovery": ["recover-alarms", "recover-worker-alarms"]}
KEYS = "Messages about keys"
TOPICS = {"TopicArn": "page", "Topic": "page", "InformTopicArn": "inform", "InformTopic": "inform"}


def documented(text):
    """{section: {alarm or message: its topic}} of the tables on the page."""
    found, section = {}, ""
    for line in text.splitlines():
        section = line.removeprefix("## ") if line.startswith("## ") else section
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) > 2 and cells[1] in TOPICS.values():
            names = re.findall(r"`(-[a-z-]+)`", cells[0]) or [cells[0]]
            found.setdefault(section, {}).update(dict.fromkeys(names, cells[1]))
    return found


def resources(name):
    return template(SCEPTRE / "templates" / f"{name}.yaml")["Resources"]


def deployed():
    """The same of the templates."""
    found = {section: {} for section in ALARMS}
    for section, names in ALARMS.items():
        for resource in (resource for name in names for resource in resources(name).values() if resource["Type"] == "AWS::CloudWatch::Alarm"):
            alarm = resource["Properties"]
            ((raised,), (over,)) = alarm["AlarmActions"], alarm["OKActions"]
            found[section][alarm["AlarmName"].value.partition("}")[2]] = topic(raised) if raised == over else "two topics"
    return found | {KEYS: {message(rule): topic(target["Arn"]) for rule, target in targets("key-events")}}


def topic(reference):
    return TOPICS[reference.value] if isinstance(reference, Tag) and reference.name == "Ref" else str(reference)


def targets(name):
    for resource in resources(name).values():
        if resource["Type"] == "AWS::Events::Rule":
            (target,) = resource["Properties"]["Targets"]
            yield resource["Properties"], target


def message(rule):
    """The name of a message about a key, as the page has it: the words in capitals, and `policy` before or a verb after them."""
    (target,) = rule["Targets"]
    first = target["InputTransformer"]["InputTemplate"].splitlines()[0]
    return next(name for name in ("policy CHANGED", "ROTATION switched off", "WILL BE DELETED", "IS DELETED", "DISABLED")
                if re.search(name.replace(" ", ".*"), first))
