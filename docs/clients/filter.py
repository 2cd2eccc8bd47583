#!/usr/bin/env python3
"""Whom of a list may be mailed. Python's standard library alone.

    SAYSO_SERVER=https://privacy.example.com SAYSO_KEY=sayso_... \\
        python3 filter.py info_about_us < all.txt > may-be-mailed.txt

Reads one address per line and prints those that may be mailed, as they were. The others go to
standard error with the reason. Exit 0: the whole list was decided. Anything else: do not send.
"""

import json
import os
import sys
import urllib.request

AT_ONCE = 1000


def decide(server, key, purpose, addresses):
    """The decisions about up to 1,000 addresses, in the order asked."""
    body = {"purpose": purpose, "checks": [{"address": address} for address in addresses]}
    request = urllib.request.Request(
        server.rstrip("/") + "/v1/decisions",
        data=json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        decisions = json.load(answer)["decisions"]
    if len(decisions) != len(addresses):
        raise ValueError("the answer is not about this list")
    return decisions


def main():
    purpose = sys.argv[1]
    server, key = os.environ["SAYSO_SERVER"], os.environ["SAYSO_KEY"]
    addresses = [line.strip() for line in sys.stdin if line.strip()]
    may = []
    for start in range(0, len(addresses), AT_ONCE):
        part = addresses[start : start + AT_ONCE]
        for address, decision in zip(part, decide(server, key, purpose, part)):
            if decision["proceed"] is True:
                may.append(address)
            else:
                print(address, ",".join(decision["reasons"]), file=sys.stderr)
    # All or nothing: half a list must not look like a whole one.
    for address in may:
        print(address)


if __name__ == "__main__":
    try:
        main()
    except (KeyError, IndexError):
        sys.exit("say the purpose, and set SAYSO_SERVER and SAYSO_KEY")
    except (OSError, ValueError) as error:
        sys.exit(f"nothing was decided, do not send: {error}")
