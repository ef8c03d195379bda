"""The keys of zips: an unchanged worker keeps its key, and a changed worker gets another key."""

import types
import zipfile

import pytest
from pilot_light_sceptre.artifacts import contents_hash, refuse_other_processor, worker_key, zip_path
from pilot_light_sceptre.keys import key_arns
from pilot_light_sceptre.processor import processor_of
from sceptre.exceptions import SceptreException


def write(path, content, when=(2020, 1, 1, 0, 0, 0), mode=0o755, compression=zipfile.ZIP_DEFLATED, name="bootstrap"):
    entry = zipfile.ZipInfo(name, when)
    entry.external_attr = mode << 16
    entry.compress_type = compression
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr(entry, content)
    return path


def test_the_key_of_a_zip_depends_only_on_its_contents(tmp_path):
    first = contents_hash(write(tmp_path / "a.zip", b"worker"))
    assert contents_hash(write(tmp_path / "b.zip", b"worker", (2026, 7, 1, 12, 0, 0), compression=zipfile.ZIP_STORED)) == first
    others = {contents_hash(write(tmp_path / "c.zip", b"worker2")),
              contents_hash(write(tmp_path / "d.zip", b"worker", mode=0o644)),
              contents_hash(write(tmp_path / "e.zip", b"worker", name="boot"))}
    assert len(others) == 3 and first not in others
    assert worker_key("source-take", tmp_path / "a.zip") == f"workers/source-take/{first}.zip"


def test_the_error_for_a_missing_zip_names_the_command_to_run(tmp_path):
    stack = types.SimpleNamespace(name="source/take", stack_group_config={"artifacts": "zips", "project_path": str(tmp_path)})
    with pytest.raises(SceptreException, match="source-take/bootstrap.zip is missing: run: make package"):
        zip_path(stack, "source-take")
    (tmp_path / "zips" / "source-take").mkdir(parents=True)
    write(tmp_path / "zips" / "source-take" / "bootstrap.zip", b"worker")
    assert zip_path(stack, "source-take").endswith("source-take/bootstrap.zip")


def elf(machine, order=1):
    return b"\x7fELF\x02" + bytes([order]) + bytes(12) + machine.to_bytes(2, "little" if order == 1 else "big") + bytes(44)


@pytest.mark.parametrize("program,built", [
    (elf(0x3E), "x86_64"), (elf(0xB7), "arm64"), (elf(0xB7, order=2), "arm64"), (elf(0xF3), "unknown"), (b"\xcf\xfa\xed\xfe", None), (b"", None)])
def test_the_processor_is_read_from_the_program(program, built):
    assert processor_of(program) == built


def test_a_zip_for_the_other_processor_is_refused_before_it_is_uploaded(tmp_path):
    path = write(tmp_path / "bootstrap.zip", elf(0xB7))
    refuse_other_processor("source/take", path, "arm64")
    with pytest.raises(SceptreException) as refused:
        refuse_other_processor("source/take", path, "x86_64")
    message = str(refused.value)
    assert message.startswith("source/take: Architecture is x86_64, but ") and message.endswith("make package ARCH=x86_64")
    assert "was built for arm64" in message


def test_every_key_of_a_list_of_values_is_found_for_the_policy():
    a, b = "arn:aws:kms:us-west-2:222222222222:key/a", "arn:aws:kms:us-west-2:222222222222:key/b"
    assert key_arns(["None", f"{b},orders={a}", a]) == [a, b]
    assert key_arns(["None", "None"]) == []
