"""The bill of materials of one worker: the crates of its own dependency tree, as CycloneDX 1.5.

It lists the crates that cargo compiles for that package and processor, without development dependencies and without dependencies of other
platforms. Versions and checksums are those of Cargo.lock. The content does not depend on the time or the place of the build. `make package`
builds the zips.
"""

import json
import re
import subprocess

TARGETS = {"x86_64": "x86_64-unknown-linux-gnu", "arm64": "aarch64-unknown-linux-gnu"}


def bill(root, worker, architecture, zip_hash):
    """The document for a worker of the checkout `root`. `zip_hash` is the SHA-256 of its zip."""
    tree = cargo_tree(root, worker, architecture, "normal,build")
    # Crates that are needed only to compile other crates are not in the zip.
    inside = set(cargo_tree(root, worker, architecture, "normal"))
    checksums, licences = checksums_of((root / "Cargo.lock").read_text()), licences_of(root, architecture)
    (own,) = (crate for crate in tree if crate[0] == worker)
    component = lambda crate: describe(crate, checksums.get(crate), licences.get(crate))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(own) | {"type": "application", "hashes": [sha256(zip_hash)]}},
        "components": [component(crate) | {"scope": "required" if crate in inside else "excluded"} for crate in sorted(tree) if crate != own],
        "dependencies": [{"ref": reference(crate), "dependsOn": sorted(map(reference, tree[crate]))} for crate in sorted(tree)],
    }


def cargo_tree(root, worker, architecture, edges):
    """{crate: the crates it needs} of a package. A crate is (name, version)."""
    output = cargo(root, "tree", "--locked", "--package", worker, "--target", TARGETS[architecture], "--edges", edges, "--prefix", "depth")
    tree, path = {}, []
    for depth, name, version in re.findall(r"(?m)^(\d+)(\S+) v(\S+)", output):
        del path[int(depth):]
        tree.setdefault((name, version), set())
        if path:
            tree[path[-1]].add((name, version))
        path.append((name, version))
    return tree


def licences_of(root, architecture):
    output = cargo(root, "metadata", "--locked", "--format-version", "1", "--filter-platform", TARGETS[architecture])
    return {(package["name"], package["version"]): package["license"] for package in json.loads(output)["packages"]}


def checksums_of(lock):
    """{crate: SHA-256} of the lock's crates from the registry."""
    entry = r'\[\[package\]\]\nname = "(.+)"\nversion = "(.+)"\nsource = "registry\+.+"\nchecksum = "(.+)"'
    return {(name, version): checksum for name, version, checksum in re.findall(entry, lock)}


def describe(crate, checksum, licence):
    name, version = crate
    described = {"type": "library", "bom-ref": reference(crate), "name": name, "version": version}
    if checksum:
        described |= {"purl": reference(crate), "hashes": [sha256(checksum)]}
    if licence:
        described["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", licence)}]
    return described


def sha256(content):
    return {"alg": "SHA-256", "content": content}


def reference(crate):
    return f"pkg:cargo/{crate[0]}@{crate[1]}"


def cargo(root, *arguments):
    return subprocess.run(["cargo", *arguments], cwd=root, stdout=subprocess.PIPE, text=True, check=True).stdout
