#!/usr/bin/env python3
"""Makes table.md and scale.svg from the results of scale.sh: scale.py DIR"""

import csv
import html
import math
import os
import statistics
import sys

import samples

SHAPES = {
    "entries": ("empty files", "entries", 1e6, "µs an entry"),
    "size": ("one file", "tar_bytes", 1e9, "s a GB"),
}
TEXT, FAINT, GRID, LINE = "#717a85", "#808994", "#8b95a1", "#2f81f7"
PANEL, HEIGHT, LEFT, TOP, GAP = 330, 210, 60, 70, 120


def points(folder):
    """Per shape: (amount as counted, median seconds, largest peak in MiB, check)."""
    rows = {}
    with open(os.path.join(folder, "raw.csv"), newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            rows.setdefault(line["shape"], {}).setdefault(int(line["amount"]), []).append(line)
    return {
        shape: [(float(lines[0][SHAPES[shape][1]]),
                 statistics.median(float(line["wall_s"]) for line in lines),
                 max(int(line["peak_rss_kib"]) for line in lines) / 1024,
                 lines[0]["check"])
                for _, lines in sorted(amounts.items())]
        for shape, amounts in rows.items()}


def amount_text(shape, amount):
    return f"{amount:,.0f}" if shape == "entries" else f"{amount / 1e6:,.0f} MB"


def table(folder, seen):
    yield "| layer | wall s | cost | peak MiB | DiffID |"
    yield "|---|--:|--:|--:|---|"
    for shape, rows in seen.items():
        what, _, unit, cost = SHAPES[shape]
        for amount, wall, peak, check in rows:
            # 1e6 microseconds a second, or a billion bytes.
            each = wall * unit / amount
            yield f"| {what}, {amount_text(shape, amount)} | {wall:.3f} | {each:.1f} {cost} | {peak:.0f} | `{check}` |"


def text(x, y, content, size=12, fill=FAINT, anchor="middle"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}">{html.escape(content)}</text>'


def panel(shape, rows, left):
    """Both axes are logarithmic: a line of slope one means that the cost grows linearly with the layer."""
    amounts, walls = [row[0] for row in rows], [row[1] for row in rows]
    low_x, high_x = math.log10(min(amounts)), math.log10(max(amounts))
    low_y, high_y = math.floor(math.log10(min(walls))), math.ceil(math.log10(max(walls)))

    # A single amount goes to the left.
    def place(amount, wall):
        return (left + (math.log10(amount) - low_x) / ((high_x - low_x) or 1) * PANEL,
                TOP + HEIGHT - (math.log10(wall) - low_y) / ((high_y - low_y) or 1) * HEIGHT)

    for power in range(low_y, high_y + 1):
        y = place(amounts[0], 10 ** power)[1]
        yield f'<line x1="{left}" y1="{y:.1f}" x2="{left + PANEL}" y2="{y:.1f}" stroke="{GRID}" stroke-opacity="0.3"/>'
        yield text(left - 8, y + 4, f"{10 ** power:g} s", anchor="end")
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(row[0], row[1]) for row in rows))
    yield f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="2"/>'
    for amount, wall, peak, _ in rows:
        x, y = place(amount, wall)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{LINE}"/>'
        yield text(x, y - 22, f"{wall:.2f} s", fill=TEXT)
        yield text(x, y - 9, f"{peak:.0f} MiB", 10)
        yield text(x, TOP + HEIGHT + 20, amount_text(shape, amount))
    yield text(left + PANEL / 2, TOP + HEIGHT + 42, SHAPES[shape][0], 13, TEXT)


def draw(seen, machine):
    width = LEFT + len(seen) * (PANEL + GAP)
    shapes = [
        f'<text x="0" y="22" font-size="18" font-weight="bold" fill="{TEXT}">What a layer costs as it grows</text>',
        text(0, 44, f"blobs ingest; median seconds and largest peak of memory; {machine.get('cpu', '')}, {machine.get('files', '')}", anchor="start"),
    ]
    for index, (shape, rows) in enumerate(seen.items()):
        shapes.extend(panel(shape, rows, LEFT + index * (PANEL + GAP)))
    height = TOP + HEIGHT + 60
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
            f'font-family="-apple-system, \'Segoe UI\', \'Noto Sans\', Helvetica, Arial, sans-serif">\n'
            "<title>What a layer costs as it grows</title>\n" + "\n".join(shapes) + "\n</svg>\n")


def main():
    folder = sys.argv[1]
    seen = points(folder)
    with open(os.path.join(folder, "table.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(table(folder, seen)) + "\n")
    with open(os.path.join(folder, "scale.svg"), "w", encoding="utf-8") as file:
        file.write(draw(seen, samples.facts(os.path.join(folder, "raw.csv"))))


if __name__ == "__main__":
    main()
