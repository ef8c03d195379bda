"""Writes docs/parameters.md: every parameter that people may give, from the templates, with the older tools' names beside it.

What one stack hands to another is not there. The older names are in older_names.yaml.
"""

import pathlib
import re

import cfn_tools
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCEPTRE = ROOT / "sceptre"
OLDER_NAMES = pathlib.Path(__file__).with_name("older_names.yaml")
GROUPS = ("source", "destination")
# The files that people edit: all in them is theirs to give, but for what another stack must give. Of other stacks, what no shipped file gives.
THEIRS = ("parameters.yaml", "notifications.yaml", "rds-events.yaml", "chat.yaml")
HEAD = """# Parameters

<!-- Written by `make docs` from sceptre/templates and scripts/docs/older_names.yaml. -->

Values stand in `sceptre/config/GROUP/parameters.yaml`, in another file of that directory where the table names one, or in a file of your own
([sceptre/README.md](../sceptre/README.md)). A value that is not allowed stops `sceptre validate` and `launch` before anything is changed.
Names of older tools are kept: *same* means that its name and values can be taken over. [migration.md](migration.md) says how.
"""


def configs(sceptre=SCEPTRE):
    """(group, file, template, {parameter: its text}) of every shipped stack."""
    for group in GROUPS:
        for path in sorted((sceptre / "config" / group).glob("*.yaml")):
            text = path.read_text()
            template = re.search(r"^template:\n  path: (\S+)", text, re.M)
            if template:
                _, _, given = text.partition("\nparameters:\n")
                yield group, path.name, template.group(1), dict(re.findall(r"^  (\w+):[ ]?(.*)$", given, re.M))


def rows(sceptre=SCEPTRE):
    """[parameter, {groups}, file, its declaration, {shipped values}] in the order of the templates, source first."""
    stacks = list(configs(sceptre))
    found = {}
    for group, name, template, given in sorted(stacks, key=lambda stack: (stack[1] not in THEIRS, THEIRS.index(stack[1]) if stack[1] in THEIRS else 0)):
        declared = cfn_tools.load_yaml((sceptre / "templates" / template).read_text()).get("Parameters", {})
        elsewhere = {parameter for _, _, other, values in stacks if other == template for parameter in values}
        for parameter, declaration in declared.items():
            is_handed_on = "Default" not in declaration and given.get(parameter, "").startswith("!")
            if not is_handed_on if name in THEIRS else parameter not in elsewhere:
                file = name if name in THEIRS else f"stacks of {template}"
                row = found.setdefault((parameter, file, cell(declaration.get("Description")), allowed(declaration)),
                                       [parameter, set(), file, declaration, set()])
                row[1].add(group)
                row[4].add(literal(given.get(parameter, "")))
    return list(found.values())


def literal(text):
    """A value as it is shipped; empty for what another stack or file gives."""
    return "" if text.startswith(("!", "{{")) else text.strip("\"'")


def allowed(declaration):
    if "ConstraintDescription" in declaration:
        return cell(re.sub(r"^must (not )?(be )?", r"\1", declaration["ConstraintDescription"]))
    if "AllowedValues" in declaration:
        return ", ".join(map(str, declaration["AllowedValues"]))
    if "MinValue" in declaration:
        return f"{declaration['MinValue']} to {declaration['MaxValue']}" if "MaxValue" in declaration else f"{declaration['MinValue']} or more"
    return ""


def default(declaration, shipped):
    """The template's default, and what the shipped file says where that is something else."""
    own = str(declaration["Default"]) if "Default" in declaration else ""
    others = sorted(value for value in shipped if value not in ("", own, "REQUIRED"))
    said = f"`{own}`" if own else "required"
    return said + (f", shipped as `{'`, `'.join(others)}`" if others else "")


def cell(text):
    return " ".join(str(text or "").split()).replace("|", "\\|")


def table(head, lines):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(line) + " |" for line in lines]) + "\n"


def render(sceptre=SCEPTRE):
    older = yaml.safe_load(OLDER_NAMES.read_text())
    lines = []
    for parameter, groups, file, declaration, shipped in rows(sceptre):
        names = older["parameters"].get(parameter, {})
        said = "; ".join(f"{older['tools'][tool]}: {names[tool]}" for tool in older["tools"] if tool in names)
        name = f"`{parameter}`" + ("" if file == "parameters.yaml" else f" ({file.removesuffix('.yaml') if file in THEIRS else file})")
        account = "both" if len(groups) == len(GROUPS) else "".join(groups)
        lines.append([name, account, default(declaration, shipped), allowed(declaration), cell(declaration.get("Description")), cell(said)])
    gone = [[name if name.startswith("`") else f"`{name}`", what["of"], what["why"]] for name, what in older["gone"].items()]
    return "\n".join([
        HEAD, table(["Parameter", "Account", "Default", "Allowed", "Meaning", "In older tools"], lines),
        "## Parameters of older tools that are not needed\n", table(["Theirs", "Tool", "Now"], gone)])


if __name__ == "__main__":
    (ROOT / "docs" / "parameters.md").write_text(render())
