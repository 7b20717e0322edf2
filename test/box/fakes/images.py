"""Prints as JSON the images that moto ships, by architecture: fakes/aws-api.ts gives one to each public parameter.

usage: images.py ENDPOINT REGION
"""
import json
import sys

import boto3


def images_of(ec2):
    """Architecture → ids. moto carries some images without architecture; Karpenter ignores those."""
    images = {"x86_64": [], "arm64": []}
    for image in ec2.describe_images()["Images"]:
        if image.get("Architecture") in images:
            images[image["Architecture"]].append(image["ImageId"])
    return {architecture: sorted(ids) for architecture, ids in images.items()}


if __name__ == "__main__":
    endpoint, region = sys.argv[1:]
    client = boto3.client("ec2", endpoint_url=endpoint, region_name=region, aws_access_key_id="box", aws_secret_access_key="box")
    print(json.dumps({"images": images_of(client)}))
