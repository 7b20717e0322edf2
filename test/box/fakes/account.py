"""Furnishes moto as the account that the box's cluster lives in, and prints what was made as JSON.

usage: account.py ENDPOINT REGION CLUSTER_NAME KUBERNETES_MINOR
"""
import json
import sys

import boto3

from images import images_of

endpoint, region, cluster, version = sys.argv[1:]
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def client(service):
    return boto3.client(service, endpoint_url=endpoint, region_name=region, aws_access_key_id="box", aws_secret_access_key="box")


ec2, iam = client("ec2"), client("iam")
zones = sorted(zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"])[:4]
discovery = [{"Key": "karpenter.sh/discovery", "Value": cluster}]

vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
subnets = {}
for number, zone in enumerate(zones):
    subnets[zone] = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number * 64}.0/18", AvailabilityZone=zone)["Subnet"]["SubnetId"]
group = ec2.create_security_group(GroupName="nodes", Description="nodes", VpcId=vpc)["GroupId"]
ec2.create_tags(Resources=[*subnets.values(), group], Tags=discovery)
# EKS makes a security group of its own for each cluster, and tags it like this
own = ec2.create_security_group(GroupName=f"eks-cluster-sg-{cluster}", Description="EKS created security group", VpcId=vpc)["GroupId"]
ec2.create_tags(Resources=[own], Tags=[{"Key": "aws:eks:cluster-name", "Value": cluster}, {"Key": f"kubernetes.io/cluster/{cluster}", "Value": "owned"}])

# the default VPC's subnets would be found by a selector that is too wide, as in a real account: they stay
for role in (f"{cluster}-node", f"{cluster}-cluster"):
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
client("eks").create_cluster(
    name=cluster, version=version, roleArn=f"arn:aws:iam::123456789012:role/{cluster}-cluster",
    resourcesVpcConfig={"subnetIds": list(subnets.values())},
)
queue = client("sqs").create_queue(QueueName=cluster)["QueueUrl"]

print(json.dumps({
    "vpc": vpc, "subnets": subnets, "securityGroup": group, "nodeRole": f"{cluster}-node", "queue": queue,
    "images": images_of(ec2),
}))
