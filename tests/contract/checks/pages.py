"""The Markdown pages: their headings, anchors and links, and the paths and targets of `make` that their code names.

A path exists if Git tracks it or would add it. Folders count, ignored files do not.
"""

import collections
import fnmatch
import functools
import pathlib
import re
import subprocess
from urllib.parse import unquote

from markdown_it import MarkdownIt

from checks.files import ROOT

_PARSER = MarkdownIt("commonmark").enable("table")
_TARGET_IN_HTML = re.compile(r"""\b(?:href|src|srcset)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.I)
_ANCHOR_IN_HTML = re.compile(r"""\b(?:id|name)\s*=\s*["']?([^"'\s>]+)""", re.I)
_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)
# Words of a path that represent one of several names.
_PLACEHOLDER = re.compile(r"\b(?:GROUP|STACK|WORKER|WORKERS|NAME|REGION|TOPIC|NNN)\b|\*+|…")


@functools.cache
def tracked():
    """The files of the repository and their folders, relative to its root. Folders end with a slash."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    files = {name for name in names if name and (ROOT / name).is_file()}
    return files | {f"{folder}/" for file in files for folder in pathlib.PurePath(file).parents if folder.name}


def exists(path):
    """Whether a path, relative to the root, is a file or a folder of the repository."""
    return path == "." or path in tracked() or f"{path}/" in tracked()


class Page:
    """A parsed page."""

    def __init__(self, text):
        self.environment = {}
        self.tokens = _PARSER.parse(text, self.environment)
        self.inline = [token for token in self.tokens if token.type == "inline"]
        self.parts = [*self.tokens, *(child for token in self.inline for child in token.children)]
        self.html = [part.content for part in self.parts if part.type in ("html_block", "html_inline")]

    def headings(self):
        """The text of each heading, also of those in an HTML block."""
        headings = [_plain(content) for mark, content in zip(self.tokens, self.tokens[1:]) if mark.type == "heading_open"]
        return headings + [title.strip() for html in self.html for title in re.findall(r"<h[1-6][^>]*>([^<]*)", html, re.I)]

    def anchors(self):
        """The anchors as GitHub makes them. Sites do not agree on the anchor of two spaces in a row, so such a heading has none."""
        found, seen = {name for html in self.html for name in _ANCHOR_IN_HTML.findall(html)}, collections.Counter()
        for heading in self.headings():
            anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            if "  " not in heading:
                found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
            seen[anchor] += 1
        return found

    def targets(self):
        """The targets of all links, images and definitions."""
        yield from (part.attrs[name] for part in self.parts for name in ("href", "src") if name in part.attrs)
        yield from (definition["href"] for definition in self.environment.get("references", {}).values())
        yield from ("".join(groups) for html in self.html for groups in _TARGET_IN_HTML.findall(html))

    def not_links(self):
        """The texts that look like a link and are none."""
        for token in self.inline:
            text = "".join(_text_of(child) for child in token.children)
            yield from re.findall(r"\[[^\[\]]+\]\[[^\[\]]*\]|\]\([^\n]*", text)
            yield from (child.content for child in token.children if child.type == "code_inline" and _is_link_among_text(child.content))

    def code(self):
        """The code of the page: spans, and lines of blocks."""
        for part in self.parts:
            if part.type == "code_inline":
                yield part.content
            elif part.type in ("fence", "code_block"):
                yield from part.content.splitlines()


def _text_of(token):
    return {"softbreak": "\n", "hardbreak": "\n"}.get(token.type, token.content if token.type in ("text", "text_special") else "")


def _plain(token):
    return "".join(child.content for child in token.children if child.type in ("text", "text_special", "code_inline"))


def _is_link_among_text(code):
    """Whether two stray backticks turn a link into code. A link alone in a span is an example."""
    return bool(_LINK.search(code)) and not _LINK.fullmatch(code)


def broken(path, text):
    """The findings about the links of a page to files and headings of the repository."""
    page = Page(text)
    yield from (f"{found}: this is not a link" for found in page.not_links())
    for target in dict.fromkeys(map(unquote, page.targets())):
        if not target:
            yield "a link has no target"
        elif not _ELSEWHERE.match(target):
            yield from (f"{target}: {problem}" for problem in _problems(path, page, target))


def _problems(path, page, target):
    file, mark, anchor = target.partition("#")
    there = (path.parent / file).resolve() if file else path
    name = there.relative_to(ROOT).as_posix() if there.is_relative_to(ROOT) else None
    if file and (name is None or not exists(f"{name}/" if file.endswith("/") else name)):
        yield "there is no such file"
    elif mark and anchor not in (_anchors_of(there) if file else page.anchors()):
        yield "there is no such heading"


def _anchors_of(path):
    """The anchors of a page. Folders and other files have none."""
    return Page(path.read_text()).anchors() if path.suffix == ".md" else set()


def missing(text, outside=frozenset()):
    """The paths and the targets of `make` in the code of a page that do not exist. `outside` names files outside the repository."""
    for code in Page(text).code():
        yield from (f"make {target}" for target in _made(code) if target not in _targets_of_make())
        for word in re.sub(r"\{[^{}\s]*(?:,\s*[^{}\s]+)+\}", lambda found: re.sub(r"\s", "", found[0]), code).split():
            for path in _expanded(word.lstrip("\"'(").rstrip("\"'),;:|.")):
                if _is_path(path) and path not in outside and not _is_there(path):
                    yield path


def _made(code):
    """The targets in commands of `make`."""
    commands = re.findall(r"(?:^|[;&|$]\s*)make((?: [a-z][a-z-]*\b(?!=))+)", code)
    return [target for command in commands for target in command.split()]


@functools.cache
def _targets_of_make():
    return set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))


def _expanded(word):
    choice = re.search(r"\{([^{}]*,[^{}]*)\}", word)
    return [path for part in choice[1].split(",") for path in _expanded(word.replace(choice[0], part))] if choice else [word]


@functools.cache
def _known():
    """The folders of the root, the suffixes of all files, and the stems of the files of the root."""
    files = [pathlib.PurePath(name) for name in tracked() if not name.endswith("/")]
    folders = {file.parts[0] for file in files if len(file.parts) > 1}
    return folders, {file.suffix for file in files} - {""}, {file.stem for file in files if len(file.parts) == 1}


def _is_path(word):
    """Whether a word of code names a file or folder of the repository: by its first folder, its suffix, or a stem of the root."""
    if not re.fullmatch(r"[\w./*…-]+", word) or word.startswith(("/", "--")):
        return False
    folders, suffixes, stems = _known()
    path = pathlib.PurePath(re.sub(r"^(?:\.{1,2}/)+", "", word))
    if "/" in word and path.parts and path.parts[0] in folders:
        return True
    return path.suffix in suffixes or (len(path.parts) == 1 and path.suffix != "" and path.stem in stems)


def _is_there(word):
    """Whether a path exists, from the root or as the end of a path. Placeholders represent any name."""
    end = _PLACEHOLDER.sub("*", re.sub(r"^(?:\.{1,2}/)+", "", word))
    if "*" not in end:
        return exists(end) or any(name.endswith((f"/{end}", f"/{end}/")) for name in tracked())
    return any(fnmatch.fnmatchcase(name, pattern) for name in tracked() for pattern in (end, f"{end}/", f"*/{end}"))
