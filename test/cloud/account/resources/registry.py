"""How a resource type is made, changed and removed."""
from dataclasses import dataclass, field


class NotPlayed(Exception):
    """Something that this account does not do; a test that needs it must not pass."""


@dataclass
class Made:
    """A resource that exists: its physical id (what Ref gives) and its attributes (what GetAtt gives)."""

    id: str
    attributes: dict = field(default_factory=dict)


class Handler:
    """One resource type. Every property that it does not know is an error, of its own or of the service's API."""

    def __init__(self, context):
        self.context = context

    def client(self, service):
        return self.context.client(service)

    def create(self, properties):
        """Makes it and returns a `Made`."""
        raise NotImplementedError

    def update(self, made, old, new):
        """Changes it in place and returns a `Made`."""
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        raise NotPlayed(f"an update of {', '.join(changed)} of {type(self).resource_type}")

    def delete(self, made, properties):
        raise NotImplementedError


HANDLERS = {}


def handles(resource_type):
    def register(cls):
        cls.resource_type = resource_type
        HANDLERS[resource_type] = cls
        return cls
    return register


def handler_of(resource_type, context):
    name = "Custom::*" if resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource" else resource_type
    if name not in HANDLERS:
        raise NotPlayed(f"the resource type {resource_type}")
    return HANDLERS[name](context)


def tags_of(properties):
    """Tags as a map, for services that want it so."""
    tags = properties.get("Tags", {})
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def without(properties, *keys):
    return {key: value for key, value in properties.items() if key not in keys}


def lower_camel(value):
    """`{"SubnetIds": …}` as the EKS API spells it, all the way down."""
    if isinstance(value, list):
        return [lower_camel(item) for item in value]
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: lower_camel(item) for key, item in value.items()}
    return value
