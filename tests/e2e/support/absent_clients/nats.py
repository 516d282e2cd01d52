"""The login of nats.py, which Debian does not have. What it sends is composed as in _connect_command()
of nats.py 2.10, whose options these are: whatever signs, it sends nothing else beside the signature."""

import json
import os
import re
import socket
import subprocess
from urllib.parse import urlparse


class Connection:
    def __init__(self, url, connected):
        self.connected_url = url
        self._socket = connected

    async def close(self):
        self._socket.close()


def _sign(seed, nonce):
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sign.mjs")
    done = subprocess.run(["node", program, nonce], input=seed, text=True, check=True, stdout=subprocess.PIPE)
    return done.stdout.split()


def _login(nonce, user, password, token, nkeys_seed_str, user_credentials):
    if user_credentials is not None:
        with open(user_credentials, encoding="utf-8") as file:
            jwt, seed = re.findall(r"-{3,}[^\n]*-{3,}\n([\w\-.=]+)\n-{3,}", file.read())
        return {"jwt": jwt, "sig": _sign(seed, nonce)[1]}
    if nkeys_seed_str is not None:
        key, signature = _sign(nkeys_seed_str, nonce)
        return {"nkey": key, "sig": signature}
    if user is not None and password is not None:
        return {"user": user, "pass": password}
    return {} if token is None else {"auth_token": token}


async def connect(servers, user=None, password=None, token=None, nkeys_seed_str=None, user_credentials=None, tls=None,
                  inbox_prefix=b"_INBOX"):
    url = urlparse(servers)
    connected = socket.create_connection((url.hostname, url.port), timeout=10)
    info = b""
    while not info.endswith(b"\r\n"):
        info += connected.recv(1)
    info = json.loads(info[len("INFO "):])
    # It does without TLS where the server does not demand it.
    if info.get("tls_required", False):
        connected = tls.wrap_socket(connected, server_hostname=url.hostname)
    options = {"verbose": False, "pedantic": False, "lang": "python3", "version": "2.10.0", "protocol": 1}
    options.update(_login(info.get("nonce"), user, password, token, nkeys_seed_str, user_credentials))
    connected.sendall(b"CONNECT %s\r\nPING\r\n" % json.dumps(options).encode())
    said = b""
    while b"PONG\r\n" not in said:
        more = connected.recv(4096)
        said += more
        if not more or b"-ERR" in said:
            raise ConnectionError("nats: " + said.decode())
    return Connection(url, connected)
