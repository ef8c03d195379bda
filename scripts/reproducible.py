"""The check that a commit gives the same zips in every folder: `make package` in two clones, compared byte by byte.

`python -m scripts.reproducible ARCHITECTURE WORKER...`, called by `make reproducible`. Uncommitted changes are not built.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

from pilot_light_sceptre.target import target_folder

ROOT = pathlib.Path(__file__).resolve().parent.parent
BASE = target_folder() / "reproducible"
# Two paths of different length and depth.
CLONES = [BASE / "a", BASE / "another" / "and-longer" / "place"]

# Variables that this make and this cargo set for their children. The make and cargo of a clone must not get them.
THIS_BUILDS = {"CARGO_TARGET_DIR", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}


def main():
    architecture, *workers = sys.argv[1:]
    shutil.rmtree(BASE, ignore_errors=True)
    for clone in CLONES:
        subprocess.run(["git", "clone", "--quiet", "--local", ROOT, clone], check=True)
        (clone / ".venv").symlink_to(ROOT / ".venv")
    first, second = (build(clone, architecture, workers) for clone in CLONES)
    for name in first:
        print(f"{'same ' if first[name] == second[name] else 'OTHER'}  {first[name]}  {second[name]}  {name}")
    sys.exit(0 if first == second else 1)


def build(clone, architecture, workers):
    """{file: SHA-256} of the files that `make package` creates in a clone of the last commit, with this Python environment."""
    print(f"Building {', '.join(workers)} in {clone} ...", flush=True)
    env = {name: value for name, value in os.environ.items() if name not in THIS_BUILDS}
    # -o: make must not create the environment again because the files of the clone are newer.
    subprocess.run(["make", "-o", ".venv/.ready", "package", f"ARCH={architecture}", f"WORKERS={' '.join(workers)}"], cwd=clone, env=env, check=True)
    made = [clone / "target" / "lambda" / worker / name for worker in workers for name in ("bootstrap.zip", "bom.cdx.json")]
    return {str(path.relative_to(clone)): hashlib.sha256(path.read_bytes()).hexdigest() for path in made}


if __name__ == "__main__":
    main()
