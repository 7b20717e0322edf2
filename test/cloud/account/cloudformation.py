"""The API of CloudFormation, as far as the CDK command calls it. Whatever it calls beyond that is an error in moto's log."""
import logging
import threading
import uuid

import moto.cloudformation.urls as urls
from moto.cloudformation.exceptions import ValidationError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from . import template as templates
from .stacks import DeploymentFailed

log = logging.getLogger("account")
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
STACKS_OF_REGION = None  # function of a region, set by install


class ChangeSetNotFound(ValidationError):
    def __init__(self, name):
        super().__init__(message=f"ChangeSet [{name}] does not exist")
        self.code = self.error_type = "ChangeSetNotFound"


class CloudFormation(BaseResponse):
    def __init__(self):
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    @property
    def stacks(self):
        return STACKS_OF_REGION(self.region)

    @property
    def stack(self):
        name = self._get_param("StackName")
        stack = self.stacks.find(name)
        if stack is None:
            raise ValidationError(name)
        return stack

    def create_change_set(self):
        # ImportExistingResources has no effect, a name that is taken fails when it is made; IncludeNestedStacks none either, no change is told
        for unplayed in ("Tags", "ResourcesToImport"):
            if self._get_param(unplayed):
                raise ValidationError(message=f"not played here: {unplayed} of a change set")
        kind, name = self._get_param("ChangeSetType", "UPDATE"), self._get_param("StackName")
        url = self._get_param("TemplateURL")
        text = self.stacks.template_at(url) if url else self._get_param("TemplateBody")
        stack = self.stacks.find(name)
        if kind == "CREATE" and (stack is None or stack.status == "DELETE_COMPLETE"):
            stack = self.stacks.add(name, text, {})
        elif stack is None:
            raise ValidationError(name)
        given = {}
        for parameter in self._get_param("Parameters", []):
            key = parameter["ParameterKey"]
            if not parameter.get("UsePreviousValue"):
                given[key] = parameter["ParameterValue"]
            elif key in stack.given:
                given[key] = stack.given[key]
        identifier = f"arn:{self.partition}:cloudformation:{self.region}:{self.current_account}:changeSet/{self._get_param('ChangeSetName')}/{uuid.uuid4()}"
        outcome = {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}
        if kind == "UPDATE" and templates.parse(text) == templates.parse(stack.text) and given == stack.given:
            outcome = {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "StatusReason": NO_CHANGES}
        self.stacks.change_sets[identifier] = {
            "ChangeSetName": self._get_param("ChangeSetName"), "ChangeSetId": identifier, "StackId": stack.id, "StackName": stack.name,
            **outcome, "Changes": [], "kind": kind, "text": text, "given": given,
        }
        return ActionResult({"Id": identifier, "StackId": stack.id})

    @property
    def change_set(self):
        name, stack = self._get_param("ChangeSetName"), self._get_param("StackName")
        for change_set in self.stacks.change_sets.values():
            if name == change_set["ChangeSetId"] or (name == change_set["ChangeSetName"] and stack in (change_set["StackName"], change_set["StackId"])):
                return change_set
        raise ChangeSetNotFound(name)

    def describe_change_set(self):
        return ActionResult({key: value for key, value in self.change_set.items() if key[0].isupper()})

    def delete_change_set(self):
        try:
            del self.stacks.change_sets[self.change_set["ChangeSetId"]]
        except ChangeSetNotFound:
            pass  # as in AWS
        return EmptyResult()

    def execute_change_set(self):
        change_set = self.change_set
        stack = self.stacks.find(change_set["StackId"])
        del self.stacks.change_sets[change_set["ChangeSetId"]]
        if change_set["kind"] == "CREATE":
            stack.text, stack.given = change_set["text"], change_set["given"]
            self.begin(stack, "CREATE_IN_PROGRESS", stack.create)
        else:
            self.begin(stack, "UPDATE_IN_PROGRESS", lambda: stack.update(change_set["text"], change_set["given"]))
        return EmptyResult()

    def delete_stack(self):
        stack = self.stacks.find(self._get_param("StackName"))
        if stack is not None:
            self.begin(stack, "DELETE_IN_PROGRESS", stack.delete)
        return EmptyResult()

    def begin(self, stack, status, work):
        """CloudFormation answers at once and works on; what comes of it is in the stack's status and events."""
        def run():
            try:
                work()
            except DeploymentFailed as error:
                log.info("%s: %s", stack.name, error)
            except Exception:
                log.exception("a crash in the account itself")
                stack.status = "CREATE_FAILED"
        stack.status = status
        threading.Thread(target=run, daemon=True).start()

    def describe_stacks(self):
        stacks = [self.stack] if self._get_param("StackName") else [stack for stack in self.stacks.all.values() if stack.status != "DELETE_COMPLETE"]
        return ActionResult({"Stacks": [self.description(stack) for stack in stacks]})

    @staticmethod
    def description(stack):
        done = stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        return {
            "StackId": stack.id, "StackName": stack.name, "CreationTime": stack.created, "StackStatus": stack.status, "StackStatusReason": stack.reason,
            "Parameters": [{"ParameterKey": key, "ParameterValue": str(value)} for key, value in stack.given.items()],
            "Outputs": list(stack.outputs().values()) if done else [], "Tags": [], "EnableTerminationProtection": False, "Capabilities": [],
            **({"ParentId": stack.parent.id, "RootId": root(stack).id} if stack.parent else {}),
        }

    def describe_stack_events(self):
        return ActionResult({"StackEvents": list(reversed(self.stack.events))})

    def describe_stack_resources(self):
        return ActionResult({"StackResources": self.rows(self.stack)})

    def list_stack_resources(self):
        return ActionResult({"StackResourceSummaries": [{**row, "LastUpdatedTimestamp": row["Timestamp"]} for row in self.rows(self.stack)]})

    @staticmethod
    def rows(stack):
        types = {name: resource["Type"] for name, resource in (stack.scope.template["Resources"] if stack.scope else {}).items()}
        return [{"StackId": stack.id, "StackName": stack.name, "LogicalResourceId": name, "PhysicalResourceId": made.id, "ResourceType": types[name],
                 "Timestamp": stack.created, "ResourceStatus": "CREATE_COMPLETE"} for name, made in stack.resources.items()]

    def get_template(self):
        return ActionResult({"TemplateBody": self.stack.text, "StagesAvailable": ["Original", "Processed"]})


def root(stack):
    while stack.parent:
        stack = stack.parent
    return stack


def install(stacks_of_region):
    """Puts this CloudFormation in the place of moto's."""
    global STACKS_OF_REGION
    STACKS_OF_REGION = stacks_of_region
    urls.url_paths["{0}/$"] = CloudFormation.dispatch
