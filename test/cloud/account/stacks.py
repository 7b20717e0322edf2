"""Stacks: what is made, changed and removed, in which order, and what was said about it."""
import datetime
import logging
import threading
import urllib.parse
import uuid

import boto3
from botocore.config import Config
from moto.utilities.utils import get_partition

from . import template as templates
from .resources import NotPlayed, handler_of

ACCOUNT = "123456789012"
log = logging.getLogger("account")


class DeploymentFailed(Exception):
    """A resource could not be made, changed or removed; the stack's events say which."""


class Stacks:
    """All stacks of a region."""

    def __init__(self, endpoint, region, answers):
        self.endpoint, self.region, self.answers = endpoint, region, answers
        self.all = {}  # stack id → stack, deleted ones too
        self.change_sets = {}
        self.lock = threading.RLock()
        self.clients = {}

    def client(self, service):
        with self.lock:
            if service not in self.clients:
                self.clients[service] = boto3.client(
                    service, endpoint_url=self.endpoint, region_name=self.region, aws_access_key_id="account", aws_secret_access_key="account",
                    config=Config(retries={"max_attempts": 1}, read_timeout=1000, s3={"addressing_style": "path"}))
            return self.clients[service]

    def find(self, name_or_id):
        """The stack of this id, or the one of this name that is not deleted."""
        if name_or_id in self.all:
            return self.all[name_or_id]
        return next((stack for stack in self.all.values() if stack.name == name_or_id and stack.status != "DELETE_COMPLETE"), None)

    def add(self, name, text, parameters, parent=None):
        stack = Stack(self, name, text, parameters, parent)
        self.all[stack.id] = stack
        return stack

    def nested(self, context, url, parameters):
        return self.add(f"{context.stack.name}-{context.logical_id}-{uuid.uuid4().hex[:12].upper()}", self.template_at(url), parameters, parent=context.stack)

    def template_at(self, url):
        """The text of a template in a bucket, by its virtual-hosted or its path-style address."""
        address = urllib.parse.urlparse(url)
        host, path = address.hostname or "", address.path.lstrip("/")
        bucket, key = (host.split(".s3")[0], path) if ".s3" in host else path.split("/", 1)
        return self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def zones(self, region):
        if region != self.region:
            raise templates.TemplateError(f"zones of {region} in a stack of {self.region}")
        return sorted(zone["ZoneName"] for zone in self.client("ec2").describe_availability_zones()["AvailabilityZones"])


class Context:
    """What a resource's handler may know about where it is made."""

    def __init__(self, stack, logical_id, resource_type):
        self.stack, self.stacks, self.logical_id, self.resource_type = stack, stack.stacks, logical_id, resource_type
        self.client = stack.stacks.client
        self.stack_id, self.region, self.account = stack.id, stack.stacks.region, ACCOUNT
        self.partition, self.url_suffix = stack.pseudo["AWS::Partition"], stack.pseudo["AWS::URLSuffix"]

    def generated_name(self, limit=128):
        """A name as CloudFormation makes one: stack, logical id, twelve characters by chance."""
        tail = uuid.uuid4().hex[:12]
        room = limit - len(tail) - 2
        half = max(room // 2, room - len(self.logical_id))
        return f"{self.stack.name[:half]}-{self.logical_id[:room - len(self.stack.name[:half])]}-{tail}"


class Stack:
    def __init__(self, stacks, name, text, parameters, parent):
        self.stacks, self.name, self.parent = stacks, name, parent
        self.id = f"arn:{get_partition(stacks.region)}:cloudformation:{stacks.region}:{ACCOUNT}:stack/{name}/{uuid.uuid4()}"
        self.status, self.reason, self.created = "REVIEW_IN_PROGRESS", None, now()
        self.events = []
        self.pseudo = {
            "AWS::AccountId": ACCOUNT, "AWS::Region": stacks.region, "AWS::StackId": self.id, "AWS::StackName": name,
            "AWS::Partition": get_partition(stacks.region),
            "AWS::URLSuffix": "amazonaws.com.cn" if stacks.region.startswith("cn-") else "amazonaws.com", "AWS::NotificationARNs": [],
        }
        self.text, self.given = text, parameters
        self.resources, self.properties = {}, {}  # logical id → Made, and what it was made from
        self.scope = None

    # what the API calls

    def create(self):
        self.say("CREATE_IN_PROGRESS")
        try:
            self.scope = self.scope_of(self.text, self.given)
            for name in templates.order(self.wanted()):
                self.change("CREATE", name, lambda handler, properties: handler.create(properties))
            self.outputs()
        except Exception as error:  # whatever went wrong in a resource: the deployment fails and says why
            self.roll_back(error)
            raise DeploymentFailed(self.reason) from error
        self.say("CREATE_COMPLETE")

    def update(self, text, parameters):
        self.say("UPDATE_IN_PROGRESS")
        try:
            before, (self.text, self.given) = templates.parse(self.text)["Resources"], (text, parameters)
            self.scope = self.scope_of(text, parameters)
            self.scope.resources = self.resources
            wanted = self.wanted()
            for name in templates.order(wanted):
                self.bring_up_to_date(name)
            self.outputs()
            self.say("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            self.remove([name for name in reversed(templates.order(before)) if name in self.resources and name not in wanted], before)
        except Exception as error:
            self.reason = str(error)
            # what was changed already is left as it is: undoing an update is not played, and nobody shall think so
            self.say("UPDATE_ROLLBACK_FAILED", self.reason)
            raise DeploymentFailed(self.reason) from error
        self.say("UPDATE_COMPLETE")

    def delete(self):
        self.say("DELETE_IN_PROGRESS")
        resources = templates.parse(self.text)["Resources"] if self.resources else {}
        try:
            self.remove([name for name in reversed(templates.order(resources)) if name in self.resources], resources)
        except Exception as error:
            self.reason = str(error)
            self.say("DELETE_FAILED", self.reason)
            raise DeploymentFailed(self.reason) from error
        self.say("DELETE_COMPLETE")

    def outputs(self):
        """Name → output as the API gives it."""
        if self.scope is None:
            return {}
        result = {}
        for name, output in self.scope.template.get("Outputs", {}).items():
            if "Condition" in output and not self.scope.holds(output["Condition"]):
                continue
            result[name] = {"OutputKey": name, "OutputValue": templates.text_of(self.scope.resolve(output["Value"]))}
            if "Description" in output:
                result[name]["Description"] = output["Description"]
            if "Export" in output:
                result[name]["ExportName"] = self.scope.resolve(output["Export"]["Name"])
        return result

    # how it does it

    def scope_of(self, text, given):
        template = templates.parse(text)
        return templates.Scope(template, self.parameters_of(template, given), self.pseudo, self.stacks.zones)

    def parameters_of(self, template, given):
        values = {}
        for name, parameter in template.get("Parameters", {}).items():
            value = given.get(name, parameter.get("Default"))
            if value is None:
                raise templates.TemplateError(f"the parameter '{name}' has no value")
            if parameter["Type"].startswith("AWS::SSM::Parameter::Value"):
                value = self.stacks.client("ssm").get_parameter(Name=value)["Parameter"]["Value"]
            values[name] = value.split(",") if parameter["Type"] in ("CommaDelimitedList", "List<String>") and isinstance(value, str) else value
        unknown = {*given} - {*values}
        if unknown:
            raise templates.TemplateError(f"parameters that the template does not have: {sorted(unknown)}")
        return values

    def wanted(self):
        """The template's resources whose condition holds."""
        return {name: resource for name, resource in self.scope.template["Resources"].items()
                if "Condition" not in resource or self.scope.holds(resource["Condition"])}

    def bring_up_to_date(self, name):
        resource = self.scope.template["Resources"][name]
        if name not in self.resources:
            self.change("CREATE", name, lambda handler, properties: handler.create(properties))
            return
        old = self.properties[name]
        if self.scope.resolve(resource.get("Properties", {})) != old:
            self.change("UPDATE", name, lambda handler, properties: handler.update(self.resources[name], old, properties))

    def change(self, verb, name, action):
        resource = self.scope.template["Resources"][name]
        self.say_of(name, resource["Type"], f"{verb}_IN_PROGRESS")
        try:
            properties = self.scope.resolve(resource.get("Properties", {}))
            made = action(handler_of(resource["Type"], Context(self, name, resource["Type"])), properties)
        except Exception as error:
            self.fail(verb, name, resource["Type"], error)
        self.resources[name], self.properties[name] = made, properties
        self.scope.resources = self.resources
        self.say_of(name, resource["Type"], f"{verb}_COMPLETE")

    def remove(self, names, resources):
        for name in names:
            resource = resources[name]
            if resource.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate"):
                self.say_of(name, resource["Type"], "DELETE_SKIPPED")
            else:
                self.say_of(name, resource["Type"], "DELETE_IN_PROGRESS")
                try:
                    handler_of(resource["Type"], Context(self, name, resource["Type"])).delete(self.resources[name], self.properties[name])
                except Exception as error:
                    self.fail("DELETE", name, resource["Type"], error)
                self.say_of(name, resource["Type"], "DELETE_COMPLETE")
            del self.resources[name], self.properties[name]

    def fail(self, verb, name, resource_type, error):
        prefix = "not played here: " if isinstance(error, NotPlayed) else ""
        reason = f"{prefix}{error}" if str(error) else type(error).__name__
        log.info("%s of %s failed", verb, name, exc_info=None if isinstance(error, (RuntimeError, DeploymentFailed)) else error)
        self.say_of(name, resource_type, f"{verb}_FAILED", reason)
        raise DeploymentFailed(f"{name} ({resource_type}): {reason}") from error

    def roll_back(self, error):
        """A stack that cannot be made is taken down again."""
        self.reason = str(error)
        self.say("ROLLBACK_IN_PROGRESS", self.reason)
        resources = self.scope.template["Resources"] if self.scope else {}
        try:
            self.remove(list(reversed(self.resources)), resources)
            self.say("ROLLBACK_COMPLETE")
        except DeploymentFailed as second:
            self.say("ROLLBACK_FAILED", str(second))

    def say(self, status, reason=None):
        self.status = status
        self.event(self.name, self.id, "AWS::CloudFormation::Stack", status, reason)

    def say_of(self, name, resource_type, status, reason=None):
        made = self.resources.get(name)
        self.event(name, made.id if made else "", resource_type, status, reason)

    def event(self, name, physical_id, resource_type, status, reason):
        self.events.append({
            "StackId": self.id, "StackName": self.name, "EventId": str(uuid.uuid4()), "LogicalResourceId": name, "PhysicalResourceId": physical_id,
            "ResourceType": resource_type, "Timestamp": now(), "ResourceStatus": status, **({"ResourceStatusReason": reason} if reason else {}),
        })


def now():
    return datetime.datetime.now(datetime.timezone.utc)
