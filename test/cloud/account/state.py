"""Prints as JSON what is in the account, read through the APIs of its services.

usage: state.py ENDPOINT REGION
"""
import json
import sys

import boto3

endpoint, region = sys.argv[1:]


def client(service):
    return boto3.client(service, endpoint_url=endpoint, region_name=region, aws_access_key_id="state", aws_secret_access_key="state")


def tags(items):
    return {item["Key"]: item["Value"] for item in items}


ec2, eks, sqs, events, iam = map(client, ("ec2", "eks", "sqs", "events", "iam"))
vpcs = [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
ours = [{"Name": "vpc-id", "Values": [vpc["VpcId"] for vpc in vpcs]}] if vpcs else None


def cluster_of(name):
    def each(list_name, describe, wrapped, key):
        return [describe(clusterName=name, **{key: item})[wrapped] for item in list_name]
    cluster = eks.describe_cluster(name=name)["cluster"]
    entries = each(eks.list_access_entries(clusterName=name)["accessEntries"], eks.describe_access_entry, "accessEntry", "principalArn")
    return {
        "name": name, "version": cluster.get("version"), "roleArn": cluster["roleArn"], "subnetIds": cluster["resourcesVpcConfig"]["subnetIds"],
        "nodeGroups": each(eks.list_nodegroups(clusterName=name)["nodegroups"], eks.describe_nodegroup, "nodegroup", "nodegroupName"),
        "addons": each(eks.list_addons(clusterName=name)["addons"], eks.describe_addon, "addon", "addonName"),
        "accessEntries": [{**entry, "policies": [policy["policyArn"] for policy in eks.list_associated_access_policies(
            clusterName=name, principalArn=entry["principalArn"])["associatedAccessPolicies"]]} for entry in entries],
        "podIdentities": [{"namespace": item["namespace"], "serviceAccount": item["serviceAccount"], "roleArn": eks.describe_pod_identity_association(
            clusterName=name, associationId=item["associationId"])["association"]["roleArn"]}
            for item in eks.list_pod_identity_associations(clusterName=name)["associations"]],
    }


def rule_of(rule):
    targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    return {"name": rule["Name"], "pattern": json.loads(rule["EventPattern"]), "targets": [target["Arn"] for target in targets]}


def queue_of(url):
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {"arn": attributes["QueueArn"], "retentionSeconds": int(attributes["MessageRetentionPeriod"]), "policy": json.loads(attributes.get("Policy") or "{}")}


def roles():
    for page in iam.get_paginator("list_roles").paginate():
        yield from page["Roles"]


print(json.dumps({
    "vpcs": [vpc["VpcId"] for vpc in vpcs],
    "zones": sorted(zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]),
    "subnets": [{"id": subnet["SubnetId"], "zone": subnet["AvailabilityZone"], "cidr": subnet["CidrBlock"], "tags": tags(subnet.get("Tags", []))}
                for subnet in (ec2.describe_subnets(Filters=ours)["Subnets"] if ours else [])],
    "natGateways": [gateway["NatGatewayId"] for gateway in (ec2.describe_nat_gateways(Filters=ours)["NatGateways"] if ours else [])
                    if gateway["State"] != "deleted"],
    "securityGroups": [{"id": group["GroupId"], "name": group["GroupName"], "tags": tags(group.get("Tags", [])),
                        "rules": len(group["IpPermissions"]) + len(group["IpPermissionsEgress"])}
                       for group in (ec2.describe_security_groups(Filters=ours)["SecurityGroups"] if ours else [])],
    "clusters": [cluster_of(name) for name in eks.list_clusters()["clusters"]],
    "queues": [queue_of(url) for url in sqs.list_queues().get("QueueUrls", [])],
    "rules": [rule_of(rule) for rule in events.list_rules()["Rules"]],
    "roles": sorted(role["RoleName"] for role in roles()),
    "instanceProfiles": [{"name": profile["InstanceProfileName"], "roles": [role["RoleName"] for role in profile["Roles"]]}
                         for profile in iam.list_instance_profiles()["InstanceProfiles"]],
    "functions": [function["FunctionName"] for function in client("lambda").list_functions()["Functions"]],
}, default=str))
