#!/usr/bin/env python3
"""Prints the table of a run: table.py DIR > table.md"""

import csv
import statistics
import sys
from pathlib import Path

WORK = {"push": "push, s", "pull": "pull, s", "manifests": "manifests, 1/s"}


def main():
    folder = Path(sys.argv[1])
    rows = list(csv.DictReader((folder / "raw.csv").open()))
    facts = dict(line.split(None, 1) for line in (folder / "Versions.txt").read_text().splitlines() if line.strip())
    print(f"{facts['cpu']}; {facts['files']}; {facts['work']}; medians of interleaved runs.\n")
    print("| | server | median | min–max | × docker-registry | server CPU s | peak MiB | check |")
    print("|---|---|--:|--:|--:|--:|--:|---|")
    for work, title in WORK.items():
        median = {}
        for server in ("docker-registry", "blobs"):
            seen = [row for row in rows if row["work"] == work and row["server"] == server]
            figures = [float(row["figure"]) for row in seen]
            median[server] = statistics.median(figures)
            ratio = median[server] / median["docker-registry"]
            checks = " ".join(sorted({row["check"] for row in seen}))
            print(f"| {title} | {server} | {median[server]:.2f} | {min(figures):.2f}–{max(figures):.2f} | {ratio:.2f} "
                  f"| {statistics.median(float(row['cpu_s']) for row in seen):.2f} "
                  f"| {max(int(row['peak_mib']) for row in seen)} | `{checks}` |")
        both = [{row["check"] for row in rows if row["work"] == work and row["server"] == server}
                for server in ("docker-registry", "blobs")]
        if both[0] != both[1]:
            sys.exit(f"table.py: {work}: the two were not given the same, or did not answer the same")


if __name__ == "__main__":
    main()
