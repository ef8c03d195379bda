"""docs/aws.md as data, the tests that it cites, and every disagreement between them."""

import ast
import re
from collections import Counter
from dataclasses import dataclass

from checks.files import ROOT

PAGE = ROOT / "docs" / "aws.md"
EVIDENCE = ("recorded", "model", "documented", "unverified")


@dataclass(frozen=True)
class Rule:
    """A row of the page. `tests` are (path, function)."""

    id: str
    text: str
    evidence: str
    source: str
    tests: tuple


def rows(text):
    """The cells of every row of the tables of rules."""
    for table in re.findall(r"^\| Id \|.*\n\|[-|]+\n((?:\|.*\n)*)", text, re.M):
        for line in table.splitlines():
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def rule(cells):
    """A row as a rule. A cell that does not have its form is kept as it is, for `faults` to name."""
    name, text, evidence, tests = (cells + [""] * 4)[:4]
    found = re.fullmatch(r"\*(\w+)\*(?:: (.+))?", evidence)
    cited = tuple((path, function) for function, path in re.findall(r"\[(\w+)\]\(\.\./([^)]+)\)", tests))
    return Rule(name.strip("`"), text, found[1] if found else evidence, found[2] or "" if found else "", cited)


def rules(text):
    return [rule(cells) for cells in rows(text)]


def counts(text):
    """The numbers that the page states at its top."""
    return {kind: int(number) for kind, number in re.findall(r"^\| \*(\w+)\* \|.*\| (\d+) \|$", text, re.M)}


def python_tests(source):
    """{test: the ids of its marker `rule`} of a Python file."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = [mark for mark in node.decorator_list if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule"]
            found[node.name] = [argument.value for mark in marks for argument in mark.args]
    return found


def rust_tests(source):
    """The names of the tests of a Rust file."""
    return set(re.findall(r"#\[(?:tokio::)?test(?:\([^)]*\))?\]\n(?:\s*(?:#\[.*\]|//.*)\n)*\s*(?:async )?fn (\w+)\(", source))


def tests_of(path, root=ROOT):
    """The tests of a file."""
    file = root / path
    if not file.is_file():
        return set()
    return set(python_tests(file.read_text())) if file.suffix == ".py" else rust_tests(file.read_text())


def marked(root=ROOT):
    """{(path, test): the ids it cites} of every Python test; those in tests/rules are included even if they cite nothing."""
    found = {}
    for file in sorted((root / "tests").rglob("test_*.py")):
        for test, ids in python_tests(file.read_text()).items():
            if ids or file.parent.name == "rules":
                found[str(file.relative_to(root)), test] = ids
    return found


def faults(text, root=ROOT):
    """Every disagreement between the page, its counts and the tests."""
    listed, cited_by = rules(text), marked(root)
    by_id = {one.id: one for one in listed}
    yield from (f"{name}: the id is on the page twice" for name, times in Counter(one.id for one in listed).items() if times > 1)
    for one in listed:
        if one.evidence not in EVIDENCE or not one.source:
            yield f"{one.id}: the evidence must be *{'*, *'.join(EVIDENCE)}*, then a colon and its source"
        if not one.text.endswith("."):
            yield f"{one.id}: the rule must be a sentence"
        if not one.tests:
            yield f"{one.id}: no test"
        for path, function in one.tests:
            if function not in tests_of(path, root):
                yield f"{one.id}: there is no test {function} in {path}"
            elif path.endswith(".py") and path.startswith("tests/rules/") and one.id not in cited_by[path, function]:
                yield f"{one.id}: {path}::{function} does not have its marker"
    for (path, function), ids in cited_by.items():
        if not ids:
            yield f"{path}::{function}: no marker `rule`"
        for name in ids:
            if name not in by_id:
                yield f"{path}::{function}: {name} is not on the page"
            elif (path, function) not in by_id[name].tests:
                yield f"{path}::{function}: the row of {name} does not cite it"
    actual = {kind: sum(one.evidence == kind for one in listed) for kind in EVIDENCE}
    if counts(text) != actual:
        yield f"the counts must be {actual}"
