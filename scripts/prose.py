"""The count of words in comments and documents. It fails if a word that the style limits occurs too often.

`python3 scripts/prose.py [--by-file] [PATH...]` reads the whole repository if no path is given. It counts comments in Rust, Python (with
docstrings) and YAML, and Markdown outside code blocks. Code, strings and `code in backticks` do not count. docs/style.md has the rules.
"""

import argparse
import ast
import io
import pathlib
import re
import subprocess
import sys
import tokenize
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent
HABITS = {
    "what": r"\bwhat\b",
    "told/tell/tells": r"\b(?:told|tells?)\b",
    "asked": r"\basked\b",
    "stand(s)": r"\bstands?\b(?!-)",
    "goes by": r"\bgoes\s+by\b",
    "of ours": r"\bof\s+ours\b",
}
# The highest number of a habit in 1,000 words. The other habits are only counted.
LIMITS = {"what": 2.0, "told/tell/tells": 0.2}
QUESTION = re.compile(r"(?:What|Which|How|Who)\b")
WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
FENCE = re.compile(r"^\s*(?:>\s*)?(?:```|~~~)")
RUST = re.compile(
    r"""(?P<line>//[^\n]*)"""
    r"""|(?P<block>/\*)"""
    r"""|b?r(?P<hashes>\#*)"(?:.|\n)*?"(?P=hashes)"""
    r"""|b?"(?:\\(?:.|\n)|[^"\\])*\""""
    r"""|b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'""", re.X)


@dataclass
class Text:
    """The prose of one file, and the headers in it: (line, header)."""

    prose: str = ""
    headers: list = field(default_factory=list)


def of_rust(source):
    """Comments, and the first line of the file's own documentation."""
    lines, position = [], 0
    while found := RUST.search(source, position):
        position = found.end()
        if found["line"]:
            lines.append(re.sub(r"^//[/!]? ?", "", found["line"]))
        elif found["block"]:
            position = end_of_block(source, position)
            lines += source[found.end():position].rstrip("*/").splitlines()
    header = re.match(r"//! ?(.*)", source)
    return Text("\n".join(outside_code(lines)), [(1, header[1])] if header else [])


def end_of_block(source, position):
    """The position after the block comment that starts at `position`. Block comments of Rust can be nested."""
    depth = 1
    while depth and (mark := re.compile(r"/\*|\*/").search(source, position)):
        depth += 1 if mark[0] == "/*" else -1
        position = mark.end()
    return position if depth == 0 else len(source)


def of_python(source):
    """Comments and docstrings. The module's docstring begins with the header."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    lines = [line for node in ast.walk(tree) if isinstance(node, documented) for line in (ast.get_docstring(node) or "").splitlines()]
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines += [token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT and not token.string.startswith("#!")]
    header = ast.get_docstring(tree)
    return Text("\n".join(outside_code(lines)), [(1, header.splitlines()[0])] if header else [])


def of_yaml(source):
    """Comments, without the blocks of text."""
    lines, indent_of_text = [], None
    for line in source.splitlines():
        indent = len(line) - len(line.lstrip())
        if indent_of_text is not None and (not line.strip() or indent > indent_of_text):
            continue
        indent_of_text = None
        unquoted = re.sub(r"\"(?:\\.|[^\"\\])*\"|(?<=[\s\[{,:(])'(?:''|[^'])*'", lambda text: "_" * len(text[0]), line)
        comment = re.search(r"(?:^|\s)#+ ?(.*)", unquoted)
        if comment:
            lines.append(line[comment.start(1):])
        if re.search(r"(?:^|[:\-\s])[|>][-+0-9]*\s*$", unquoted[:comment.start()] if comment else unquoted):
            indent_of_text = indent
    return Text("\n".join(outside_code(lines)))


def of_markdown(source):
    """Everything outside code blocks, without the targets of links."""
    lines = list(outside_code(source.splitlines(), numbered=True))
    headers = [(number, line.lstrip("# ")) for number, line in lines if re.match(r"#{1,6} ", line)]
    return Text(re.sub(r"\]\([^)\s]*\)", "]", "\n".join(line for _, line in lines)), headers)


def outside_code(lines, numbered=False):
    """The lines outside fenced blocks of code."""
    inside = False
    for number, line in enumerate(lines, 1):
        if FENCE.match(line):
            inside = not inside
        elif not inside:
            yield (number, line) if numbered else line


READERS = {".rs": of_rust, ".py": of_python, ".yaml": of_yaml, ".yml": of_yaml, ".md": of_markdown}


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


def questions(text):
    """The headers that begin with a question word."""
    return [(line, header) for line, header in text.headers if QUESTION.match(header)]


# Frozen installations keep the words of their version.
FROZEN = "tests/upgrade/"


def files(paths):
    """Every file below the given paths that Git tracks or would add, without frozen files."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({name for name in names if pathlib.PurePath(name).suffix in READERS and not name.startswith(FROZEN) and (ROOT / name).is_file()})


def excesses(total):
    """The habits that exceed their limits."""
    return [habit for habit, limit in LIMITS.items() if total.per_thousand(habit) > limit]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--by-file", action="store_true", help="also print the counts of each file, the highest counts first")
    arguments.add_argument("paths", nargs="*", metavar="PATH", help="only these files and directories, relative to the repository")
    given = arguments.parse_args()
    total, counts, headers = Count(), {}, []
    for name in files(given.paths):
        text = READERS[pathlib.PurePath(name).suffix]((ROOT / name).read_text())
        counts[name] = count(text.prose)
        total.add(counts[name])
        headers += [f"{name}:{line}: {header}" for line, header in questions(text)]
    if given.by_file:
        print(f"{'words':>7}  " + "  ".join(HABITS))
        for name, counted in sorted(counts.items(), key=lambda item: -sum(item[1].habits.values())):
            if any(counted.habits.values()):
                print(f"{counted.words:7}  " + "  ".join(f"{times:{len(habit)}}" for habit, times in counted.habits.items()) + f"  {name}")
        print()
    print(f"{total.words} words in {len(counts)} files. For each 1,000 words:")
    for habit, times in total.habits.items():
        limit = f"  (at most {LIMITS[habit]:.1f})" if habit in LIMITS else ""
        print(f"  {habit:16}{times:5} times  {total.per_thousand(habit):6.2f}{limit}")
    over = excesses(total)
    if headers:
        print("Headers that begin with a question word (name the subject instead):", *headers, sep="\n  ")
    if over:
        print(f"Over the limit: {', '.join(over)}. Run scripts/prose.py --by-file to see where; docs/style.md has the rules.")
    sys.exit(1 if over or headers else 0)


if __name__ == "__main__":
    main()
