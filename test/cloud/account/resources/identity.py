"""IAM."""
import json

from .registry import Handler, Made, handles


def document(value):
    return value if isinstance(value, str) else json.dumps(value)


@handles("AWS::IAM::Role")
class Role(Handler):
    def create(self, p):
        iam, name = self.client("iam"), p.get("RoleName", self.context.generated_name(64))
        optional = {key: p[key] for key in ("Path", "Description", "MaxSessionDuration", "PermissionsBoundary", "Tags") if key in p}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(p["AssumeRolePolicyDocument"]), **optional)["Role"]
        for arn in p.get("ManagedPolicyArns", []):
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for policy in p.get("Policies", []):
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document(policy["PolicyDocument"]))
        return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def delete(self, made, p):
        iam = self.client("iam")
        for policy in p.get("Policies", []):
            iam.delete_role_policy(RoleName=made.id, PolicyName=policy["PolicyName"])
        for arn in p.get("ManagedPolicyArns", []):
            iam.detach_role_policy(RoleName=made.id, PolicyArn=arn)
        iam.delete_role(RoleName=made.id)


@handles("AWS::IAM::Policy")
class Policy(Handler):
    def create(self, p):
        for role in p["Roles"]:
            self.client("iam").put_role_policy(RoleName=role, PolicyName=p["PolicyName"], PolicyDocument=document(p["PolicyDocument"]))
        return Made(p["PolicyName"])

    def update(self, made, old, new):
        if {**old, "PolicyDocument": None} != {**new, "PolicyDocument": None}:
            return super().update(made, old, new)
        return self.create(new)

    def delete(self, made, p):
        for role in p["Roles"]:
            self.client("iam").delete_role_policy(RoleName=role, PolicyName=p["PolicyName"])


@handles("AWS::IAM::ManagedPolicy")
class ManagedPolicy(Handler):
    def create(self, p):
        iam = self.client("iam")
        optional = {key: p[key] for key in ("Path", "Description") if key in p}
        name = p.get("ManagedPolicyName", self.context.generated_name())
        arn = iam.create_policy(PolicyName=name, PolicyDocument=document(p["PolicyDocument"]), **optional)["Policy"]["Arn"]
        for role in p.get("Roles", []):
            iam.attach_role_policy(RoleName=role, PolicyArn=arn)
        return Made(arn, {"PolicyArn": arn})

    def delete(self, made, p):
        iam = self.client("iam")
        for role in p.get("Roles", []):
            iam.detach_role_policy(RoleName=role, PolicyArn=made.id)
        iam.delete_policy(PolicyArn=made.id)
