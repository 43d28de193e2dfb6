#!/usr/bin/env python3
"""Prints the tables of a raw.csv: table.py RAW_CSV > table.md"""

import statistics
import sys

import samples

HEADINGS = {
    "image": "The whole image",
    "layer": "One layer, from a file to a tree",
    "hash": "One layer, digests only, no tree",
    "durability": "One layer, and what it costs to survive a power cut",
    "export": "One layer, from the tree back to a tar",
    "push": "The whole image, from trees to a registry",
    "save": "The whole image, from trees to a compressed archive",
}


def median(values, form):
    return form.format(statistics.median(values)) if values else ""


def cells(row, ours):
    name = row.label.replace("|", "\\|")
    name = f"**{name}**" if row.name == samples.OURS else name
    if not row.wall:
        return [name, "", "", "", "", "", "", "", row.checks, row.verdict]
    return [
        name, f"{row.wall_s:.2f}", f"{min(row.wall):.2f}–{max(row.wall):.2f}",
        f"{row.tar_bytes / 1e6 / row.wall_s:.0f}",
        f"{row.wall_s / ours.wall_s:.2f}" if ours else "", median(row.cpu, "{:.2f}"),
        median(row.server_cpu, "{:.2f}"), f"{statistics.median(row.peak_kib) / 1024:.0f}" if row.peak_kib else "",
        row.checks, f"`{row.check}`" if row.verdict == "yes" else row.verdict,
    ]


def main():
    path = sys.argv[1]
    machine = samples.facts(path)
    for group, rows in samples.read(path).items():
        ours = next((row for row in rows if row.name == samples.OURS and row.wall), None)
        runs = max(len(row.wall) for row in rows)
        print(f"## {HEADINGS[group]}\n")
        print(f"{machine.get('cpu', '')}; {machine.get('files', '')}; medians of {runs} interleaved runs.\n")
        print("| | wall s | min–max | tar MB/s | × ours | CPU s | registry CPU s | peak MiB | checks | result |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|---|---|")
        for row in rows:
            print("| " + " | ".join(cells(row, ours)) + " |")
        print()
    print("*MB/s* counts bytes of uncompressed tar. *CPU* is user and system time of all processes at work,")
    print("the registry's apart. *peak* is that of the largest process. *result* is what every run left behind:")
    print("entries and tree hash, or digest.")


if __name__ == "__main__":
    main()
