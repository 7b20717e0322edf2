"""EKS. The cluster and the node group are moto's; add-ons, access entries and pod identities are those of eks_api.py."""
from .registry import Handler, Made, handles, lower_camel, tags_of, without


@handles("AWS::EKS::Cluster")
class Cluster(Handler):
    def create(self, p):
        eks, ec2, name = self.client("eks"), self.client("ec2"), p["Name"]
        subnets = ec2.describe_subnets(SubnetIds=p["ResourcesVpcConfig"]["SubnetIds"])["Subnets"]
        if len({subnet["AvailabilityZone"] for subnet in subnets}) < 2:
            raise ValueError("EKS wants subnets in two Availability Zones at least")
        cluster = eks.create_cluster(**{**lower_camel(without(p, "Tags", "Logging")), "logging": logging(p), "tags": tags_of(p)})["cluster"]
        # EKS makes a security group of its own for each cluster, and tags it like this
        group = ec2.create_security_group(GroupName=f"eks-cluster-sg-{name}", Description="EKS created security group", VpcId=subnets[0]["VpcId"])["GroupId"]
        ec2.create_tags(Resources=[group], Tags=[{"Key": "aws:eks:cluster-name", "Value": name}, {"Key": f"kubernetes.io/cluster/{name}", "Value": "owned"}])
        return Made(name, {
            "Arn": cluster["arn"], "Endpoint": cluster["endpoint"], "CertificateAuthorityData": cluster["certificateAuthority"]["data"],
            "ClusterSecurityGroupId": group, "OpenIdConnectIssuerUrl": cluster["identity"]["oidc"]["issuer"],
        })

    def delete(self, made, p):
        if p.get("DeletionProtection"):
            raise ValueError(f"the cluster {made.id} has deletion protection")
        self.client("eks").delete_cluster(name=made.id)
        self.client("ec2").delete_security_group(GroupId=made.attributes["ClusterSecurityGroupId"])


def logging(p):
    types = [item["Type"] for item in p.get("Logging", {}).get("ClusterLogging", {}).get("EnabledTypes", [])]
    return {"clusterLogging": [{"types": types, "enabled": True}]} if types else {}


@handles("AWS::EKS::Nodegroup")
class NodeGroup(Handler):
    def create(self, p):
        name = p.get("NodegroupName", self.context.generated_name())
        # ForceUpdateEnabled belongs to updates, it is no property of a node group
        spelt = {**lower_camel(without(p, "ForceUpdateEnabled", "Tags", "Labels")), "labels": p.get("Labels", {}), "tags": tags_of(p), "nodegroupName": name}
        group = self.client("eks").create_nodegroup(**spelt)["nodegroup"]
        return Made(f"{p['ClusterName']}/{name}", {"Arn": group["nodegroupArn"], "ClusterName": p["ClusterName"], "NodegroupName": name})

    def delete(self, made, p):
        cluster, name = made.id.split("/")
        self.client("eks").delete_nodegroup(clusterName=cluster, nodegroupName=name)


@handles("AWS::EKS::Addon")
class Addon(Handler):
    def create(self, p):
        spelt = lower_camel(without(p, "PreserveOnDelete", "Tags"))
        addon = self.client("eks").create_addon(**spelt, tags=tags_of(p))["addon"]
        return Made(f"{p['ClusterName']}|{p['AddonName']}", {"Arn": addon["addonArn"]})

    def delete(self, made, p):
        self.client("eks").delete_addon(clusterName=p["ClusterName"], addonName=p["AddonName"], preserve=p.get("PreserveOnDelete", False))


@handles("AWS::EKS::AccessEntry")
class AccessEntry(Handler):
    def create(self, p):
        eks, key = self.client("eks"), {"clusterName": p["ClusterName"], "principalArn": p["PrincipalArn"]}
        entry = eks.create_access_entry(**lower_camel(without(p, "AccessPolicies", "Tags")), tags=tags_of(p))["accessEntry"]
        for policy in p.get("AccessPolicies", []):
            eks.associate_access_policy(**key, policyArn=policy["PolicyArn"], accessScope=lower_camel(policy["AccessScope"]))
        return Made(f"{p['PrincipalArn']}|{p['ClusterName']}", {"AccessEntryArn": entry["accessEntryArn"]})

    def delete(self, made, p):
        self.client("eks").delete_access_entry(clusterName=p["ClusterName"], principalArn=p["PrincipalArn"])


@handles("AWS::EKS::PodIdentityAssociation")
class PodIdentityAssociation(Handler):
    def create(self, p):
        association = self.client("eks").create_pod_identity_association(**lower_camel(without(p, "Tags")), tags=tags_of(p))["association"]
        return Made(association["associationArn"], {"AssociationArn": association["associationArn"], "AssociationId": association["associationId"]})

    def delete(self, made, p):
        self.client("eks").delete_pod_identity_association(clusterName=p["ClusterName"], associationId=made.attributes["AssociationId"])
