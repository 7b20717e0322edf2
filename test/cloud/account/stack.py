"""Prints as JSON a stack with its events (the oldest first), its resources and those of its nested stacks.

usage: stack.py ENDPOINT REGION NAME_OR_ID
"""
import json
import sys

import boto3

endpoint, region, name = sys.argv[1:]
cloudformation = boto3.client("cloudformation", endpoint_url=endpoint, region_name=region, aws_access_key_id="state", aws_secret_access_key="state")


def tell(identifier):
    stack = cloudformation.describe_stacks(StackName=identifier)["Stacks"][0]
    template = cloudformation.get_template(StackName=identifier)["TemplateBody"]
    resources = cloudformation.describe_stack_resources(StackName=identifier)["StackResources"]
    return {
        "id": stack["StackId"], "name": stack["StackName"], "status": stack["StackStatus"],
        "outputs": {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        "template": template if isinstance(template, dict) else json.loads(template),
        "resources": [{"id": row["LogicalResourceId"], "type": row["ResourceType"], "physicalId": row["PhysicalResourceId"]} for row in resources],
        "events": [{"id": event["LogicalResourceId"], "type": event["ResourceType"], "status": event["ResourceStatus"],
                    "reason": event.get("ResourceStatusReason")} for event in reversed(cloudformation.describe_stack_events(StackName=identifier)["StackEvents"])],
        "nested": [tell(row["PhysicalResourceId"]) for row in resources if row["ResourceType"] == "AWS::CloudFormation::Stack"],
    }


if name == "--all":
    print(json.dumps(sorted(stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"])))
else:
    print(json.dumps(tell(name)))
