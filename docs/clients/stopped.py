#!/usr/bin/env python3
"""Who of a scrub's withheld rows has stopped mailings for good. Python's standard library alone.

    python3 stopped.py < withheld.csv > stopped.csv

Only these rows may be taken over by a tool as unsubscribed: a pause ends, a company may take its objection
back, a consent may still be given and a missing assessment is nobody's wish, but a tool keeps them all as
unsubscribed for ever. `objected` may be to one topic alone: never import what was taken over so into Sayso,
where it would be an objection to all that the tool mails about. Reads what `sayso scrub` writes from a list
with a header, in UTF-8 or a table of Windows. Exit 0: complete.
"""

import csv
import io
import sys

STOPS = {"objected", "erased", "hard_bounce", "spam_reported"}
HEADING = "sayso_reason"


def main():
    text = sys.stdin.buffer.read().decode("utf-8-sig", "surrogateescape")
    if text.lower().startswith("sep="):
        text = text.split("\n", 1)[-1]
    # The two columns of the scrub stand last in the header, behind the list's own delimiter.
    delimiter = text[text.index(HEADING) - 1]
    if delimiter == '"':
        raise ValueError("JSON has no header")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(rows)
    # A list that was withheld before has the column twice: the last one is of this scrub.
    reason = len(header) - 1 - header[::-1].index(HEADING)
    stopped = [row for row in rows if row and STOPS.intersection(row[reason].split())]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([header, *stopped])
    sys.stdout.buffer.write(out.getvalue().encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    try:
        main()
    except (ValueError, TypeError, IndexError, StopIteration, csv.Error):
        sys.exit("this is no withheld.csv with a header: nothing was written")
