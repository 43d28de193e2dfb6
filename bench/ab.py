#!/usr/bin/env python3
"""Prints the table of ab.sh, and fails when a check value differs: ab.py RAW_CSV > table.md"""

import csv
import statistics
import sys


def main():
    works = {}
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            works.setdefault(line["work"], {"old": [], "new": []})[line["side"]].append(line)
    print("| | old, s | min–max | new, s | min–max | wall × old | old CPU s | new CPU s | CPU × old | peak MiB | check |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|")
    different = []
    for work, sides in works.items():
        wall, cpu, peak, spread = {}, {}, {}, {}
        for side, lines in sides.items():
            walls = [float(line["wall_s"]) for line in lines]
            wall[side], spread[side] = statistics.median(walls), f"{min(walls):.2f}–{max(walls):.2f}"
            cpu[side] = statistics.median(float(line["cpu_s"]) for line in lines)
            peak[side] = statistics.median(float(line["peak_rss_kib"]) for line in lines) / 1024
        checks = sorted({line["check"] for lines in sides.values() for line in lines})
        if len(checks) > 1:
            different.append(work)
        cpu_ratio = f"{cpu['new'] / cpu['old']:.3f}" if cpu["old"] else ""
        print(f"| {work} | {wall['old']:.3f} | {spread['old']} | {wall['new']:.3f} | {spread['new']} | {wall['new'] / wall['old']:.3f} "
              f"| {cpu['old']:.2f} | {cpu['new']:.2f} | {cpu_ratio} | {peak['old']:.0f}, {peak['new']:.0f} "
              f"| {' **or** '.join(f'`{check}`' for check in checks)} |")
    if different:
        sys.exit("ab.py: not the same check value in every round: " + ", ".join(different))


if __name__ == "__main__":
    main()
