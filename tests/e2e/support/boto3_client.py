"""Calls operations of SQS and SNS with boto3: one JSON line in, one out. The argument is the endpoints."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

clients = {name: boto3.client(name, endpoint_url=url) for name, url in json.loads(sys.argv[1]).items()}
for line in sys.stdin:
    call = json.loads(line)
    try:
        client = clients[call["service"]]
        if call["operation"] == "presign":
            output = {"url": client.generate_presigned_url("send_message", Params=call["input"])}
        else:
            output = client._make_api_call(call["operation"], call["input"])
        output.pop("ResponseMetadata", None)
        answer = {"output": output}
    except ClientError as error:
        answer = {"error": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    print(json.dumps(answer), flush=True)
