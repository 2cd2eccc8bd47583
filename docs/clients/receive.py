#!/usr/bin/env python3
"""Takes what Sayso tells a sink, and says whom it is about. Python's standard library alone.

    SAYSO_SECRET=whsec_... python3 receive.py 9000 contacts.txt >> changes.ndjson

contacts.txt is your own list, one address per line. For each change one line of JSON is printed:
{"seq": 17, "act": "objected", "address": "jane@example.com", ...}. Stop mailing that contact, or ask
/v1/decisions again. "address" is null where the contact is not in your list, or is not known: then
ask about your whole list.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 5 * 60
LARGEST = 20_000


def key(secret):
    return base64.b64decode(secret.removeprefix("whsec_"))


def is_genuine(secret, headers, body):
    """Whether the message is signed with the secret, and recent (Standard Webhooks 1.0.0)."""
    try:
        sent = int(headers["webhook-timestamp"])
    except (KeyError, TypeError, ValueError):
        return False
    if abs(time.time() - sent) > TOLERANCE:
        return False
    signed = f"{headers['webhook-id']}.{sent}.".encode() + body
    right = base64.b64encode(hmac.digest(key(secret), signed, "sha256")).decode()
    return any(
        hmac.compare_digest(one, "v1," + right)
        for one in (headers["webhook-signature"] or "").split()
    )


def name(secret, address):
    """What Sayso calls an address towards this sink: its keyed hash. Domains with letters beyond
    ASCII are to be written in their xn-- form before."""
    normal = address.strip().lower()
    return hmac.new(key(secret), normal.encode(), hashlib.sha256).hexdigest()


class Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    secret = ""
    contacts = {}
    seen = set()

    def do_POST(self):
        length = int(self.headers["content-length"] or 0)
        if length > LARGEST:
            return self.answer(413)
        body = self.rfile.read(length)
        if not is_genuine(self.secret, self.headers, body):
            return self.answer(401)
        message = self.headers["webhook-id"]
        # The same message may come again; a lower seq than the last of the same contact is old.
        if message not in self.seen:
            data = json.loads(body)["data"]
            known = (data.get("address_hmac"), data.get("previous_address_hmac"))
            data["address"] = next((self.contacts[one] for one in known if one in self.contacts), None)
            print(json.dumps(data), flush=True)
            self.seen.add(message)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
            self.send_header("connection", "close")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    port, file = int(sys.argv[1]), sys.argv[2]
    Sink.secret = os.environ["SAYSO_SECRET"]
    with open(file, encoding="utf-8") as lines:
        addresses = [line.strip() for line in lines if line.strip()]
    Sink.contacts = {name(Sink.secret, address): address for address in addresses}
    ThreadingHTTPServer(("127.0.0.1", port), Sink).serve_forever()


if __name__ == "__main__":
    main()
