#!/usr/bin/env python3
"""Makes the vectors that are signed by botocore (Debian: python3-botocore), AWS's own software:
tests/vectors/sigv4/make.py. The others are the worked examples of AWS's documentation.

A vector is a text: "key: value" lines, an empty line, and the head of the request as it arrives. The
first key says what is to come of it: "good", or the fault."""

import datetime
import pathlib

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 11, 24, 12, 0, 0)
KEY, SECRET = "CGEXAMPLEEXAMPLE2345", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


class Frozen(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return NOW


botocore.auth.datetime.datetime = Frozen
if hasattr(botocore.auth, "get_current_datetime"):
    botocore.auth.get_current_datetime = lambda *_args, **_kw: NOW
HOST = "sqs.eu.example.com"


class WithoutExpiry(botocore.auth.SigV4QueryAuth):
    """As Go's SDK, aws4 and aws4fetch presign for services other than S3."""

    def _modify_request_before_signing(self, request):
        super()._modify_request_before_signing(request)
        request.url = request.url.replace(f"X-Amz-Expires={self._expires}&", "")


def sign(name, method="GET", path="/", query="", headers=(), body=b"", service="sqs", region="eu",
         signer=botocore.auth.SigV4Auth, token=None, expires=None, note=""):
    request = AWSRequest(method, f"https://{HOST}{path}" + (f"?{query}" if query else ""), data=body)
    for key, value in headers:
        request.headers.add_header(key, value)
    arguments = {"expires": expires} if expires else {}
    signer(Credentials(KEY, SECRET, token), service, region, **arguments).add_auth(request)
    # botocore takes what the query had apart and appends it in its own order.
    target = request.url.split(HOST, 1)[1]
    lines = [f"Host: {HOST}"] + [f"{key}: {value}" for key, value in request.headers.items()]
    write(name, "good", method, target, lines, body, service, region, note)


def write(name, outcome, method, target, lines, body, service, region, note):
    text = "\n".join([f"outcome: {outcome}", f"service: {service}", f"region: {region}",
                      f"secret: {SECRET}", "now: 2026-11-24T12:00:00Z", f"body: {body.decode()}",
                      f"made by: botocore; {note}", "", f"{method} {target} HTTP/1.1"] + lines) + "\n"
    (HERE / f"{name}.txt").write_text(text)


DATE = ("X-Amz-Meta", "x")
sign("header-plain", note="the least that is signed")
sign("header-case", headers=[("X-Amz-Meta-MiXed", "Value")], note="names in lower case, values as they are")
sign("header-order", headers=[("Zebra", "1"), ("apple", "2"), ("Mango", "3")], note="names are sorted")
sign("header-folded", headers=[("my-header", "  a   b \t c  ")], note="one space for a run of them, none at the ends")
sign("header-repeated", headers=[("my-header", "b"), ("my-header", "a"), ("My-Header", "c")],
     note="values joined in the order in which they came")
sign("query-order", query="b=2&a=1&C=3", note="parameters sorted by name, capitals first")
sign("query-repeated", query="a=2&a=1&a=10", note="then by value")
sign("query-empty", query="lifecycle=&acl=", note="no value")
sign("query-encoded", query="text=a%20b%2Bc%2Fd%3De&more=%C3%A9~", note="each encoded once")
sign("query-dash", query="a-b=1&a=2&a.b=3&ab=4", note="the order is that of the encoded bytes")
sign("path-normalised", path="/a/./b/../c//d", note="dots and empty segments go")
sign("path-encoded-twice", path="/my%20queue/%C3%A9", note="what is encoded is encoded again")
sign("path-slash", path="/queue/", note="the last slash stays")
sign("path-s3", path="/a/./b//c%20d", service="s3", signer=botocore.auth.S3SigV4Auth,
     note="S3: neither normalised nor encoded again")
sign("body", method="POST", body=b'{"QueueName":"shop"}',
     headers=[("X-Amz-Target", "AmazonSQS.CreateQueue"), ("Content-Type", "application/x-amz-json-1.0")],
     note="the JSON protocol of SQS")
sign("body-form", method="POST", body=b"Action=Publish&Message=a+b",
     headers=[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], service="sns",
     note="the query protocol of SNS")
sign("token-signed", token="a/session+token==", note="the token of temporary keys, signed with the rest")
sign("presigned", query="Action=ReceiveMessage&a=b%20c", signer=botocore.auth.SigV4QueryAuth, expires=604800,
     note="in the query, for seven days")
sign("presigned-without-expiry", signer=WithoutExpiry, note="no X-Amz-Expires: good for 15 minutes")
sign("presigned-s3", path="/bucket/key", service="s3", signer=botocore.auth.S3SigV4QueryAuth, expires=60,
     note="S3: the body is not signed")
sign("presigned-token", token="a/session+token==", signer=botocore.auth.SigV4QueryAuth, expires=60,
     note="the token among the parameters")
