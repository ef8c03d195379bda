"""The files of a worker stack in the artifacts bucket, each under a key made from its contents.

The resolvers only compute keys, so diff and validate can use them. Only the hook uploads. The hash covers the contents of the zip, not the
zip file, so that time stamps and compression do not redeploy an unchanged worker.
"""

import hashlib
import os
import zipfile

import botocore.exceptions
from sceptre.exceptions import SceptreException
from sceptre.hooks import Hook
from sceptre.resolvers import Resolver

from .processor import processor_of
from .target import target_folder


class WorkerKey(Resolver):
    """`!worker_key source-take`: the S3 key of that worker's zip."""

    def resolve(self):
        return worker_key(self.argument, zip_path(self.stack, self.argument))


class DefinitionKey(Resolver):
    """`!definition_key worker.asl.json`: the S3 key of that state machine's definition."""

    def resolve(self):
        return definition_key(self.argument, definition_path(self.stack, self.argument))


class UploadArtifacts(Hook):
    """`!upload_artifacts {worker: source-take, definition: worker.asl.json}`: uploads the files that the bucket lacks."""

    def run(self):
        bucket = self.stack.parameters["ArtifactsBucket"]
        worker, definition = self.argument["worker"], self.argument["definition"]
        zipped, asl = zip_path(self.stack, worker), definition_path(self.stack, definition)
        refuse_other_processor(self.stack.name, zipped, self.stack.parameters["Architecture"])
        self.upload(bucket, worker_key(worker, zipped), zipped)
        self.upload(bucket, definition_key(definition, asl), asl)

    def upload(self, bucket, key, path):
        if self.exists(bucket, key):
            return
        self.logger.info("%s - Uploading %s", self.stack.name, key)
        with open(path, "rb") as body:
            self.call("put_object", Bucket=bucket, Key=key, Body=body.read())

    def exists(self, bucket, key):
        try:
            self.call("head_object", Bucket=bucket, Key=key)
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return False
            raise
        return True

    def call(self, command, **kwargs):
        return self.stack.connection_manager.call(service="s3", command=command, kwargs=kwargs)


def refuse_other_processor(stack, path, architecture):
    """Raises SceptreException for a zip built for the other processor. Lambda would accept that zip, and every run would fail."""
    with zipfile.ZipFile(path) as zipped:
        built = processor_of(zipped.read("bootstrap"))
    if built not in (None, architecture):
        raise SceptreException(f"{stack}: Architecture is {architecture}, but {os.path.relpath(path)} was built for {built}: "
                               f"change Architecture in parameters.yaml, or run: make package ARCH={architecture}")


def worker_key(worker, path):
    return f"workers/{worker}/{contents_hash(path)}.zip"


def definition_key(name, path):
    with open(path, "rb") as definition:
        return f"statemachines/{name}/{hashlib.sha256(definition.read()).hexdigest()}.json"


def contents_hash(path):
    """A hash of the names, modes and bytes of a zip's entries."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(path) as zipped:
        for entry in sorted(zipped.infolist(), key=lambda entry: entry.filename):
            data = zipped.read(entry)
            mode = entry.external_attr >> 16 & 0o777
            digest.update(f"{entry.filename}\0{mode:o}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()


def zip_path(stack, worker):
    given = stack.stack_group_config.get("artifacts")
    folder = project(stack, given) if given else target_folder(project(stack, "..")) / "lambda"
    path = os.path.join(folder, worker, "bootstrap.zip")
    if not os.path.isfile(path):
        raise SceptreException(f"{stack.name}: {os.path.relpath(path)} is missing: run: make package")
    return path


def definition_path(stack, name):
    return os.path.join(project(stack, "../statemachines"), name)


def project(stack, path):
    return os.path.normpath(os.path.join(stack.stack_group_config["project_path"], path))
