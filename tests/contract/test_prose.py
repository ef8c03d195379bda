"""scripts/prose.py counts the words of comments, messages and prose, and leaves code, short strings and quoted code alone."""

import pytest
from scripts import prose

RUST = '''//! What this file does.
//! It was told so.

/// Asked for, as `what` is not. Goes
/// by the name of ours.
/// ```
/// let what = told;
/// ```
fn what(told: &str) -> char {
    let url = "http://told.example // what"; // It stands.
    let raw = r#"what // "told" "#;
    let message = format!("the snapshot {what} is told {told}");
    let quote = '"'; // tells
    /* what /* nested */ told */
    '\\''
}
fn what_cannot_be_is_refused() {}
'''
PYTHON = '''"""How it works: what is told."""
# What?
text = "# what"
also = """The worker was told to stop."""
message = f"the snapshot {what} was told of"


class Told:
    asked: str
    """Told of `what`."""


def test_what_is_told():
    """Tells of `what`."""
    return told  # asked
'''
YAML = '''# What is told.
Key: "# what"  # asked
Other: 'it''s # told'
Text: |
  # what is told

  # what is asked
Fold: >-
  what # told
Next: 1 # stands
Description: !Sub >-
  The worker was
  told.
TopicDescription: "told"
'''
HASHES = '''#!/usr/bin/env what
# What every change must pass
run "# told" '# told' $# ${told#what} # asked
all: deps ## Told
description = "What it knows"
'''
JSON = '{"Comment": "What is told", "States": {"what": {"Comment": "asked", "Cause": "told", "Other": "told"}}}'
MARKUP = "<svg><title>What is told</title><!-- asked --><style>told</style><text what='told'>told</text></svg>"
MARKDOWN = '''# Who reads this

Told, as `what` and ``told`` are not, by [what](told/what.md) and [r].

```
what told
# What
```
````md
``` told
# What
```
````
~~~ x
``` what
~~~
```x``` asked

[r]: told/what.md

## The rest
'''


def habits(*counts):
    return dict(zip(prose.HABITS, counts))


@pytest.mark.parametrize("name,source,expected", [
    ("a.rs", RUST, habits(3, 4, 1, 1, 1, 1)),
    ("a.py", PYTHON, habits(3, 6, 1, 0, 0, 0)),
    ("a.pyi", PYTHON, habits(3, 6, 1, 0, 0, 0)),
    ("a.yaml", YAML, habits(1, 3, 1, 1, 0, 0)),
    ("Makefile", HASHES, habits(2, 1, 1, 0, 0, 0)),
    (".ci/run", HASHES, habits(2, 1, 1, 0, 0, 0)),
    ("a.toml", HASHES, habits(2, 1, 1, 0, 0, 0)),
    ("a.asl.json", JSON, habits(1, 2, 1, 0, 0, 0)),
    ("a.svg", MARKUP, habits(1, 2, 1, 0, 0, 0)),
    ("a.md", MARKDOWN, habits(1, 1, 1, 0, 0, 0)),
    ("a.markdown", MARKDOWN, habits(1, 1, 1, 0, 0, 0)),
])
def test_only_words_of_comments_messages_and_prose_are_counted(name, source, expected):
    assert prose.count(prose.read(name, source).prose).habits == expected


@pytest.mark.parametrize("name,source,headers", [
    ("a.rs", RUST, [(1, "What this file does."), (14, "what /* nested */ told")]),
    ("a.rs", "\n#![allow(x)]\n//! What", [(3, "What")]),
    ("a.rs", "//!  What", [(1, "What")]),
    ("a.rs", "\ufeff//! What", [(1, "What")]),
    ("a.rs", "//! # What", [(1, "# What")]),
    ("a.rs", "/*! What */", [(1, "What")]),
    ("a.rs", "/**\n * What\n */", [(1, "What")]),
    ("a.rs", "//! One.\n//!\n//! # How\n", [(3, "# How")]),
    ("a.rs", "/// One.\n/// What it is.\nfn what() {}", []),
    ("a.rs", 'fn main() { f("What") }', []),
    ("a.py", PYTHON, [(2, "What?"), (1, "How it works: what is told.")]),
    ("a.py", 'def f():\n    """\n    which one\n    """', [(2, "which one")]),
    ("a.yaml", YAML, [(1, "What is told.")]),
    ("a.yaml", "Description: >-\n  What it is", [(1, "What it is")]),
    (".ci/run", HASHES, [(2, "What every change must pass"), (5, "What it knows")]),
    ("requirements.in", "# what of Python", [(1, "what of Python")]),
    ("a.json", JSON, [(1, "What is told")]),
    ("a.svg", MARKUP, [(1, "What is told")]),
    ("a.html", "<style>p { }</style>\n<h1>Who</h1>", [(2, "Who")]),
    ("a.md", MARKDOWN, [(1, "# Who reads this")]),
    ("a.md", "  ## What", [(1, "## What")]),
    ("a.md", "##\tWhat", [(1, "##\tWhat")]),
    ("a.md", "What\n===\n\nHow\n---\n", [(1, "What"), (4, "How")]),
    ("a.md", "text <h2 id='x'>What</h2>", [(1, "What")]),
    ("a.md", "## **What**\n## `What`\n## 1. What\n> ## What\n## what", [
        (1, "## **What**"), (2, "## `What`"), (3, "## 1. What"), (4, "> ## What"), (5, "## what")]),
    ("a.md", "# However\n\n## Whatever\n\nWhat is in a text?\n", []),
])
def test_headers_that_begin_with_a_question_word_are_found(name, source, headers):
    assert prose.read(name, source).questions == headers


@pytest.mark.parametrize("name,source,unclosed", [
    ("a.md", "told\n```\ntold", [(2, "```")]),
    ("a.md", "````\n```\ntold", [(1, "````")]),
    ("a.md", "```\n~~~\ntold", [(1, "```")]),
    ("a.rs", "/// ```\nfn f() {}\n// told", [(1, "```")]),
])
def test_a_block_of_code_without_an_end_is_found_and_its_words_are_counted(name, source, unclosed):
    text = prose.read(name, source)
    assert text.unclosed == unclosed
    assert prose.count(text.prose).habits["told/tell/tells"] >= 1


def test_a_file_of_an_unknown_kind_is_not_passed_over():
    assert prose.read("a.xyz", "told") is None
    assert prose.read("program", "#!/usr/bin/env python3\n# told").prose.split() == ["told"]


def test_each_habit_is_excessive_above_its_limit_per_thousand_words():
    word = "word " * 998
    assert prose.LIMITS.keys() == prose.HABITS.keys()
    assert prose.excesses(prose.count(word + "what what")) == []
    assert prose.excesses(prose.count(word + "what what what")) == ["what"]
    for habit, sample in zip(list(prose.HABITS)[1:], ("told", "asked", "stands", "goes by", "of ours")):
        assert prose.excesses(prose.count(word + sample)) == [habit]


def test_only_whole_words_are_counted():
    assert prose.count("whatever untold standing stand-ins retell").habits == dict.fromkeys(prose.HABITS, 0)


def test_only_frozen_installations_and_the_words_of_others_are_not_read():
    read = prose.files([])
    assert {".ci/run", "Makefile", "Cargo.toml", "docs/overview.svg", "tests/upgrade/test_frozen_files.py"} <= set(read)
    assert not [name for name in read if name.startswith("tests/upgrade/0.1.0/")]


def test_a_path_without_files_and_a_folder_without_git_are_refused(tmp_path):
    with pytest.raises(SystemExit, match="no file of the repository matches docs/absent.md"):
        prose.files(["docs", "docs/absent.md"])
    with pytest.raises(SystemExit, match="reads the files that Git lists"):
        prose.files([], root=tmp_path)
