"""docs/aws.md is complete: each rule has tests that exist, each test of a rule has its row, and the counts are right."""

import pytest
from checks.aws_page import PAGE, faults, python_tests, rules, rust_tests

GOOD = """| *recorded* | a | 1 |
| *model* | b | 0 |
| *documented* | c | 1 |
| *unverified* | d | 0 |

| Id | Rule | Evidence | Test |
|---|---|---|---|
| `a` | A is so. | *recorded*: x/y #1 | [test_a](../tests/rules/test_a.py) |
| `b` | B is so. | *documented*: a page | [b_is_so](../world/b.rs), [test_b](../tests/local/test_b.py) |
"""
TESTS = {
    "tests/rules/test_a.py": "import pytest\n\n\n@pytest.mark.rule('a')\ndef test_a(aws):\n    pass\n",
    "tests/local/test_b.py": "def test_b():\n    pass\n",
    "world/b.rs": "#[test]\nfn b_is_so() {\n}\n",
}


def written(root, files=()):
    for path, text in {**TESTS, **dict(files)}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_the_page_and_the_tests_agree():
    assert list(faults(PAGE.read_text())) == []


def test_a_page_that_agrees_with_its_tests_has_no_fault(tmp_path):
    assert list(faults(GOOD, written(tmp_path))) == []
    assert [one.id for one in rules(GOOD)] == ["a", "b"]


@pytest.mark.parametrize("old,new,fault", [
    ("[test_a](../tests/rules/test_a.py) |", " |", "a: no test"),
    ("[test_a](../tests/rules/test_a.py) |", "`test_a` |", "a: no test"),
    ("b_is_so", "b_was_so", "b: there is no test b_was_so in world/b.rs"),
    ("test_b]", "test_c]", "b: there is no test test_c in tests/local/test_b.py"),
    ("world/b.rs", "world/c.rs", "b: there is no test b_is_so in world/c.rs"),
    ("| a | 1 |", "| a | 2 |", "the counts must be {'recorded': 1, 'model': 0, 'documented': 1, 'unverified': 0}"),
    ("*recorded*: x/y #1", "*recorded*", "a: the evidence must be *recorded*, *model*, *documented*, *unverified*, then a colon and its source"),
    ("B is so.", "B", "b: the rule must be a sentence"),
    ("`b`", "`a`", "a: the id is on the page twice"),
    ("`a`", "`c`", "tests/rules/test_a.py::test_a: a is not on the page"),
])
def test_a_fault_of_the_page_is_found(tmp_path, old, new, fault):
    assert GOOD.count(old) == 1
    assert fault in list(faults(GOOD.replace(old, new), written(tmp_path)))


@pytest.mark.parametrize("path,text,fault", [
    ("tests/rules/test_a.py", "def test_a(aws):\n    pass\n", "tests/rules/test_a.py::test_a: no marker `rule`"),
    ("tests/rules/test_a.py", TESTS["tests/rules/test_a.py"].replace("test_a", "test_b"), "a: there is no test test_a in tests/rules/test_a.py"),
    ("tests/rules/test_a.py", TESTS["tests/rules/test_a.py"].replace("'a'", "'a', 'b'"),
     "tests/rules/test_a.py::test_a: the row of b does not cite it"),
    ("tests/rules/test_c.py", TESTS["tests/rules/test_a.py"].replace("'a'", "'c'"), "tests/rules/test_c.py::test_a: c is not on the page"),
    ("world/b.rs", "fn b_is_so() {\n}\n", "b: there is no test b_is_so in world/b.rs"),
])
def test_a_fault_of_the_tests_is_found(tmp_path, path, text, fault):
    assert fault in list(faults(GOOD, written(tmp_path, {path: text})))


def test_tests_are_found_with_all_their_attributes():
    assert rust_tests("#[test]\nfn a() {}\n#[tokio::test(start_paused = true)]\nasync fn b() {}\n#[test]\n#[should_panic]\nfn c() {}\nfn d() {}") == {"a", "b", "c"}
    assert python_tests("@pytest.mark.rule('x')\n@pytest.mark.simulator_only('y')\ndef test_a(aws): pass\ndef b(): pass") == {"test_a": ["x"]}
