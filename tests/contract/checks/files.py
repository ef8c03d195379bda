"""The deployment's files as data: templates with their CloudFormation tags, configs with Sceptre's."""

import pathlib
from dataclasses import dataclass

import jinja2
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCEPTRE = ROOT / "sceptre"
TEMPLATES = sorted((SCEPTRE / "templates").glob("*.yaml"))
# The shipped groups. Users can add more groups.
CONFIGS = sorted(path for group in ("source", "destination") for path in (SCEPTRE / "config" / group).glob("*.yaml") if path.name != "config.yaml")
MACHINES = sorted((ROOT / "statemachines").glob("*.asl.json"))


@dataclass
class Tag:
    """A YAML tag and its value: !Ref X, !stack_output a/b.yaml::C."""

    name: str
    value: object


class Loader(yaml.SafeLoader):
    """Reads any tag as a Tag."""


def construct(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return Tag(suffix, loader.construct_scalar(node))
    if isinstance(node, yaml.SequenceNode):
        return Tag(suffix, loader.construct_sequence(node, deep=True))
    return Tag(suffix, loader.construct_mapping(node, deep=True))


Loader.add_multi_constructor("!", construct)


def template(path):
    return yaml.load(pathlib.Path(path).read_text(), Loader)


def config(path, variables=None):
    """A stack's config as Sceptre renders it, with the values of its group's config.yaml."""
    path, variables = pathlib.Path(path), variables or {}
    return rendered(path, variables, **rendered(path.parent / "config.yaml", variables))


def rendered(path, variables, **values):
    text = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(path.read_text())
    return yaml.load(text.render(var=variables, **values), Loader)


def template_of(configured):
    return template(SCEPTRE / "templates" / configured["template"]["path"])


def name_of(path):
    """The name of a config in Sceptre, such as source/take.yaml."""
    return path.relative_to(SCEPTRE / "config").as_posix()


def tags(value, name):
    """The values of all tags of that name inside a value."""
    if isinstance(value, Tag):
        if value.name == name:
            yield value.value
        value = value.value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from tags(item, name)


def local_variables():
    return yaml.safe_load((ROOT / "local" / "vars.yaml").read_text())
