"""Nested stacks and custom resources: what hands the work on to somebody else."""
from .registry import Handler, Made, handles


@handles("AWS::CloudFormation::Stack")
class NestedStack(Handler):
    def create(self, p):
        stack = self.context.stacks.nested(self.context, p["TemplateURL"], p.get("Parameters", {}))
        try:
            stack.create()
        except Exception:
            stack.delete()  # it has rolled itself back, and goes with its parent
            raise
        return self.made(stack)

    def update(self, made, old, new):
        stack = self.context.stacks.find(made.id)
        stack.update(self.context.stacks.template_at(new["TemplateURL"]), new.get("Parameters", {}))
        return self.made(stack)

    def delete(self, made, p):
        self.context.stacks.find(made.id).delete()

    @staticmethod
    def made(stack):
        return Made(stack.id, {f"Outputs.{name}": output["OutputValue"] for name, output in stack.outputs().items()})


@handles("Custom::*")
class CustomResource(Handler):
    def create(self, p):
        return self.send("Create", p)

    def update(self, made, old, new):
        answer = self.send("Update", new, made.id, OldResourceProperties=texts(old))
        if answer.id != made.id:
            self.send("Delete", old, made.id)
        return answer

    def delete(self, made, p):
        self.send("Delete", p, made.id)

    def send(self, request_type, properties, physical_id=None, **more):
        event = {
            "RequestType": request_type, "ServiceToken": properties["ServiceToken"], "StackId": self.context.stack_id,
            "LogicalResourceId": self.context.logical_id, "ResourceType": self.context.resource_type,
            "ResourceProperties": texts(properties), **more,
        }
        if physical_id is not None:
            event["PhysicalResourceId"] = physical_id
        answer = self.context.stacks.answers.ask(self.client("lambda"), event)
        if answer["Status"] != "SUCCESS":
            raise RuntimeError(f"Received response status [{answer['Status']}] from custom resource. Message returned: {answer.get('Reason')}")
        return Made(answer["PhysicalResourceId"], answer.get("Data") or {})


def texts(value):
    """CloudFormation hands a custom resource every number and boolean as text."""
    if isinstance(value, dict):
        return {key: texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [texts(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
