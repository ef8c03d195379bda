"""An evaluator of CloudWatch Logs Insights queries over log lines, with the features that the saved queries use.

A line is an event's text. The evaluator discovers the fields of a JSON line as AWS does. Any other feature is an error. `stats` is not
calculated: its fields must exist in the REPORT lines of every Lambda function.
"""

import json
import re

# The fields that Insights discovers itself, in every log and in the logs of Lambda.
SYSTEM = {"@timestamp", "@message", "@log"}
LAMBDA = {"@type", "@duration", "@maxMemoryUsed"}


def answer(query, lines):
    """The rows of a query, each {displayed field: value}. An absent field is None."""
    rows, shown = [discovered(line) for line in lines], None
    for command in commands(query):
        verb, _, rest = command.partition(" ")
        if verb == "fields" and (parsed := re.fullmatch(r"jsonParse\(@message\) as (\w+)", rest)):
            rows = [row | {parsed.group(1): row["@json"]} for row in rows]
        elif verb == "fields":
            shown = names(rest)
        elif verb == "filter":
            rows = [row for row in rows if holds(rest, row)]
        elif verb == "unnest":
            source, target = re.fullmatch(r"(\S+) into (\w+)", rest).groups()
            rows = [row | {target: item} for row in rows for item in value(source, row) or []]
        elif verb == "display":
            shown = names(rest)
        elif verb not in ("sort", "limit"):
            raise ValueError(f"{verb} is not implemented here")
    return [{name: value(name, row) for name in shown} for row in rows]


def commands(query):
    return [command.strip() for command in query.split("\n| ")]


def names(text):
    return [name.strip() for name in text.split(",")]


def discovered(line):
    """A line's fields: the keys of its JSON object and the fields of the system."""
    try:
        fields = json.loads(line)
    except ValueError:
        fields = {}
    fields = fields if isinstance(fields, dict) else {}
    return fields | {"@message": line, "@timestamp": "now", "@log": "log", "@json": fields}


def value(path, row):
    """The value of a.b.c, or None."""
    found = row
    for part in path.split("."):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found


def holds(condition, row):
    """Whether all comparisons joined by `and` hold. They compare with texts, numbers, lists and patterns, or require presence."""
    return all(compares(part.strip(), row) for part in condition.split(" and "))


def compares(text, row):
    if present := re.fullmatch(r"ispresent\((\S+)\)", text):
        return value(present.group(1), row) is not None
    name, operator, wanted = re.fullmatch(r"(\S+) (=|>|like|in|not in) (.+)", text).groups()
    found = value(name, row)
    if operator == "like":
        return found is not None and re.search(wanted.strip("/"), found) is not None
    wanted = json.loads(wanted)
    if operator == "=":
        return found == wanted
    if operator == ">":
        return found is not None and found > wanted
    return (found in wanted) == (operator == "in")


KEYWORDS = {"fields", "filter", "unnest", "display", "sort", "limit", "stats", "desc", "asc", "and", "like", "in", "not", "by", "as", "into",
            "jsonParse", "ispresent", "count", "avg", "pct", "max", "bin"}


def named(query):
    """Every field that a query reads, without the names that the query defines."""
    words = re.sub(r'"[^"]*"|/[^/\n]*/|\b\d+\w*', " ", query)
    given = {name for _, name in re.findall(r"\b(as|into) (\w+)", words)}
    return set(re.findall(r"@?[A-Za-z_][\w.]*", words)) - KEYWORDS - given
