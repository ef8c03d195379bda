"""The prose in a source file, as blocks: comments, documentation, messages, names of tests, headings and pages.

Each reader takes the text of a file and yields its blocks. Short strings are data and not messages. Code itself is left out.
"""

import ast
import io
import itertools
import pathlib
import re
import tokenize
from dataclasses import dataclass
from html.parser import HTMLParser

WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
# A string with fewer words between spaces is a name or a value.
WORDS_OF_A_MESSAGE = 4
SEPARATE_WORD = re.compile(r"(?<!\S)[A-Za-z][\w'’-]*[,.:;!?]?(?!\S)")
RUST = re.compile(
    r"""(?P<line>//[^\n]*)"""
    r"""|(?P<block>/\*)"""
    r"""|[bc]?r(?P<hashes>\#*)"(?P<raw>(?:.|\n)*?)"(?P=hashes)"""
    r"""|[bc]?"(?P<string>(?:\\(?:.|\n)|[^"\\])*)\""""
    r"""|b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'"""
    r"""|\bfn\s+(?P<name>\w+)""", re.X)


@dataclass
class Block:
    """Prose that belongs together. Its first line is a header, or it is not."""

    line: int
    text: str
    has_header: bool = True


def of_rust(source):
    """Comments, messages and the names of tests."""
    comments, messages, position, line = [], [], 0, 1
    while found := RUST.search(source, position):
        line += source.count("\n", position, found.start())
        end = end_of_block(source, found.end()) if found["block"] else found.end()
        if found["line"]:
            mark, text = re.match(r"(//[/!]?)(.*)", found["line"]).groups()
            comments.append((line, mark if _is_first(source, found.start()) else None, text))
        elif found["block"]:
            text = re.sub(r"(?m)^[ \t]*\*(?!\*)", "", source[found.end():end].removesuffix("*/"))
            comments.append((line, None, text.lstrip("*! \n")))
        elif found["name"]:
            messages.append((line, found["name"].replace("_", " ")))
        else:
            messages.append((line, re.sub(r"\{[^{}]*\}", " ", found["string"] or found["raw"] or "")))
        line += source.count("\n", found.start(), end)
        position = end
    yield from _grouped(comments)
    yield from _messages(messages)


def end_of_block(source, position):
    """The position after the block comment that starts at `position`. Block comments of Rust can be nested."""
    depth = 1
    while depth and (mark := re.compile(r"/\*|\*/").search(source, position)):
        depth += 1 if mark[0] == "/*" else -1
        position = mark.end()
    return position if depth == 0 else len(source)


def of_python(source):
    """Comments, all docstrings, messages and the names of tests."""
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT]
    yield from _grouped([(token.start[0], "#" if not token.line[:token.start[1]].strip() else None, token.string.lstrip("#"))
                         for token in tokens if not token.string.startswith("#!")])
    tree = ast.parse(source)
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    messages = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and _is_text(node.value):
            parts.add(id(node.value))
            yield Block(node.lineno, node.value.value.strip("\n"))
        elif isinstance(node, ast.JoinedStr):
            messages.append((node.lineno, " ".join(part.value for part in node.values if _is_text(part))))
        elif _is_text(node) and id(node) not in parts:
            messages.append((node.lineno, node.value))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            messages.append((node.lineno, node.name.replace("_", " ")))
    yield from _messages(messages)


def of_yaml(source):
    """Comments and descriptions. A block of text is read only if it is a description."""
    yield from _of_hashes(source, re.compile(r"[|>][-+0-9]*\s*$"))
    lines = source.splitlines()
    for number, line in enumerate(lines):
        found = re.match(r"(\s*(?:- )?)\w*(?:[dD]escription|Comment): *(.*)", line)
        if found:
            deeper = " " * (len(found[1]) + 1)
            following = itertools.takewhile(lambda other: not other.strip() or other.startswith(deeper), lines[number + 1:])
            yield Block(number + 1, re.sub(r"^(?:!\w+ *)?[\"'|>][-+]?", "", found[2]).strip() or "\n".join(following).lstrip())


def of_hashes(source):
    """The comments after `#`, and the descriptions of TOML."""
    yield from _of_hashes(source)
    for number, line in enumerate(source.splitlines(), 1):
        if found := re.match(r"""description *= *["'](.*)["']""", line):
            yield Block(number, found[1])


def of_json(source):
    """The comments and the causes of a state machine."""
    for found in re.finditer(r'"(?:Comment|Cause)"\s*:\s*"((?:\\.|[^"\\])*)"', source):
        yield Block(source.count("\n", 0, found.start()) + 1, found[1])


def of_markup(source):
    """The texts and the comments of SVG and HTML, without styles and scripts."""
    reader = _Markup()
    reader.feed(source)
    return reader.blocks


class _Markup(HTMLParser):
    def __init__(self):
        super().__init__()
        self.blocks = []

    def handle_data(self, data):
        if data.strip() and not self.cdata_elem:
            self.blocks.append(Block(self.getpos()[0], data.strip()))

    handle_comment = handle_data


def of_markdown(source):
    """The whole page, without the targets of links and definitions."""
    yield Block(1, re.sub(r"\]\([^)\s]*\)|(?m:^ *\[[^\]]+\]:.*)", "]", source), has_header=False)


def _of_hashes(source, begins_text=None):
    """The comments after `#`. A line that `begins_text` begins a block of text, in which `#` is no comment."""
    comments, indent_of_text = [], None
    for number, line in enumerate(source.splitlines(), 1):
        indent = len(line) - len(line.lstrip())
        if indent_of_text is not None and (not line.strip() or indent > indent_of_text):
            continue
        indent_of_text = None
        unquoted = re.sub(r"\"(?:\\.|[^\"\\])*\"|(?<=[\s\[{,:(=])'(?:''|[^'])*'", lambda text: "_" * len(text[0]), line)
        comment = re.search(r"(?:^|\s)#+(?!!)(.*)", unquoted)
        if comment:
            comments.append((number, "#" if not line[:comment.start()].strip() else None, line[comment.start(1):]))
        if begins_text and begins_text.search(unquoted[:comment.start()] if comment else unquoted):
            indent_of_text = indent
    yield from _grouped(comments)


def _grouped(comments):
    """The blocks of comments: (line, mark or None, text). Comments with the same mark on following lines belong together."""
    run = []
    for line, mark, text in [*comments, (0, None, "")]:
        if run and (mark is None or run[-1][1] != mark or run[-1][0] + 1 != line):
            yield Block(run[0][0], "\n".join(text for _, _, text in run))
            run = []
        run.append((line, mark, text))


def _messages(texts):
    return (Block(line, text, has_header=False) for line, text in texts if len(SEPARATE_WORD.findall(text)) >= WORDS_OF_A_MESSAGE)


def _is_first(source, position):
    return not source[source.rfind("\n", 0, position) + 1:position].strip()


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


_READERS = {
    of_rust: [".rs"],
    of_python: [".py", ".pyi"],
    of_yaml: [".yaml", ".yml"],
    of_hashes: [".toml", ".sh", ".in", ".ini", ".cfg", "Makefile", ".gitignore", ".gitattributes"],
    of_json: [".json"],
    of_markup: [".svg", ".html"],
    of_markdown: [".md", ".markdown"],
}
_BY_NAME = {name: reader for reader, names in _READERS.items() for name in names}


def reader_of(name, source=""):
    """The reader for a file, by its suffix, by its name, or by the program in its first line. None if there is no reader."""
    path = pathlib.PurePath(name)
    interpreter = re.match(r"#!.*?(\w+)$", source.split("\n", 1)[0])
    by_interpreter = (of_python if interpreter[1].startswith("python") else of_hashes) if interpreter else None
    return _BY_NAME.get(path.suffix) or _BY_NAME.get(path.name) or by_interpreter
