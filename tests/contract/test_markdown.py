"""The documents: their links and paths exist, their headings name a subject, and pages with a fixed form keep it."""

import re

import pytest
from checks import pages
from checks.files import ROOT
from scripts.prose import QUESTION

PAGES = [ROOT / name for name in sorted(pages.tracked()) if name.endswith(".md") and not name.startswith("tests/upgrade/")]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
QUESTIONS = ROOT / "docs" / "developing.md"
# Files that a program or a user writes.
OUTSIDE = {"ages.html", "bom.cdx.json", "manifest.json", "mine.yaml", "outage.toml", "summary.json"}


def name(path):
    return str(path.relative_to(ROOT))


def answers(text):
    """[(question, its paths)] of the section with the ten questions."""
    section = re.search(r"^## Ten questions\n(.*?)(?=^## )", text, re.S | re.M)
    rows = [line.strip("|").split("|") for line in section[1].splitlines() if line.startswith("|")]
    return [(question.strip(), re.findall(r"`([^`]+)`", answer)) for question, answer in rows[2:]]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_leads_to_a_file_or_heading_of_the_repository(path):
    assert list(pages.broken(path, path.read_text())) == []


NO_FILE, NO_HEADING, NO_LINK = "there is no such file", "there is no such heading", "this is not a link"


@pytest.mark.parametrize("text,problem", [
    ("[a](docs/absent.md)", f"docs/absent.md: {NO_FILE}"),
    ("![a](docs/absent.svg)", f"docs/absent.svg: {NO_FILE}"),
    ("[a](../outside.md)", f"../outside.md: {NO_FILE}"),
    ("[a](/docs)", f"/docs: {NO_FILE}"),
    ("[a](docs/Operating.md)", f"docs/Operating.md: {NO_FILE}"),
    ("[a](docs/operating.md/)", f"docs/operating.md/: {NO_FILE}"),
    ("[a](.git/config)", f".git/config: {NO_FILE}"),
    ('[a](docs/absent.md "title")', f"docs/absent.md: {NO_FILE}"),
    ("[a](<docs/absent page.md>)", f"docs/absent page.md: {NO_FILE}"),
    ("[a]( docs/absent.md )", f"docs/absent.md: {NO_FILE}"),
    ("[a][r]\n\n[r]: docs/absent.md", f"docs/absent.md: {NO_FILE}"),
    ("[r]: docs/absent.md", f"docs/absent.md: {NO_FILE}"),
    ('<a href="docs/absent.md">a</a>', f"docs/absent.md: {NO_FILE}"),
    ("a <img src='docs/absent.svg'>", f"docs/absent.svg: {NO_FILE}"),
    ('<source srcset="docs/absent.svg">', f"docs/absent.svg: {NO_FILE}"),
    ("| a |\n|---|\n| [a](docs/absent.md) |", f"docs/absent.md: {NO_FILE}"),
    ("[a](#absent)", f"#absent: {NO_HEADING}"),
    ("[a](docs/operating.md#absent)", f"docs/operating.md#absent: {NO_HEADING}"),
    ("[a](docs/operating.md#)", f"docs/operating.md#: {NO_HEADING}"),
    ("[a](docs#a)", f"docs#a: {NO_HEADING}"),
    ("[a](Makefile#a)", f"Makefile#a: {NO_HEADING}"),
    ("##  A  b\n\n[a](#a--b)", f"#a--b: {NO_HEADING}"),
    ("# A\n\n[a](#a-1)", f"#a-1: {NO_HEADING}"),
    ("[a]()", "a link has no target"),
    ("[a][nope]", f"[a][nope]: {NO_LINK}"),
    ("[a](docs/absent page.md)", f"](docs/absent page.md): {NO_LINK}"),
    ("[a](docs/\nabsent.md)", f"](docs/: {NO_LINK}"),
    ("a ` b [c](docs/absent.md) ` d", f"b [c](docs/absent.md): {NO_LINK}"),
])
def test_a_broken_link_is_found(text, problem):
    assert list(pages.broken(ROOT / "README.md", text)) == [problem]


@pytest.mark.parametrize("text", [
    "[a](https://example.com/x) [b](LICENSE) [c](docs) [d](docs/) [e](.) <https://example.com>",
    "# A heading\n[c](#a-heading)",
    "`[d](absent.md)`\n```\n[e](absent.md)\n```\n\n    [f](absent.md)\n",
    "# A\n# A\n[a](#a) [b](#a-1)",
    "A b\n===\n[a](#a-b)",
    "# A [link](LICENSE) and `code_here`\n[a](#a-link-and-code_here)",
    '<a id="x"></a>\n\n[a](#x)',
    "[a][r] [r] [r][]\n\n[r]: LICENSE",
    "- [ ] a task, `list[0][1]` and [a bracket]",
])
def test_sound_links_links_to_other_sites_and_links_in_code_are_admitted(text):
    assert list(pages.broken(ROOT / "README.md", text)) == []


@pytest.mark.parametrize("path", [path for path in PAGES if path.name != "CHANGELOG.md"], ids=name)
def test_every_path_and_every_target_of_make_that_a_page_names_exists(path):
    assert list(pages.missing(path.read_text(), OUTSIDE)) == []


def test_no_file_outside_the_repository_is_listed_needlessly():
    found = {path for page in PAGES if page.name != "CHANGELOG.md" for path in pages.missing(page.read_text())}
    assert found == OUTSIDE


@pytest.mark.parametrize("text,path", [
    ("`docs/absent.md`", "docs/absent.md"),
    ("``docs/absent.md``", "docs/absent.md"),
    ("`docs/absent`", "docs/absent"),
    ("`README2.md`", "README2.md"),
    ("`Cargo.tom`", "Cargo.tom"),
    ("`./docs/absent.md`", "./docs/absent.md"),
    ("`../docs/absent`", "../docs/absent"),
    ("`kinds/absent.rs`", "kinds/absent.rs"),
    ("`register.rs`", "register.rs"),
    ("`gistry.rs`", "gistry.rs"),
    ("`cat docs/absent.md`", "docs/absent.md"),
    ("```\ncat docs/absent.md\n```", "docs/absent.md"),
    ("- a\n\n  ~~~~\n  cat docs/absent.md\n  ~~~~", "docs/absent.md"),
    ("`docs/ABSENT.md`", "docs/ABSENT.md"),
    ("`docs/README.md`", "docs/README.md"),
    ("`docs/*.absent`", "docs/*.absent"),
    ("`docs/operating.md/`", "docs/operating.md/"),
    ("`sceptre/config/{source,nowhere}/`", "sceptre/config/nowhere/"),
    ("`sceptre/config/{source, nowhere}/`", "sceptre/config/nowhere/"),
    ("`sceptre/config/GROUP/absent.yaml`", "sceptre/config/GROUP/absent.yaml"),
    ("`make nothing`", "make nothing"),
    ("```sh\ncd docs && make test nothing\n```", "make nothing"),
])
def test_a_path_or_a_target_that_does_not_exist_is_found(text, path):
    assert list(pages.missing(text)) == [path]


@pytest.mark.parametrize("text", [
    "`cli/src` absent/too docs/absent.md",
    "`sceptre/config/GROUP/parameters.yaml` `docs/decisions/NNN-*.md` `sceptre/config/{source,destination}/`",
    "`registry.rs` `kinds/refresh.rs` `src/lib.rs` `./docs/` `../docs/operating.md` `Makefile` `Cargo.toml`",
    "`make test`, `make group NAME=x FROM=source`, `make` and `they make nothing`",
    "`/etc/absent.toml` `--file.md` `app/pilot-light-…` `1.5` `a.b`",
])
def test_paths_that_exist_placeholders_and_other_code_are_admitted(text):
    assert list(pages.missing(text)) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_heading_begins_with_a_question_word(path):
    assert [heading for heading in pages.Page(path.read_text()).headings() if QUESTION.match(heading)] == []


def test_the_readme_is_short_and_names_the_two_commands():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 120
    assert {"make demo", "make test"} <= set(text.splitlines())


@pytest.mark.parametrize("path", DECISIONS, ids=name)
def test_a_decision_has_a_number_a_date_and_a_status(path):
    text = path.read_text()
    assert re.match(rf"# {path.name[:3]}: \S", text)
    assert re.search(r"^Date: 20\d\d-[01]\d-[0-3]\d$", text, re.M)
    assert re.search(r"^Status: (proposed|accepted|superseded by \d{3})$", text, re.M)


def test_decisions_are_numbered_without_a_gap():
    assert [path.name[:3] for path in DECISIONS] == [f"{number:03}" for number in range(1, len(DECISIONS) + 1)]


def unanswered(found):
    """The findings about questions and their paths. An answer is one path below a folder of the repository."""
    if len(found) != 10 or len({question for question, _ in found}) != len(found):
        yield "there must be ten questions, and no question twice"
    for question, paths in found:
        if not question or len(paths) != 1 or "/" not in paths[0].rstrip("/") or not pages.exists(paths[0]):
            yield f"{question}: {paths}"


def test_each_of_the_ten_questions_is_answered_by_one_path_that_exists():
    assert list(unanswered(answers(QUESTIONS.read_text()))) == []


@pytest.mark.parametrize("question,paths", [
    ("a", ["Makefile"]),
    ("a", ["."]),
    ("a", ["/etc"]),
    ("a", ["../"]),
    ("a", ["docs"]),
    ("a", ["docs/absent.md"]),
    ("a", []),
    ("a", ["docs/style.md", "docs/faults.md"]),
    ("", ["docs/style.md"]),
    ("0", ["docs/style.md"]),
])
def test_a_question_without_an_answer_is_found(question, paths):
    others = [(str(number), ["docs/style.md"]) for number in range(9)]
    assert list(unanswered([*others, ("9", ["cli/src/schedule/"])])) == []
    assert len(list(unanswered([*others, (question, paths)]))) == 1


def test_the_diagrams_have_a_title_a_description_and_colours_for_dark_pages():
    for diagram in ("overview.svg", "copy-ways.svg"):
        text = (ROOT / "docs" / diagram).read_text()
        assert "<title" in text and "<desc" in text and "prefers-color-scheme: dark" in text, diagram
