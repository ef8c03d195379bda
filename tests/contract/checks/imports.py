"""The imports between the modules of a crate, read from its `use` statements and paths.

Tests are left out, and `mod` declarations are not imports. A name that a `mod.rs` or `lib.rs` re-exports (`pub use`) counts as an
import of the file that defines it.
"""

import re

from checks.files import ROOT

_TESTS = re.compile(r"#\[cfg\(test\)\]\s*(?:pub(?:\([a-z]+\))? )?mod \w+ \{.*", re.S)
_COMMENT = re.compile(r"//[^\n]*")


def imports_of(crate):
    """The files that each file of a crate imports from, as paths below its `src`."""
    src = ROOT / crate / "src"
    files = {}
    for path in sorted(src.rglob("*.rs")):
        name = path.relative_to(src).as_posix()
        if name == "main.rs" or name.startswith("bin/") or re.search(r"(^|/)(tests|testing)(\.rs|/)", name):
            continue
        files[_module(name)] = (name, _COMMENT.sub("", _TESTS.sub("", path.read_text())))
    tested = {module for module in files if _is_only_for_tests(files, module)}
    files = {module: file for module, file in files.items() if module not in tested}
    reexports = {module: _reexports(module, text) for module, (_, text) in files.items()}
    found = {}
    for module, (name, text) in files.items():
        targets = {_defining(path, files, reexports) for path in _paths(module, text)}
        found[name] = {files[target][0] for target in targets if target is not None and target != module}
    # A mod.rs that re-exports or calls its own children is above them. This is a circle only if they import it back.
    return found


def circles(imports):
    """The groups of files that import each other in a circle, each sorted (Tarjan)."""
    index, low, stack, groups, count = {}, {}, [], [], iter(range(10**9))

    def visit(file):
        index[file] = low[file] = next(count)
        stack.append(file)
        for other in imports.get(file, ()):
            if other not in index:
                visit(other)
                low[file] = min(low[file], low[other])
            elif other in stack:
                low[file] = min(low[file], index[other])
        if low[file] == index[file]:
            group = []
            while not group or group[-1] != file:
                group.append(stack.pop())
            if len(group) > 1:
                groups.append(sorted(group))

    for file in imports:
        if file not in index:
            visit(file)
    return sorted(groups)


def _module(name):
    parts = name.removesuffix(".rs").split("/")
    return tuple(part for part in parts if part not in ("mod", "lib"))


def _is_only_for_tests(files, module):
    if not module:
        return False
    parent = files.get(module[:-1])
    return parent is not None and re.search(rf"#\[cfg\((?:test|any\(test[^)]*\))\)\]\s*(?:pub )?mod {module[-1]};", parent[1]) is not None


def _expanded(tree, prefix=()):
    tree = tree.strip()
    found = re.match(r"((?:\w+::)*)\{(.*)\}$", tree, re.S)
    if not found:
        return [prefix + tuple(part.strip() for part in tree.split(" as ")[0].split("::"))]
    prefix += tuple(part for part in found.group(1).split("::") if part)
    parts, depth, current = [], 0, ""
    for letter in found.group(2) + ",":
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            parts += _expanded(current, prefix) if current.strip() else []
            current = ""
        else:
            current += letter
    return parts


def _absolute(module, path):
    if path[0] == "crate":
        return path[1:]
    if path[0] == "self":
        return module + path[1:]
    while path and path[0] == "super":
        module, path = module[:-1], path[1:]
    return module + path


def _is_own(path):
    return path[0] in ("crate", "self", "super")


def _paths(module, text):
    """The absolute paths of the crate that a file names, without its re-exports."""
    for visibility, tree in re.findall(r"^\s*(pub(?:\([a-z]+\))? )?use ([^;]+);", text, re.M):
        if not visibility:
            yield from (_absolute(module, path) for path in _expanded(re.sub(r"\s+", " ", tree)) if _is_own(path))
    rest = re.sub(r"^\s*(?:pub(?:\([a-z]+\))? )?use [^;]+;", "", text, flags=re.M)
    for path in re.findall(r"(?<![\w:])(?:crate|super)(?:::\w+)+", rest):
        yield _absolute(module, tuple(path.split("::")))


def _reexports(module, text):
    """The names that a module re-exports, with their paths."""
    names = {}
    for _, tree in re.findall(r"^\s*(pub(?:\([a-z]+\))? )use ([^;]+);", text, re.M):
        for path in _expanded(re.sub(r"\s+", " ", tree)):
            if _is_own(path):
                names[path[-1]] = _absolute(module, path)
    return names


def _defining(path, files, reexports):
    """The module that defines the item at a path, or None outside the crate."""
    for length in range(len(path), -1, -1):
        if path[:length] in files:
            rest = path[length:]
            if rest and rest[0] in reexports[path[:length]]:
                return _defining(reexports[path[:length]][rest[0]] + rest[1:], files, reexports)
            return path[:length]
    return None
