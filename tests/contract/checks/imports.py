"""The imports between the files of a crate, from its `use` declarations and its paths.

The files are found as the compiler finds them: from the root, along the `mod` declarations. Items that only tests compile are left out.
Aliases, globs and re-exports are followed to the file that defines the item. A `pub use` counts as an import, unless it re-exports an item
of a module below its own.
"""

from dataclasses import dataclass, field

from checks.files import ROOT
from checks.rust import end_of, end_of_visibility, is_name, path_at, refused, tokens_of, used, without_tests

_DEFINING = {"fn", "struct", "enum", "trait", "type", "const", "static", "union", "mod"}


@dataclass
class Module:
    """A module, in a file of its own or inline, with the names that it defines and uses."""

    file: str
    uses: list = field(default_factory=list)
    """[(path, name, whether it is a re-export)]"""
    paths: set = field(default_factory=set)
    names: set = field(default_factory=set)


def imports_of(crate):
    """The files that each file of a crate imports from, as paths below its `src`."""
    modules = modules_of(ROOT / crate / "src")
    found = {module.file: set() for module in modules.values()}
    for path, module in modules.items():
        for target in _targets(modules, path):
            if modules[target].file != module.file:
                found[module.file].add(modules[target].file)
    return found


def refusals(crate):
    """The forms in a crate that would hide an import from `imports_of`: (file, form)."""
    src = ROOT / crate / "src"
    for path in sorted(src.rglob("*.rs")):
        name, tokens = path.relative_to(src).as_posix(), tokens_of(path.read_text())
        yield from ((name, form) for form in refused(tokens))
        is_second_root = name.startswith("bin/") or (name == "main.rs" and (src / "lib.rs").exists())
        if is_second_root and "mod" in without_tests(tokens):
            yield name, "a module of a binary"


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


def modules_of(src):
    """{path: module} of a crate. The root has the path ()."""
    root = "lib.rs" if (src / "lib.rs").exists() else "main.rs"
    modules, todo = {}, [((), root)]
    while todo:
        path, file = todo.pop()
        for child in _read(path, file, without_tests(tokens_of((src / file).read_text())), modules):
            name = "/".join(child)
            todo.append((child, f"{name}.rs" if (src / f"{name}.rs").exists() else f"{name}/mod.rs"))
    return modules


def _read(path, file, tokens, modules):
    """Adds the module with these tokens and its inline modules. Returns the paths of the modules that are in other files."""
    module, elsewhere, position = Module(file), [], 0
    modules[path] = module
    while position < len(tokens):
        start, position = position, end_of_visibility(tokens, position)
        token, following = tokens[position], tokens[position + 1:position + 3]
        if token == "use" and following[:1] != ["<"]:
            end = end_of(tokens, position, {";"})
            module.uses += [(*use, position > start) for use in used(tokens[position + 1:end - 1])]
        elif token == "mod" and following[1:] == ["{"]:
            end = end_of(tokens, position, {"}"})
            elsewhere += _read((*path, following[0]), file, tokens[position + 3:end - 1], modules)
        elif token == "mod" and following[1:] == [";"]:
            end = position + 3
            elsewhere.append((*path, following[0]))
        else:
            end = position + _read_token(module, tokens, position)
        position = end
    return elsewhere


def _read_token(module, tokens, position):
    """Notes the definition or the path at a position. Returns the number of tokens read."""
    token = tokens[position]
    if token in _DEFINING and is_name(tokens[position + 1]):
        module.names.add(tokens[position + 1])
    if not is_name(token) or tokens[position - 1:position] == ["::"]:
        return 1
    path = path_at(tokens, position)
    if len(path) > 1:
        module.paths.add(path)
    return 2 * len(path) - 1


def _targets(modules, path):
    """The modules from which a module imports."""
    for used_path, name, is_reexport in modules[path].uses:
        target = _defining(modules, path, used_path[:-1] if name == "*" else used_path)
        if target is not None and not (is_reexport and target[:len(path)] == path):
            yield target
    yield from filter(lambda target: target is not None, (_defining(modules, path, named) for named in modules[path].paths))


def _defining(modules, module, path):
    """The module that defines the item at a path, or None outside the crate. A macro may define an item that cannot be found."""
    for length in range(len(path), 0, -1):
        found = _found(modules, module, path[:length])
        if found is not None:
            return found
    return None


def _found(modules, module, path, seen=frozenset()):
    """The module that defines the item at a path as the module sees it, or None if there is no such item in the crate."""
    if path[:1] == ("crate",):
        return _found(modules, (), ("self", *path[1:]), seen)
    if path[:1] in (("self",), ("super",)):
        module = module if path[0] == "self" else module[:-1]
        return _found(modules, module, path[1:], seen)
    if not path:
        return module if module in modules else None
    if module not in modules or (module, path) in seen:
        return None
    seen |= {(module, path)}
    if (*module, path[0]) in modules:
        return _found(modules, (*module, path[0]), path[1:], seen)
    for used_path, name, _ in modules[module].uses:
        if name == path[0] and used_path != path[:1]:
            return _found(modules, module, used_path + path[1:], seen)
    if path[0] in modules[module].names:
        return module
    globs = (_found(modules, module, used_path[:-1] + path, seen) for used_path, name, _ in modules[module].uses if name == "*")
    return next((found for found in globs if found is not None), None)
