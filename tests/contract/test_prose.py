"""scripts/prose.py counts the words of comments and prose, and leaves code, strings and quoted code alone."""

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
    let quote = '"'; // tells
    /* what /* nested */ told */
    '\\''
}
'''
PYTHON = '''"""How it works: what is told."""
# What?
text = "# what is told"
also = """what is told"""


def what(told):
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
'''
MARKDOWN = '''# Who reads this

Told, as `what` and ``told`` are not, by [what](told/what.md).

```
what told
# What
```

## The rest
'''


@pytest.mark.parametrize("suffix,source,expected", [
    (".rs", RUST, {"what": 2, "told/tell/tells": 3, "asked": 1, "stand(s)": 1, "goes by": 1, "of ours": 1}),
    (".py", PYTHON, {"what": 2, "told/tell/tells": 2, "asked": 1, "stand(s)": 0, "goes by": 0, "of ours": 0}),
    (".yaml", YAML, {"what": 1, "told/tell/tells": 1, "asked": 1, "stand(s)": 1, "goes by": 0, "of ours": 0}),
    (".md", MARKDOWN, {"what": 1, "told/tell/tells": 1, "asked": 0, "stand(s)": 0, "goes by": 0, "of ours": 0}),
])
def test_only_words_of_comments_and_prose_are_counted(suffix, source, expected):
    assert prose.count(prose.READERS[suffix](source).prose).habits == expected


@pytest.mark.parametrize("suffix,source,headers", [
    (".rs", RUST, [(1, "What this file does.")]),
    (".rs", "fn main() {}\n//! What", []),
    (".py", PYTHON, [(1, "How it works: what is told.")]),
    (".md", MARKDOWN, [(1, "Who reads this")]),
    (".md", "# However\n\n## Whatever\n", []),
])
def test_headers_that_begin_with_a_question_word_are_found(suffix, source, headers):
    assert prose.questions(prose.READERS[suffix](source)) == headers


def test_a_habit_is_excessive_above_its_limit_per_thousand_words():
    word = "word " * 998
    assert prose.excesses(prose.count(word + "what what")) == []
    assert prose.excesses(prose.count(word + "what what what")) == ["what"]
    assert prose.excesses(prose.count(word + "told asked")) == ["told/tell/tells"]


def test_only_whole_words_are_counted():
    assert prose.count("whatever untold standing stand-ins retell").habits == dict.fromkeys(prose.HABITS, 0)
