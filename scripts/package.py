"""Packs each worker so that the same program gives the same zip, and writes the bill of materials beside each zip.

`python -m scripts.package ARCHITECTURE WORKER...`, called by `make package`.
"""

import hashlib
import json
import os
import pathlib
import sys
import zipfile

from pilot_light_sceptre.processor import processor_of
from pilot_light_sceptre.target import target_folder
from .sbom import bill

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAMBDA = target_folder() / "lambda"
# The earliest time that a zip can contain.
EPOCH = (1980, 1, 1, 0, 0, 0)


def main():
    architecture, *workers = sys.argv[1:]
    for worker in workers:
        path = LAMBDA / worker / "bootstrap.zip"
        with zipfile.ZipFile(path) as zipped:
            program = zipped.read("bootstrap")
        if processor_of(program) != architecture:
            sys.exit(f"{path} was built for {processor_of(program)}, not for {architecture}")
        repack(path, program)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        document = bill(ROOT, worker, architecture, digest)
        (path.parent / "bom.cdx.json").write_text(json.dumps(document, indent=1) + "\n")
        print(f"{digest}  {os.path.relpath(path)}  {path.stat().st_size} bytes, {len(document['components'])} crates in bom.cdx.json")


def repack(path, program):
    """Writes a zip with only the program, without the time and the file permissions of the build."""
    entry = zipfile.ZipInfo("bootstrap", EPOCH)
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    # The zip also contains the system that created it. 3 is Unix. Lambda reads its file modes.
    entry.create_system = 3
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr(entry, program, compresslevel=9)


if __name__ == "__main__":
    main()
