"""An AWS account in one process: moto's services, and a CloudFormation of our own on top of them."""
