"""`make group`: one more stack group, for another Region of an account or for another destination.

The files that users edit are copied. All other files are links to the original, so that a later version reaches every group. Conflicts
with other groups are left to validation.py, which sees the account.
"""

import argparse
import pathlib
import re
import sys

OWN = ("config.yaml", "parameters.yaml", "notifications.yaml", "rds-events.yaml", "chat.yaml")
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="make group", description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=pathlib.Path, default=pathlib.Path("sceptre/config"))
    parser.add_argument("name")
    parser.add_argument("origin")
    parser.add_argument("region")
    parser.add_argument("source_region", nargs="?", default="")
    given = parser.parse_args(arguments)
    try:
        make(given.config, given.name, given.origin, given.region, given.source_region)
    except ValueError as error:
        print(f"make group: {error}", file=sys.stderr)
        return 2
    folder = given.config / given.name
    print(f"{folder} has been created. Edit {folder}/parameters.yaml and notifications.yaml.\n"
          f"Then, in sceptre/ and with that account's credentials:\n"
          f"  sceptre launch {given.name} -y")
    return 0


def make(config, name, origin, region, source_region=""):
    """Creates the group `name` from the group `origin`, in another Region.

    Raises ValueError if an argument is invalid. Then no file is changed.
    """
    model, folder = config / origin, config / name
    if not NAME.fullmatch(name):
        raise ValueError(f"NAME is {name!r}: give at most 40 lower-case letters, digits and hyphens, beginning with a letter")
    if not (model / "config.yaml").is_file():
        raise ValueError(f"FROM is {origin!r}: {model} is not a group; give source or destination")
    if folder.exists():
        raise ValueError(f"NAME is {name!r}: {folder} exists already")
    text = (model / "config.yaml").read_text()
    follows = "source_region:" in text
    if bool(source_region) != follows:
        raise ValueError("SOURCE_REGION: give the Region that the snapshots are copied from" if follows else
                         f"SOURCE_REGION is {source_region!r}: the group {origin} has no source Region; leave it out")
    for label, value in (("REGION", region), ("SOURCE_REGION", source_region or region)):
        if not REGION.fullmatch(value):
            raise ValueError(f"{label} is {value!r}: give a Region such as eu-west-1")
    folder.mkdir()
    (folder / "config.yaml").write_text(with_values(text, region=region, source_region=source_region, group=name))
    for path in sorted(model.glob("*.yaml")):
        if path.name not in OWN:
            (folder / path.name).symlink_to(pathlib.Path("..") / origin / path.name)
        elif path.name != "config.yaml":
            (folder / path.name).write_text(path.read_text().replace(f"launch {origin} ", f"launch {name} "))


def with_values(text, **values):
    """A config.yaml with other values. Its comments and anchors are kept."""
    for key, value in values.items():
        text = re.sub(rf"^({key}:(?: &\w+)?) .*$", rf"\1 {value}", text, flags=re.M)
    return text


if __name__ == "__main__":
    sys.exit(main())
