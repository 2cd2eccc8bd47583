#!/usr/bin/env python3
"""Takes what Sayso tells a sink, and says whom it is about. Python's standard library alone.

    SAYSO_SECRET=whsec_... python3 receive.py 9000 contacts.txt >> changes.ndjson

contacts.txt is your own list, one address per line, read once at the start. For each change one line
of JSON is printed per contact that it is about:
{"seq": 17, "act": "objected", "address": "jane@example.com", "loosens": false, "for_good": true, ...}. Stop
mailing that contact about what it names, or ask /v1/decisions again. Where "loosens" is true mail nobody
because of it: ask /v1/decisions first. Where "for_good" is true a tool that knows all or nothing may keep the
contact as unsubscribed; all else ends some day, or is about a topic, another channel, a company or a fact. "address"
is null where no contact is in your list, or it is not known: then
ask about your whole list.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 5 * 60
LARGEST = 20_000
LOOSENS = {"retracted", "objection_lifted", "consent_given", "domain_lifted"}
FOR_GOOD = {"objected", "consent_withdrawn", "consent_refused", "erased", "spam_reported", "bounced"}


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


def names(secret, address):
    """What Sayso may call that contact towards this sink: the keyed hash of the address and, since what
    stops jane@ stops jane+news@ too, of the address without its tag. Domains with letters beyond ASCII
    are to be written in their xn-- form before."""
    normal = address.strip().lower()
    local, _, domain = normal.rpartition("@")
    bare = local[: local.find("+")] if local.find("+") > 0 else local
    for one in dict.fromkeys((normal, f"{bare}@{domain}")):
        yield hmac.new(key(secret), one.encode(), hashlib.sha256).hexdigest()


def is_below(address, data):
    """Whether the address is of the domain that the change is about."""
    domain = address.strip().lower().rpartition("@")[2]
    below = data.get("subdomains", False) and domain.endswith("." + data["domain"])
    return domain == data["domain"] or below


def is_for_good(data):
    """Whether it stops all e-mail of its purpose, or of every purpose, without an end."""
    is_whole = data.get("topic") is None and data.get("channel") in (None, "email")
    return data["act"] in FOR_GOOD and is_whole


class Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    secret = ""
    contacts = []
    named = {}
    seen = set()
    one_at_a_time = threading.Lock()

    def do_POST(self):
        length = int(self.headers["content-length"] or 0)
        if length > LARGEST:
            return self.answer(413)
        body = self.rfile.read(length)
        if not is_genuine(self.secret, self.headers, body):
            return self.answer(401)
        message = self.headers["webhook-id"]
        # The same message may come again, and several come at once.
        with self.one_at_a_time:
            if message not in self.seen:
                self.tell(json.loads(body)["data"])
                self.seen.add(message)
        self.answer(204)

    def tell(self, data):
        if "domain" in data:
            about = [address for address in self.contacts if is_below(address, data)]
        else:
            known = (data.get("address_hmac"), data.get("previous_address_hmac"))
            about = [address for one in known for address in self.named.get(one, ())]
        data["loosens"] = data["act"] in LOOSENS
        data["for_good"] = is_for_good(data)
        for address in dict.fromkeys(about) or [None]:
            print(json.dumps({**data, "address": address}), flush=True)

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
    # Windows puts a mark in front of the first contact.
    with open(file, encoding="utf-8-sig") as lines:
        Sink.contacts = [line.strip() for line in lines if line.strip()]
    for address in Sink.contacts:
        for one in names(Sink.secret, address):
            Sink.named.setdefault(one, []).append(address)
    ThreadingHTTPServer(("127.0.0.1", port), Sink).serve_forever()


if __name__ == "__main__":
    main()
