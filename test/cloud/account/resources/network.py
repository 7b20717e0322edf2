"""EC2: everything of the VPC."""
from .registry import Handler, Made, handles, tags_of, without


class Ec2(Handler):
    @property
    def ec2(self):
        return self.client("ec2")

    def tag(self, identifier, properties):
        tags = [{"Key": key, "Value": value} for key, value in tags_of(properties).items()]
        if tags:
            self.ec2.create_tags(Resources=[identifier], Tags=tags)


@handles("AWS::EC2::VPC")
class Vpc(Ec2):
    def create(self, p):
        vpc = self.ec2.create_vpc(**without(p, "EnableDnsHostnames", "EnableDnsSupport", "Tags"))["Vpc"]
        vpc_id = vpc["VpcId"]
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            if attribute in p:
                self.ec2.modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": p[attribute]}})
        self.tag(vpc_id, p)
        groups = self.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}])
        return Made(vpc_id, {"VpcId": vpc_id, "CidrBlock": p["CidrBlock"], "DefaultSecurityGroup": groups["SecurityGroups"][0]["GroupId"]})

    def delete(self, made, p):
        self.ec2.delete_vpc(VpcId=made.id)


@handles("AWS::EC2::VPCCidrBlock")
class VpcCidrBlock(Ec2):
    def create(self, p):
        association = self.ec2.associate_vpc_cidr_block(**p)["CidrBlockAssociation"]["AssociationId"]
        return Made(association, {"Id": association})

    def delete(self, made, p):
        self.ec2.disassociate_vpc_cidr_block(AssociationId=made.id)


@handles("AWS::EC2::Subnet")
class Subnet(Ec2):
    def create(self, p):
        subnet = self.ec2.create_subnet(**without(p, "MapPublicIpOnLaunch", "Tags"))["Subnet"]
        self.ec2.modify_subnet_attribute(SubnetId=subnet["SubnetId"], MapPublicIpOnLaunch={"Value": p.get("MapPublicIpOnLaunch", False)})
        self.tag(subnet["SubnetId"], p)
        return Made(subnet["SubnetId"], {key: subnet[key] for key in ("SubnetId", "AvailabilityZone", "VpcId", "CidrBlock")})

    def delete(self, made, p):
        self.ec2.delete_subnet(SubnetId=made.id)


@handles("AWS::EC2::RouteTable")
class RouteTable(Ec2):
    def create(self, p):
        table = self.ec2.create_route_table(**without(p, "Tags"))["RouteTable"]["RouteTableId"]
        self.tag(table, p)
        return Made(table, {"RouteTableId": table})

    def delete(self, made, p):
        self.ec2.delete_route_table(RouteTableId=made.id)


@handles("AWS::EC2::Route")
class Route(Ec2):
    def create(self, p):
        self.ec2.create_route(**p)
        return Made(f"{p['RouteTableId']}|{p['DestinationCidrBlock']}")

    def delete(self, made, p):
        self.ec2.delete_route(RouteTableId=p["RouteTableId"], DestinationCidrBlock=p["DestinationCidrBlock"])


@handles("AWS::EC2::SubnetRouteTableAssociation")
class SubnetRouteTableAssociation(Ec2):
    def create(self, p):
        association = self.ec2.associate_route_table(**p)["AssociationId"]
        return Made(association, {"Id": association})

    def delete(self, made, p):
        self.ec2.disassociate_route_table(AssociationId=made.id)


@handles("AWS::EC2::InternetGateway")
class InternetGateway(Ec2):
    def create(self, p):
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.tag(gateway, p)
        return Made(gateway, {"InternetGatewayId": gateway})

    def delete(self, made, p):
        self.ec2.delete_internet_gateway(InternetGatewayId=made.id)


@handles("AWS::EC2::VPCGatewayAttachment")
class VpcGatewayAttachment(Ec2):
    def create(self, p):
        self.ec2.attach_internet_gateway(**p)
        return Made(f"IGW|{p['VpcId']}")

    def delete(self, made, p):
        self.ec2.detach_internet_gateway(**p)


@handles("AWS::EC2::EIP")
class ElasticIp(Ec2):
    def create(self, p):
        address = self.ec2.allocate_address(**without(p, "Tags"))
        self.tag(address["AllocationId"], p)
        return Made(address["PublicIp"], {"AllocationId": address["AllocationId"], "PublicIp": address["PublicIp"]})

    def delete(self, made, p):
        self.ec2.release_address(AllocationId=made.attributes["AllocationId"])


@handles("AWS::EC2::NatGateway")
class NatGateway(Ec2):
    def create(self, p):
        gateway = self.ec2.create_nat_gateway(**without(p, "Tags"))["NatGateway"]["NatGatewayId"]
        self.tag(gateway, p)
        return Made(gateway, {"NatGatewayId": gateway})

    def delete(self, made, p):
        self.ec2.delete_nat_gateway(NatGatewayId=made.id)


@handles("AWS::EC2::VPCEndpoint")
class VpcEndpoint(Ec2):
    def create(self, p):
        endpoint = self.ec2.create_vpc_endpoint(**without(p, "Tags"))["VpcEndpoint"]["VpcEndpointId"]
        self.tag(endpoint, p)
        return Made(endpoint, {"Id": endpoint})

    def delete(self, made, p):
        self.ec2.delete_vpc_endpoints(VpcEndpointIds=[made.id])


@handles("AWS::EC2::FlowLog")
class FlowLog(Ec2):
    def create(self, p):
        answer = self.ec2.create_flow_logs(ResourceIds=[p["ResourceId"]], **without(p, "ResourceId", "Tags"))
        if answer.get("Unsuccessful"):
            raise RuntimeError(f"flow log: {answer['Unsuccessful']}")
        self.tag(answer["FlowLogIds"][0], p)
        return Made(answer["FlowLogIds"][0], {"Id": answer["FlowLogIds"][0]})

    def delete(self, made, p):
        self.ec2.delete_flow_logs(FlowLogIds=[made.id])


@handles("AWS::EC2::SecurityGroup")
class SecurityGroup(Ec2):
    def create(self, p):
        group = self.ec2.create_security_group(
            GroupName=p.get("GroupName", self.context.generated_name()), Description=p["GroupDescription"], VpcId=p["VpcId"])["GroupId"]
        if "SecurityGroupEgress" in p:  # instead of the rule that every new group has
            self.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
        for rule in p.get("SecurityGroupEgress", []):
            self.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission(rule)])
        for rule in p.get("SecurityGroupIngress", []):
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission(rule)])
        self.tag(group, p)
        return Made(group, {"GroupId": group, "VpcId": p["VpcId"]})

    def delete(self, made, p):
        self.ec2.delete_security_group(GroupId=made.id)


class SecurityGroupRule(Ec2):
    def delete(self, made, p):
        revoke = getattr(self.ec2, f"revoke_security_group_{self.direction}")
        revoke(GroupId=p["GroupId"], IpPermissions=[permission(without(p, "GroupId"))])

    def create(self, p):
        authorize = getattr(self.ec2, f"authorize_security_group_{self.direction}")
        authorize(GroupId=p["GroupId"], IpPermissions=[permission(without(p, "GroupId"))])
        return Made(f"{self.direction}|{p['GroupId']}|{p.get('FromPort', '')}")


@handles("AWS::EC2::SecurityGroupIngress")
class SecurityGroupIngress(SecurityGroupRule):
    direction = "ingress"


@handles("AWS::EC2::SecurityGroupEgress")
class SecurityGroupEgress(SecurityGroupRule):
    direction = "egress"


def permission(rule):
    """A rule of a template as the API takes it."""
    description = {"Description": rule["Description"]} if "Description" in rule else {}
    peer = {}
    if "CidrIp" in rule:
        peer["IpRanges"] = [{"CidrIp": rule["CidrIp"], **description}]
    for side in ("SourceSecurityGroupId", "DestinationSecurityGroupId"):
        if side in rule:
            peer["UserIdGroupPairs"] = [{"GroupId": rule[side], **description}]
    ports = {key: int(rule[key]) for key in ("FromPort", "ToPort") if key in rule}
    return {"IpProtocol": str(rule["IpProtocol"]), **ports, **peer}


@handles("AWS::EC2::LaunchTemplate")
class LaunchTemplate(Ec2):
    def create(self, p):
        template = self.ec2.create_launch_template(
            LaunchTemplateName=p.get("LaunchTemplateName", self.context.generated_name()), LaunchTemplateData=p["LaunchTemplateData"],
            **({"TagSpecifications": p["TagSpecifications"]} if "TagSpecifications" in p else {}))["LaunchTemplate"]
        versions = {f"{which}VersionNumber": str(template[f"{which}VersionNumber"]) for which in ("Latest", "Default")}
        return Made(template["LaunchTemplateId"], {"LaunchTemplateId": template["LaunchTemplateId"], **versions})

    def delete(self, made, p):
        self.ec2.delete_launch_template(LaunchTemplateId=made.id)
