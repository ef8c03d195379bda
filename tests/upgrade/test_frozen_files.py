"""The files of the frozen installations are unchanged.

The tests of each version, such as `test_frozen_0_1_0.py`, check the contents.
"""

import hashlib
import pathlib

import pytest

UPGRADE = pathlib.Path(__file__).resolve().parent
# The digest of each version's SHA256SUMS. It never changes.
SUMS = {"0.1.0": "6392c0a99637289fbb876e89ae665fe48798041e6c6de427c2f8345c074454bd"}


def findings(folder, pinned):
    """The differences between a frozen folder and its SHA256SUMS, whose own digest is `pinned`."""
    sums = folder / "SHA256SUMS"
    if digest(sums) != pinned:
        yield "SHA256SUMS has changed"
    lines = sums.read_text().splitlines()
    expected = {name: known for known, _, name in (line.partition("  ") for line in lines)}
    if len(expected) != len(lines) or "" in expected:
        yield "SHA256SUMS has a line that is not one file's digest and name, or a second line for a file"
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path != sums and not is_filled(path)}
    yield from (f"{name} was added" for name in sorted(found.keys() - expected.keys()))
    yield from (f"{name} was removed" for name in sorted(expected.keys() - found.keys() - {""}))
    for name in sorted(found.keys() & expected.keys()):
        if found[name].is_symlink() or not found[name].is_file() or digest(found[name]) != expected[name]:
            yield f"{name} has changed"
        elif found[name].stat().st_mode & 0o111:
            yield f"{name} is executable"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_filled(path):
    return path.is_dir() and not path.is_symlink() and any(path.iterdir())


@pytest.mark.parametrize("version", SUMS)
def test_no_frozen_file_has_changed_and_none_was_added_or_removed(version):
    remedy = "frozen files are never edited or regenerated: restore them from the commit that added them"
    assert list(findings(UPGRADE / version, SUMS[version])) == [], remedy


def test_every_frozen_installation_is_checked():
    assert {path.parent.name for path in UPGRADE.glob("*/SHA256SUMS")} == SUMS.keys()


@pytest.fixture
def frozen(tmp_path):
    """A small frozen folder, with the digest of its SHA256SUMS."""
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / "SHA256SUMS").write_text("".join(f"{digest(tmp_path / name)}  {name}\n" for name in ("a.json", "b.json")))
    return tmp_path, digest(tmp_path / "SHA256SUMS")


def edit_with_its_line(folder):
    sums = folder / "SHA256SUMS"
    known = digest(folder / "a.json")
    (folder / "a.json").write_text("edited")
    sums.write_text(sums.read_text().replace(known, digest(folder / "a.json")))


def add_sums_in_a_subfolder(folder):
    (folder / "templates").mkdir()
    (folder / "templates/SHA256SUMS").write_text("")


def add_line(folder, line):
    (folder / "SHA256SUMS").write_text((folder / "SHA256SUMS").read_text() + line)


def replace_by_link(folder):
    (folder / "a.json").rename(folder.parent / "elsewhere")
    (folder / "a.json").symlink_to(folder.parent / "elsewhere")


@pytest.mark.parametrize("change,finding", [
    (lambda folder: (folder / "a.json").write_text("edited"), "a.json has changed"),
    (lambda folder: (folder / "a.json").unlink(), "a.json was removed"),
    (edit_with_its_line, "SHA256SUMS has changed"),
    (add_sums_in_a_subfolder, "templates/SHA256SUMS was added"),
    (lambda folder: add_line(folder, f"{digest(folder / 'a.json')}  a.json\n"), "SHA256SUMS has a line that"),
    (lambda folder: add_line(folder, "\n"), "SHA256SUMS has a line that"),
    (lambda folder: (folder / "empty").mkdir(), "empty was added"),
    (lambda folder: (folder / "dangling").symlink_to("absent"), "dangling was added"),
    (replace_by_link, "a.json has changed"),
    (lambda folder: (folder / "a.json").chmod(0o755), "a.json is executable"),
])
def test_a_change_of_a_frozen_folder_is_found(frozen, change, finding):
    folder, pinned = frozen
    assert list(findings(folder, pinned)) == []
    change(folder)
    assert any(found.startswith(finding) for found in findings(folder, pinned))
