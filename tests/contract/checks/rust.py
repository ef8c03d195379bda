"""Rust source as tokens: its `use` trees, its paths, its attributes, and the items that only tests compile.

Comments are left out. A string stays one token that begins with a quotation mark, so no path is read from it.
"""

import re

from scripts.texts import end_of_block

_TOKEN = re.compile(
    r"""(?P<skipped>\s+|//[^\n]*)"""
    r"""|(?P<block>/\*)"""
    r"""|[bc]?r(?P<hashes>\#*)(?P<raw>"(?:.|\n)*?")(?P=hashes)"""
    r"""|[bc]?(?P<string>"(?:\\(?:.|\n)|[^"\\])*")"""
    r"""|b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])'|'\w+|\d\w*"""
    r"""|(?:r\#)?(?P<name>[^\W\d]\w*)"""
    r"""|(?P<mark>::|.)""", re.X)
_FOR_TESTS = re.compile(r'#\[cfg\((?:test|all\((?:[^()]*,)?test[,)].*|any\(test,feature="testing",?\))\)\]')
_OPENING, _CLOSING = set("([{"), set(")]}")
_ENDED_BY_SEMICOLON = {"use", "static", "let", "type"}
_ENDED_BY_BRACE = {"fn", "mod", "struct", "enum", "trait", "impl", "union", "unsafe", "async", "const", "extern", "macro_rules"}


def tokens_of(source):
    """The names, strings and marks of a source."""
    tokens, position = [], 0
    while position < len(source):
        found = _TOKEN.match(source, position)
        position = end_of_block(source, found.end()) if found["block"] else found.end()
        token = found["name"] or found["raw"] or found["string"] or found["mark"]
        if token:
            tokens.append(token)
    return tokens


def is_name(token):
    return token[0] == "_" or token[0].isalpha()


def end_of(tokens, position, ends=frozenset()):
    """The position after the first token of `ends` outside all brackets, or the position of a bracket that was not opened here."""
    depth = 0
    for here in range(position, len(tokens)):
        depth += (tokens[here] in _OPENING) - (tokens[here] in _CLOSING)
        if depth < 0:
            return here
        if depth == 0 and tokens[here] in ends:
            return here + 1
    return len(tokens)


def end_of_visibility(tokens, position):
    """The position after `pub`, `pub(crate)` or `pub(in path)`, if one of them is at the position."""
    if tokens[position:position + 1] != ["pub"]:
        return position
    restricted = tokens[position + 1:position + 2] == ["("] and (
        tokens[position + 2] == "in" or (tokens[position + 2] in ("crate", "self", "super") and tokens[position + 3] == ")"))
    return end_of(tokens, position + 1, {")"}) if restricted else position + 1


def attribute_at(tokens, position):
    """The tokens of the attribute at the position, or none."""
    if tokens[position] != "#" or tokens[position + 1:position + 2] not in (["["], ["!"]):
        return []
    return tokens[position:end_of(tokens, position, {"]"})]


def without_tests(tokens):
    """The tokens without the items that only tests compile."""
    kept, position = [], 0
    while position < len(tokens):
        attribute = attribute_at(tokens, position)
        if attribute and _FOR_TESTS.fullmatch("".join(attribute).replace("#!", "#")):
            end = position + len(attribute)
            position = len(tokens) if attribute[1] == "!" else _end_of_item(tokens, end)
        else:
            kept.append(tokens[position])
            position += 1
    return kept


def _end_of_item(tokens, position):
    while position < len(tokens) and (attribute := attribute_at(tokens, position)):
        position += len(attribute)
    position = end_of_visibility(tokens, position)
    first, third = tokens[position], tokens[position + 2:position + 3]
    if first in _ENDED_BY_SEMICOLON or (first == "const" and third == [":"]):
        return end_of(tokens, position, {";"})
    if first in _ENDED_BY_BRACE:
        return end_of(tokens, position, {";", "}"})
    return end_of(tokens, position, {";", "}", ","})


def used(tokens, prefix=()):
    """[(path, name)] of the tree of a `use`. The name of a glob is `*`."""
    if tokens[:1] == ["::"]:
        return []
    if "{" not in tokens:
        path, alias = (tokens[:-2], tokens[-1]) if "as" in tokens else (tokens, None)
        path = prefix + tuple(part for part in path if part != "::")
        path = path[:-1] if len(path) > 1 and path[-1] == "self" else path
        return [(path, alias or path[-1])]
    start = tokens.index("{")
    prefix += tuple(part for part in tokens[:start] if part != "::")
    found, position = [], start + 1
    while tokens[position] != "}":
        end = end_of(tokens, position, {","})
        branch = tokens[position:end - (tokens[end - 1] == ",")]
        found += used(branch, prefix)
        position = end
    return found


def path_at(tokens, position):
    """The path that begins at a name, as a tuple of names."""
    path = [tokens[position]]
    while tokens[position + 1:position + 2] == ["::"] and position + 2 < len(tokens) and is_name(tokens[position + 2]):
        position += 2
        path.append(tokens[position])
    return tuple(path)


def refused(tokens):
    """The forms that hide the origin of an item: files and macros outside the tree of modules, and names for the own crate."""
    for position, token in enumerate(tokens):
        following = tokens[position + 1:position + 2]
        attribute = attribute_at(tokens, position)
        yield from (f"#[{name}]" for name in ("macro_export", "macro_use") if name in attribute)
        if any(attribute[here:here + 2] == ["path", "="] for here in range(2, len(attribute))):
            yield "#[path]"
        if token == "include" and following == ["!"]:
            yield "include!"
        if token == "extern" and following == ["crate"]:
            yield "extern crate"
