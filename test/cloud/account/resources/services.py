"""Storage, messages, logs, keys, parameters and functions."""
import json

from .registry import Handler, Made, handles, tags_of, without


@handles("AWS::S3::Bucket")
class Bucket(Handler):
    KNOWN = {"BucketName", "AccessControl", "BucketEncryption", "PublicAccessBlockConfiguration", "VersioningConfiguration", "LifecycleConfiguration",
             "OwnershipControls", "Tags"}

    def create(self, p):
        if {*p} - self.KNOWN:
            raise ValueError(f"properties of a bucket that are not played: {sorted({*p} - self.KNOWN)}")
        s3, region = self.client("s3"), self.context.region
        name = p.get("BucketName", self.context.generated_name(63).lower())
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **where)
        if "VersioningConfiguration" in p:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=p["VersioningConfiguration"])
        if "PublicAccessBlockConfiguration" in p:
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=p["PublicAccessBlockConfiguration"])
        domain = self.context.url_suffix
        return Made(name, {
            "Arn": f"arn:{self.context.partition}:s3:::{name}", "DomainName": f"{name}.s3.{domain}",
            "RegionalDomainName": f"{name}.s3.{region}.{domain}",
        })

    def delete(self, made, p):
        self.client("s3").delete_bucket(Bucket=made.id)


@handles("AWS::S3::BucketPolicy")
class BucketPolicy(Handler):
    def create(self, p):
        self.client("s3").put_bucket_policy(Bucket=p["Bucket"], Policy=json.dumps(p["PolicyDocument"], default=str))
        return Made(p["Bucket"])

    def delete(self, made, p):
        self.client("s3").delete_bucket_policy(Bucket=made.id)


@handles("AWS::ECR::Repository")
class Repository(Handler):
    def create(self, p):
        repository = self.client("ecr").create_repository(
            repositoryName=p["RepositoryName"], imageTagMutability=p.get("ImageTagMutability", "MUTABLE"))["repository"]
        return Made(p["RepositoryName"], {"Arn": repository["repositoryArn"], "RepositoryUri": repository["repositoryUri"]})

    def delete(self, made, p):
        self.client("ecr").delete_repository(repositoryName=made.id, force=p.get("EmptyOnDelete", False))


@handles("AWS::SSM::Parameter")
class Parameter(Handler):
    def create(self, p):
        name = p.get("Name", self.context.generated_name())
        tags = {"Tags": [{"Key": key, "Value": value} for key, value in tags_of(p).items()]} if "Tags" in p else {}
        self.client("ssm").put_parameter(**{**without(p, "Tags"), "Name": name, "Value": str(p["Value"])}, **tags)
        return Made(name, {"Value": str(p["Value"]), "Type": p["Type"]})

    def delete(self, made, p):
        self.client("ssm").delete_parameter(Name=made.id)


@handles("AWS::KMS::Key")
class Key(Handler):
    def create(self, p):
        kms = self.client("kms")
        tags = [{"TagKey": key, "TagValue": value} for key, value in tags_of(p).items()]
        key = kms.create_key(Description=p.get("Description", ""), Policy=json.dumps(p["KeyPolicy"], default=str), Tags=tags)["KeyMetadata"]
        if p.get("EnableKeyRotation"):
            kms.enable_key_rotation(KeyId=key["KeyId"])
        return Made(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})

    def delete(self, made, p):
        self.client("kms").schedule_key_deletion(KeyId=made.id, PendingWindowInDays=p.get("PendingWindowInDays", 30))


@handles("AWS::Logs::LogGroup")
class LogGroup(Handler):
    def create(self, p):
        logs, name = self.client("logs"), p.get("LogGroupName", self.context.generated_name())
        logs.create_log_group(logGroupName=name, tags=tags_of(p))
        if "RetentionInDays" in p:
            logs.put_retention_policy(logGroupName=name, retentionInDays=p["RetentionInDays"])
        return Made(name, {"Arn": f"arn:{self.context.partition}:logs:{self.context.region}:{self.context.account}:log-group:{name}:*"})

    def delete(self, made, p):
        self.client("logs").delete_log_group(logGroupName=made.id)


@handles("AWS::SQS::Queue")
class Queue(Handler):
    def create(self, p):
        name = p.get("QueueName", self.context.generated_name(80))
        attributes = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in without(p, "QueueName", "Tags").items()}
        url = self.client("sqs").create_queue(QueueName=name, Attributes=attributes, tags=tags_of(p))["QueueUrl"]
        return Made(url, {"Arn": f"arn:{self.context.partition}:sqs:{self.context.region}:{self.context.account}:{name}", "QueueName": name, "QueueUrl": url})

    def delete(self, made, p):
        self.client("sqs").delete_queue(QueueUrl=made.id)


@handles("AWS::SQS::QueuePolicy")
class QueuePolicy(Handler):
    def create(self, p):
        for url in p["Queues"]:
            self.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(p["PolicyDocument"], default=str)})
        return Made(self.context.generated_name())

    def delete(self, made, p):
        for url in p["Queues"]:
            self.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


@handles("AWS::Events::Rule")
class Rule(Handler):
    def create(self, p):
        events, name = self.client("events"), p.get("Name", self.context.generated_name(64))
        arn = events.put_rule(Name=name, EventPattern=json.dumps(p["EventPattern"]), **without(p, "Name", "EventPattern", "Targets"))["RuleArn"]
        if events.put_targets(Rule=name, Targets=p["Targets"])["FailedEntryCount"]:
            raise RuntimeError(f"targets of the rule {name}")
        return Made(name, {"Arn": arn})

    def delete(self, made, p):
        events = self.client("events")
        events.remove_targets(Rule=made.id, Ids=[target["Id"] for target in p["Targets"]])
        events.delete_rule(Name=made.id)


@handles("AWS::Lambda::LayerVersion")
class LayerVersion(Handler):
    def create(self, p):
        name = p.get("LayerName", self.context.generated_name())
        arn = self.client("lambda").publish_layer_version(LayerName=name, **without(p, "LayerName"))["LayerVersionArn"]
        return Made(arn, {"LayerVersionArn": arn})

    def delete(self, made, p):
        name, version = made.id.split(":")[-2:]
        self.client("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))


@handles("AWS::Lambda::Function")
class Function(Handler):
    def create(self, p):
        name = p.get("FunctionName", self.context.generated_name(64))
        arn = self.client("lambda").create_function(**{**without(p, "FunctionName", "Tags"), "FunctionName": name, "Tags": tags_of(p)})["FunctionArn"]
        return Made(name, {"Arn": arn})

    def delete(self, made, p):
        self.client("lambda").delete_function(FunctionName=made.id)


@handles("AWS::CDK::Metadata")
class CdkMetadata(Handler):
    def create(self, p):
        return Made(self.context.generated_name())

    def update(self, made, old, new):
        return made

    def delete(self, made, p):
        """It is nothing but a line in a template."""
