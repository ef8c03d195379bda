"""The folder of everything that is built. The Makefile computes the same folder, and nothing else decides it."""

import os
import pathlib

# The repository. The extension is installed from its folder there, in place.
ROOT = pathlib.Path(__file__).resolve().parents[3]


def target_folder(root=ROOT):
    """CARGO_TARGET_DIR if it is set, relative to the current folder, as for cargo. Else the folder `target` of the repository."""
    given = os.environ.get("CARGO_TARGET_DIR")
    return pathlib.Path(given).absolute() if given else pathlib.Path(root) / "target"
