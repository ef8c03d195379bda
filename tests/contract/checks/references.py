"""The names by which configs, templates and state machines refer to each other, checked as findings."""

import json
import re

from .files import CONFIGS, ROOT, SCEPTRE, Tag, config, name_of, tags, template, template_of


def configs(variables=None):
    return {name_of(path): config(path, variables) for path in CONFIGS}


def stack_references(all_configs):
    """Findings unless outputs that configs read exist, parameters that they give exist, and parameters without a default are given."""
    for name, configured in all_configs.items():
        for reference in tags(configured, "stack_output"):
            stack, _, output = reference.partition("::")
            if stack not in all_configs:
                yield f"{name}: there is no {stack}"
            elif output not in template_of(all_configs[stack]).get("Outputs", {}):
                yield f"{name}: {stack} has no output {output}"
        wanted = template_of(configured).get("Parameters", {})
        given = configured.get("parameters", {})
        for parameter in given.keys() - wanted.keys():
            yield f"{name}: its template has no parameter {parameter}"
        for parameter in wanted.keys() - given.keys():
            if "Default" not in wanted[parameter]:
                yield f"{name}: {parameter} is not given"


def reads_of_ignored(all_configs):
    """A finding for each config that reads an output of a stack that is not launched."""
    ignored = {name for name, configured in all_configs.items() if configured.get("ignore")}
    for name in all_configs.keys() - ignored:
        stacks = {reference.partition("::")[0] for reference in tags(all_configs[name], "stack_output")}
        yield from (f"{name}: {stack} is not launched" for stack in sorted(stacks & ignored))


def worker_references(all_configs, packages):
    """Findings unless the names in a worker's stack agree: package, zip, definition, policy and schedule."""
    for name, configured in all_configs.items():
        given = configured.get("parameters", {})
        if configured["template"]["path"] != "worker.yaml":
            continue
        account, verb = name.removesuffix(".yaml").split("/")
        worker = f"{account}-{verb}"
        if given["Worker"] != worker:
            yield f"{name}: has the worker name {given['Worker']}"
        if worker not in packages:
            yield f"{name}: there is no package {worker}"
        if given["CodeKey"] != Tag("worker_key", worker):
            yield f"{name}: its code is {given['CodeKey']}"
        if given["PolicyArn"] != Tag("stack_output", f"{account}/policies.yaml::{verb.capitalize()}"):
            yield f"{name}: its policy is {given['PolicyArn']}"
        uploads = [upload for when in ("before_create", "before_update") for upload in configured["hooks"][when]]
        expected = Tag("upload_artifacts", {"worker": worker, "definition": given["DefinitionKey"].value})
        if uploads != [expected, expected]:
            yield f"{name}: uploads {uploads}"
        if not (ROOT / "statemachines" / given["DefinitionKey"].value).is_file():
            yield f"{name}: there is no {given['DefinitionKey'].value}"
        if given["Schedule"].value["value"].value.partition("::")[2] != given["Schedule"].value["parameter"]:
            yield f"{name}: Schedule has the name of another parameter"
        yield from alarm_references(f"{account}/{verb}-alarms.yaml", all_configs[f"{account}/{verb}-alarms.yaml"]["parameters"], name, given)


def alarm_references(name, alarms, worker, given):
    """Findings unless the alarms of a worker refer to that worker and their times depend on its schedule."""
    account = name.partition("/")[0]
    for key in ("Worker", "Name", "Enabled", "StateMachineArn", "FunctionName", "DeadLetters", "LogGroup", "ParameterPath", "Schedule"):
        if alarms[key] != Tag("stack_output", f"{worker}::{key}"):
            yield f"{name}: {key} is {alarms[key].value}"
    measures = {"RpoSeconds", "AgePeriod", "AgePeriods"} & alarms.keys()
    if len(measures) != (3 if given["Worker"] == "destination-copy" else 0):
        yield f"{name}: has {', '.join(sorted(measures)) or 'nothing'} for the alarm on the age"
    target = Tag("stack_output", f"{account}/parameters.yaml::RpoTarget")
    if measures and alarms["RpoSeconds"].value != {"parameter": "RpoTarget", "value": target}:
        yield f"{name}: its target is {alarms['RpoSeconds'].value}"
    for computed in ("SilencePeriod", "SilencePeriods", *sorted(measures - {"RpoSeconds"})):
        if alarms[computed].value != given["Schedule"].value:
            yield f"{name}: {computed} depends on another schedule"


def substitutions(machine_text, worker_template):
    """Findings unless the definition's placeholders and the template's values are the same."""
    given = set(worker_template["Resources"]["StateMachine"]["Properties"]["DefinitionSubstitutions"])
    used = set(re.findall(r"\$\{(\w+)\}", machine_text))
    yield from (f"${{{name}}} has no value" for name in sorted(used - given))
    yield from (f"{name} is not used" for name in sorted(given - used))


def packages():
    """The names of the workspace's packages."""
    found = set()
    for manifest in [*ROOT.glob("source-account/*/Cargo.toml"), *ROOT.glob("destination-account/*/Cargo.toml")]:
        found |= set(re.findall(r'^name = "([^"]+)"', manifest.read_text(), re.M))
    return found


def worker_files():
    return (ROOT / "statemachines" / "worker.asl.json").read_text(), template(SCEPTRE / "templates" / "worker.yaml")


def is_json(text):
    json.loads(text)
    return True
