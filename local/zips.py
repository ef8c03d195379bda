"""The workers' quick builds as Lambda zips: debug/<worker> of the target folder becomes local-lambda/<worker>/bootstrap.zip.

These zips are for the local run. `make package` builds those for AWS.
"""

import pathlib
import tempfile
import zipfile

from pilot_light_sceptre.target import target_folder

WORKERS = ["source-take", "source-share", "source-delete", "destination-copy", "destination-delete", "destination-recover"]
ZIPS = target_folder() / "local-lambda"


def zip_workers(binaries=target_folder() / "debug", zips=ZIPS):
    for worker in WORKERS:
        binary = pathlib.Path(binaries) / worker
        if not binary.is_file():
            raise RuntimeError(f"{binary} is missing: run: cargo build --workspace")
        zip_one(binary, pathlib.Path(zips) / worker / "bootstrap.zip")


def zip_one(binary, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and target.stat().st_mtime > binary.stat().st_mtime:
        return
    entry = zipfile.ZipInfo("bootstrap", (2020, 1, 1, 0, 0, 0))
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    # The file appears complete or not at all, because another process may read it.
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as part:
        with zipfile.ZipFile(part, "w") as zipped:
            # Level 1: these zips are large, local and short-lived.
            zipped.writestr(entry, binary.read_bytes(), compresslevel=1)
    pathlib.Path(part.name).replace(target)
