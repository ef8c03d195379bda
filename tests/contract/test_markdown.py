"""The documents: their links and paths exist, their headings name a subject, and pages with a fixed form keep it."""

import re

import pytest
from checks.files import ROOT
from scripts.prose import QUESTION, of_markdown

ABOVE = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
BESIDE = ["simulator/README.md", "sceptre/README.md"]
PAGES = [*(ROOT / name for name in ABOVE + BESIDE), *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
QUESTIONS = ROOT / "docs" / "developing.md"


def name(path):
    return str(path.relative_to(ROOT))


def prose(text):
    """The text without its blocks of code and `code in backticks`."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.S | re.M))


def anchors(text):
    """The anchors of all headings, as GitHub and GitLab make them."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for _, heading in of_markdown(text).headers}


def broken(path, text):
    """Findings for relative links of a page to a file or a heading that does not exist."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or not there.is_relative_to(ROOT):
            yield f"{target}: there is no such file"
        elif anchor and anchor not in anchors(text if there == path else there.read_text()):
            yield f"{target}: there is no such heading"


def missing(text):
    """The paths in backticks that do not exist. Placeholders such as GROUP are skipped. {a,b} means both paths."""
    top = "|".join(sorted(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir() and path.name not in ("target", ".venv")))
    for path in re.findall(rf"`((?:{top})/[^`\s]*)`", text):
        if re.search(r"[A-Z]{4}|[*…]", path):
            continue
        choice = re.search(r"\{([^}]*)\}", path)
        for candidate in [path.replace(choice[0], part) for part in choice[1].split(",")] if choice else [path]:
            if not (ROOT / candidate).exists():
                yield candidate


def answers(text):
    """[(question, its paths)] of the section with the ten questions."""
    section = re.search(r"^## Ten questions\n(.*?)(?=^## )", text, re.S | re.M)
    rows = [line.strip("|").split("|") for line in section[1].splitlines() if line.startswith("|")]
    return [(question.strip(), re.findall(r"`([^`]+)`", answer)) for question, answer in rows[2:]]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_link_leads_to_a_file_or_heading_of_the_repository(path):
    assert list(broken(path, path.read_text())) == []


@pytest.mark.parametrize("link,problem", [
    ("[a](docs/absent.md)", "docs/absent.md: there is no such file"),
    ("![a](docs/absent.svg)", "docs/absent.svg: there is no such file"),
    ("[a](../outside.md)", "../outside.md: there is no such file"),
    ("[a](#absent)", "#absent: there is no such heading"),
    ("[a](docs/operating.md#absent)", "docs/operating.md#absent: there is no such heading"),
])
def test_a_broken_link_is_found(link, problem):
    assert list(broken(ROOT / "README.md", link)) == [problem]


@pytest.mark.parametrize("path", [path for path in PAGES if path.name != "CHANGELOG.md"], ids=name)
def test_every_path_that_a_page_names_exists(path):
    assert list(missing(path.read_text())) == []


def test_a_path_that_does_not_exist_is_found():
    text = "`docs/absent.md` `sceptre/config/{source,nowhere}/` `sceptre/config/GROUP/parameters.yaml` `cli/src` absent/too"
    assert list(missing(text)) == ["docs/absent.md", "sceptre/config/nowhere/"]


def test_links_to_other_sites_and_links_in_code_are_not_checked():
    text = "# A heading\n[a](https://example.com/x) [b](LICENSE) [c](#a-heading) `[d](absent.md)`\n```\n[e](absent.md)\n```\n"
    assert list(broken(ROOT / "README.md", text)) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_heading_begins_with_a_question_word(path):
    assert [heading for _, heading in of_markdown(path.read_text()).headers if QUESTION.match(heading)] == []


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


def test_each_of_the_ten_questions_is_answered_by_one_path_that_exists():
    found = answers(QUESTIONS.read_text())
    assert len(found) == 10
    assert [question for question, paths in found if len(paths) != 1 or not (ROOT / paths[0]).exists()] == []


def test_the_diagrams_have_a_title_a_description_and_colours_for_dark_pages():
    for diagram in ("overview.svg", "copy-ways.svg"):
        text = (ROOT / "docs" / diagram).read_text()
        assert "<title" in text and "<desc" in text and "prefers-color-scheme: dark" in text, diagram
