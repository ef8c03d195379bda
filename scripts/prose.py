"""The count of words in comments, messages and documents. It fails if a word that the style limits occurs too often.

`python3 scripts/prose.py [--by-file] [PATH...]` reads the whole repository if no path is given. It also fails if a header begins with a
question word, if a block of code has no end, and if it cannot read a file. `code in backticks` does not count. docs/style.md has the rules,
and `texts.py` reads the files.
"""

import argparse
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.texts import WORD, reader_of  # noqa: E402: as a program, this file finds its package only now

HABITS = {
    "what": r"\bwhat\b",
    "told/tell/tells": r"\b(?:told|tells?)\b",
    "asked": r"\basked\b",
    "stand(s)": r"\bstands?\b(?!-)",
    "goes by": r"\bgoes\s+by\b",
    "of ours": r"\bof\s+ours\b",
}
# The highest number of each habit in 1,000 words.
LIMITS = {"what": 2.0, "told/tell/tells": 0.2, "asked": 0.2, "stand(s)": 0.2, "goes by": 0.05, "of ours": 0.05}
QUESTION = re.compile(r"[\s#>*_`\"'(\d.)-]*(?:What|Which|How|Who)\b", re.I)
FENCE = re.compile(r"\s*(?:>\s*)*(?:[-*+]\s+|\d+[.)]\s+)?(?:(?P<ticks>`{3,})[^`]*|(?P<waves>~{3,}).*)$")
# Frozen installations keep the words of their version. The other files are generated, are the words of others, or contain samples.
NOT_READ = re.compile(r"tests/upgrade/[^/]+/.*|tests/contract/test_prose\.py|LICENSE|Cargo\.lock|requirements(?:-\w+)?\.txt")


@dataclass
class Text:
    """The prose of one file, and the findings in it: (line, text)."""

    prose: str = ""
    questions: list = field(default_factory=list)
    unclosed: list = field(default_factory=list)


def read(name, source):
    """The text of a file, or None if there is no reader for it."""
    reader, text, parts = reader_of(name, source), Text(), []
    if reader is None:
        return None
    for block in reader(source.removeprefix("\ufeff")):
        lines, unclosed = outside_code(block.text.splitlines())
        parts += [line for _, line in lines] + [""]
        found = [(number, header) for number, header in headers(lines, block.has_header) if QUESTION.match(header)]
        text.questions += [(block.line + number, header.strip()) for number, header in found]
        text.unclosed += [(block.line + unclosed, block.text.splitlines()[unclosed].strip())] if unclosed is not None else []
    text.prose = "\n".join(parts)
    return text


def outside_code(lines):
    """The lines [(number, line)] outside of fenced code, and the number of a fence without an end. Such a fence is no fence."""
    found, opened, inside = [], None, []
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if opened is None and fence:
            opened, inside = (number, fence["ticks"] or fence["waves"]), []
        elif opened is None:
            found.append((number, line))
        elif fence and line.strip("> \t").startswith(opened[1]) and not line.strip("> \t").strip(opened[1][0]):
            opened = None
        else:
            inside.append((number, line))
    return (found, None) if opened is None else (found + inside, opened[0])


def headers(lines, first_is_header):
    """The headers among lines: the first line of the block, and the headings of Markdown and HTML."""
    is_first = first_is_header
    for position, (number, line) in enumerate(lines):
        following = lines[position + 1][1] if position + 1 < len(lines) else ""
        is_underlined = bool(line.strip() and re.fullmatch(r"\s*(?:>\s*)*(?:=+|-+)\s*", following))
        if (is_first and line.strip()) or is_underlined or re.match(r"\s*(?:>\s*)*#{1,6}\s", line):
            yield number, line
        yield from ((number, title) for title in re.findall(r"<h[1-6][^>]*>([^<]*)", line, re.I))
        is_first = is_first and not line.strip()


@dataclass
class Count:
    """The words and habits of one or more files."""

    words: int = 0
    habits: dict = field(default_factory=lambda: dict.fromkeys(HABITS, 0))

    def add(self, other):
        self.words += other.words
        for habit, times in other.habits.items():
            self.habits[habit] += times

    def per_thousand(self, habit):
        return 1000 * self.habits[habit] / self.words if self.words else 0.0


def count(prose):
    """The count of a text without `code in backticks`."""
    plain = re.sub(r"(`+)(?:(?!\1)[^\n]|\n(?!\s*\n))+?\1", " ", prose)
    habits = {habit: len(re.findall(pattern, plain, re.I)) for habit, pattern in HABITS.items()}
    return Count(len(WORD.findall(plain)), habits)


def files(paths, root=ROOT):
    """Every file below the given paths that Git tracks or would add. Ends the program if there is none, or no Git clone."""
    found = set()
    for path in paths or ["."]:
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", path]
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True)
        if listed.returncode:
            sys.exit(f"prose.py reads the files that Git lists: {listed.stderr.strip()}")
        names = {name for name in listed.stdout.split("\0") if name and (root / name).is_file()}
        if not names:
            sys.exit(f"prose.py: no file of the repository matches {path}")
        found |= names
    return sorted(name for name in found if not NOT_READ.fullmatch(name))


def excesses(total):
    """The habits that exceed their limits."""
    return [habit for habit, limit in LIMITS.items() if total.per_thousand(habit) > limit]


def print_by_file(counts):
    print(f"{'words':>7}  " + "  ".join(HABITS))
    for name, counted in sorted(counts.items(), key=lambda item: -sum(item[1].habits.values())):
        if any(counted.habits.values()):
            print(f"{counted.words:7}  " + "  ".join(f"{times:{len(habit)}}" for habit, times in counted.habits.items()) + f"  {name}")
    print()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--by-file", action="store_true", help="also print the counts of each file, the highest counts first")
    arguments.add_argument("paths", nargs="*", metavar="PATH", help="only these files and directories, relative to the repository")
    given = arguments.parse_args()
    total, counts, questions, errors = Count(), {}, [], []
    for name in files(given.paths):
        text = read(name, (ROOT / name).read_text())
        if text is None:
            errors.append(f"{name}: there is no reader for this kind of file")
            continue
        counts[name] = count(text.prose)
        total.add(counts[name])
        questions += [f"{name}:{line}: {header}" for line, header in text.questions]
        errors += [f"{name}:{line}: this block of code has no end: {fence}" for line, fence in text.unclosed]
    if given.by_file:
        print_by_file(counts)
    print(f"{total.words} words in {len(counts)} files. For each 1,000 words:")
    for habit, times in total.habits.items():
        print(f"  {habit:16}{times:5} times  {total.per_thousand(habit):6.2f}  (at most {LIMITS[habit]:.2f})")
    over = excesses(total)
    if errors:
        print("Files that cannot be read:", *errors, sep="\n  ")
    if questions:
        print("Headers that begin with a question word (name the subject instead):", *questions, sep="\n  ")
    if over:
        print(f"Over the limit: {', '.join(over)}. Run scripts/prose.py --by-file to see where; docs/style.md has the rules.")
    sys.exit(1 if over or questions or errors else 0)


if __name__ == "__main__":
    main()
