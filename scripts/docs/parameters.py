"""The generator of docs/parameters.md: every parameter that users may give, from the templates, with its names in older tools.

Parameters that one stack passes to another are left out. The older names are in older_names.yaml.
"""

import pathlib
import re

import cfn_tools
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCEPTRE = ROOT / "sceptre"
OLDER_NAMES = pathlib.Path(__file__).with_name("older_names.yaml")
GROUPS = ("source", "destination")
# The files that users edit. Their parameters are listed unless another stack gives the value. A parameter of another stack is listed if no
# shipped file gives it.
EDITED = ("parameters.yaml", "notifications.yaml", "rds-events.yaml", "chat.yaml")
HEAD = """# Parameters

<!-- Written by `make docs` from sceptre/templates and scripts/docs/older_names.yaml. -->

The values are in `sceptre/config/GROUP/parameters.yaml`, in another file of that directory if the table names one, or in your own file
([sceptre/README.md](../sceptre/README.md)). An invalid value stops `sceptre validate` and `sceptre launch` before anything is changed.
So does an unknown name. If somebody writes one to SSM later, take, share and copy report it and go on without it. The delete workers delete
nothing until it is corrected or removed, because it may be meant to keep snapshots.

Pilot Light keeps the names of older tools: *same* means that you can keep the name and the values. [migration.md](migration.md) describes
the steps.
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
    """[parameter, {groups}, file, its declaration, {shipped values}], in the order of the templates, the source first."""
    stacks = list(configs(sceptre))
    found = {}
    order = lambda stack: EDITED.index(stack[1]) if stack[1] in EDITED else len(EDITED)
    for group, name, template, given in sorted(stacks, key=order):
        declared = cfn_tools.load_yaml((sceptre / "templates" / template).read_text()).get("Parameters", {})
        elsewhere = {parameter for _, _, other, values in stacks if other == template for parameter in values}
        for parameter, declaration in declared.items():
            is_from_other_stack = "Default" not in declaration and given.get(parameter, "").startswith("!")
            if not is_from_other_stack if name in EDITED else parameter not in elsewhere:
                file = name if name in EDITED else f"stacks of {template}"
                row = found.setdefault((parameter, file, cell(declaration.get("Description")), allowed(declaration)),
                                       [parameter, set(), file, declaration, set()])
                row[1].add(group)
                row[4].add(literal(given.get(parameter, "")))
    return list(found.values())


def literal(text):
    """The shipped value. It is empty if another stack or file gives the value."""
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
    """The template's default, and the shipped value if it differs."""
    own = str(declaration["Default"]) if "Default" in declaration else ""
    others = sorted(value for value in shipped if value not in ("", own, "REQUIRED"))
    text = f"`{own}`" if own else "required"
    return text + (f", shipped as `{'`, `'.join(others)}`" if others else "")


def cell(text):
    return " ".join(str(text or "").split()).replace("|", "\\|")


def table(head, lines):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(line) + " |" for line in lines]) + "\n"


def render(sceptre=SCEPTRE):
    older = yaml.safe_load(OLDER_NAMES.read_text())
    lines = []
    for parameter, groups, file, declaration, shipped in rows(sceptre):
        names = older["parameters"].get(parameter, {})
        older_names = "; ".join(f"{older['tools'][tool]}: {names[tool]}" for tool in older["tools"] if tool in names)
        name = f"`{parameter}`" + ("" if file == "parameters.yaml" else f" ({file.removesuffix('.yaml') if file in EDITED else file})")
        account = "both" if len(groups) == len(GROUPS) else "".join(groups)
        meaning = cell(declaration.get("Description"))
        lines.append([name, account, default(declaration, shipped), allowed(declaration), meaning, cell(older_names)])
    gone = [[name if name.startswith("`") else f"`{name}`", entry["of"], entry["why"]] for name, entry in older["gone"].items()]
    return "\n".join([
        HEAD, table(["Parameter", "Account", "Default", "Allowed", "Meaning", "In older tools"], lines),
        "## Parameters of older tools that are not needed\n", table(["Parameter", "Tool", "Now"], gone)])


if __name__ == "__main__":
    (ROOT / "docs" / "parameters.md").write_text(render())
