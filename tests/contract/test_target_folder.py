"""The folder of everything that is built: CARGO_TARGET_DIR if it is set, relative to the current folder, as for cargo."""

import os
import subprocess

import pytest
from checks.files import ROOT
from pilot_light_sceptre.target import target_folder

def planned(target, *goals, variables=()):
    """The commands that make would run."""
    env = {name: value for name, value in os.environ.items() if name != "CARGO_TARGET_DIR"}
    env |= {"CARGO_TARGET_DIR": target} if target else {}
    return subprocess.run(["make", "--dry-run", *goals, *variables], cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("target,folder", [("/elsewhere/built", "/elsewhere/built"), ("elsewhere/built", f"{ROOT}/elsewhere/built")])
def test_the_benchmark_finds_the_packages_in_the_folder_of_cargo(target, folder):
    commands = planned(target, "bench")
    assert f"--workers {folder}/lambda" in commands
    assert f"{ROOT}/target/" not in commands


@pytest.mark.parametrize("target,folder", [(None, ROOT / "target"), ("/elsewhere/built", "/elsewhere/built"), ("built", ROOT / "local" / "built")])
def test_python_finds_the_folder_of_cargo(target, folder, monkeypatch):
    monkeypatch.chdir(ROOT / "local")
    monkeypatch.delenv("CARGO_TARGET_DIR", raising=False)
    if target:
        monkeypatch.setenv("CARGO_TARGET_DIR", target)
    assert str(target_folder()) == str(folder)
