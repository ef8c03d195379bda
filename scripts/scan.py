"""The static security scan: checkov over the generated templates of every group, and over a template with planted bugs.

A template states each check that a resource skips, with the reason. `make scan` runs the scan. The contract tests run cfn-lint.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import yaml
from cfnlint.decode import cfn_yaml
from pilot_light_sceptre.target import target_folder

ROOT = pathlib.Path(__file__).resolve().parent.parent
GENERATED = target_folder() / "scan"
# A public bucket and a topic without encryption, and a policy with a condition that allows everything. A scan must find all three.
ANYTHING = {"Fn::If": ["Sometimes", {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Ref": "AWS::NoValue"}]}
PLANTED = {"Resources": {
    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "PublicReadWrite"}},
    "Topic": {"Type": "AWS::SNS::Topic"},
    "Policy": {"Type": "AWS::IAM::ManagedPolicy", "Condition": "Sometimes",
               "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [ANYTHING]}}},
}}
# The bucket does not block public ACLs and is publicly writable. The topic is not encrypted. The policy allows privilege escalation.
MUST_FIND = {"CKV_AWS_53", "CKV_AWS_57", "CKV_AWS_26", "CKV_AWS_110"}


def main():
    checkov = pathlib.Path(sys.argv[1])
    groups = sorted(path.parent.name for path in (ROOT / "sceptre" / "config").glob("*/config.yaml"))
    shutil.rmtree(GENERATED, ignore_errors=True)
    found = scan(checkov, write(GENERATED / "planted", [json.dumps(PLANTED)]))
    unseen = MUST_FIND - {check["check_id"] for check in found["failed_checks"]}
    if unseen:
        sys.exit(f"The scan does not find the planted {', '.join(sorted(unseen))}: so its results are worthless.")
    failed = 0
    for group in groups:
        results = scan(checkov, write(GENERATED / group, generate(group)))
        for check in results["failed_checks"]:
            print(f"{group}: {check['resource']} ({check['file_path']}): {check['check_id']} {check['check_name']}")
        for check in results["skipped_checks"]:
            if not check["check_result"]["suppress_comment"].strip():
                sys.exit(f"{group}: {check['resource']}: {check['check_id']} is skipped without a reason")
        failed += len(results["failed_checks"])
        print(f"{group}: {len(results['passed_checks'])} checks passed, {len(results['failed_checks'])} failed, "
              f"{len(results['skipped_checks'])} skipped with a reason")
    sys.exit(1 if failed else 0)


def generate(group):
    """The templates of a group as Sceptre generates them. Sceptre needs no call to AWS for this."""
    env = os.environ | {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    sceptre = pathlib.Path(sys.executable).parent / "sceptre"
    command = [sceptre, "--no-colour", "generate", group]
    generated = subprocess.run(command, cwd=ROOT / "sceptre", env=env, stdout=subprocess.PIPE, text=True, check=True)
    return list(yaml.safe_load_all(generated.stdout))


def write(folder, templates):
    folder.mkdir(parents=True)
    for number, text in enumerate(templates):
        document = whole(cfn_yaml.loads(text))
        for resource in document["Resources"].values():
            resource.pop("Condition", None)
        (folder / f"{number:02}.json").write_text(json.dumps(document, indent=1))
    return folder


def whole(value):
    """A template with all its conditional parts, since checkov skips them and does not read a policy with an Fn::If."""
    if isinstance(value, dict) and list(value) == ["Fn::If"]:
        _, yes, no = value["Fn::If"]
        return whole(no if yes == {"Ref": "AWS::NoValue"} else yes)
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value if item != {"Ref": "AWS::NoValue"}]
    return value


def scan(checkov, folder):
    """The results of checkov, without a call to its vendor's platform.

    The path is relative because checkov also searches paths for secrets, and a path of 40 characters looks like a key.
    """
    command = [checkov.absolute(), "--framework", "cloudformation", "--directory", os.path.relpath(folder, ROOT), "--output", "json", "--skip-download"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    report = json.loads(done.stdout)
    templates = len(list(folder.iterdir()))
    if "results" not in report or report["summary"]["parsing_errors"]:
        sys.exit(f"checkov could not read the {templates} templates in {folder}: {report}")
    return report["results"]


if __name__ == "__main__":
    main()
