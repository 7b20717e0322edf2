"""Calls the handler of CDK's kubectl provider with the event on standard input, as its Lambda function would.

usage: kubectl-handler.py FOLDER_OF_THE_HANDLER
"""
import json
import sys

sys.path.insert(0, sys.argv[1])
import index  # noqa: E402  from the folder above

index.handler(json.load(sys.stdin), None)
