#!/usr/bin/env python3
"""Draws one chart for each group (image.svg and so on) beside a raw.csv: chart.py RAW_CSV

One chart a group: a layer, a whole image and an export are different work, and never share an axis. The page has no
background, and every colour is legible on white and on near-black.
"""

import html
import math
import os
import sys

import samples

TITLES = {
    "layer": ("ingest.svg", "One layer: from .tar.gz to a tree on disk"),
    "image": ("image.svg", "A two-layer image: from .tar.gz to trees on disk"),
    "hash": ("hash.svg", "One layer: digest and DiffID, no tree"),
    "durability": ("durability.svg", "One layer: what a power cut cannot take"),
    "export": ("export.svg", "One layer: from the tree back to a tar"),
    "push": ("push.svg", "A two-layer image: from trees on disk to a registry"),
    "save": ("save.svg", "A two-layer image: from trees on disk to a compressed archive"),
}
TEXT, FAINT, BAR, OURS, WHISKER = "#717a85", "#808994", "#8b95a1", "#2f81f7", "#57606a"
WIDTH, LABELS, VALUES = 900, 372, 84
HEAD, PITCH, BAR_HEIGHT, FOOT = 78, 46, 24, 30


def text(x, y, content, size=13, fill=TEXT, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{html.escape(content)}</text>')


def tick_step(longest):
    """1, 2 or 5 times a power of ten, so that the axis has three to eight ticks."""
    power = 10 ** math.floor(math.log10(longest))
    return next(step * power for step in (0.2, 0.5, 1, 2) if longest / (step * power) <= 7)


def axis(longest, scale, bottom):
    step = tick_step(longest)
    for mark in range(int(longest / step) + 1):
        x = LABELS + mark * step * scale
        yield (f'<line x1="{x:.1f}" y1="{HEAD - 8}" x2="{x:.1f}" y2="{bottom:.1f}" stroke="{BAR}" '
               f'stroke-opacity="{0.7 if mark == 0 else 0.25}"/>')
        yield text(x, bottom + 18, f"{mark * step:g} s", 11, FAINT, "middle")


def bar(row, top, scale):
    ours = row.name == samples.OURS
    fill, weight = (OURS, "bold") if ours else (BAR, "normal")
    width = max(row.wall_s * scale, 1)
    middle = top + BAR_HEIGHT / 2
    yield text(LABELS - 12, middle - 2, row.label, 13, OURS if ours else TEXT, "end", weight)
    yield text(LABELS - 12, middle + 13, f"checks {row.checks}", 11, FAINT, "end")
    yield f'<rect x="{LABELS}" y="{top:.1f}" width="{width:.1f}" height="{BAR_HEIGHT}" rx="3" fill="{fill}"/>'
    if max(row.wall) > min(row.wall):
        low, high = (LABELS + value * scale for value in (min(row.wall), max(row.wall)))
        ends = "".join(f"M{x:.1f} {middle - 4:.1f}v8" for x in (low, high))
        yield f'<path d="M{low:.1f} {middle:.1f}H{high:.1f}{ends}" stroke="{WHISKER}" fill="none"/>'
        width = max(width, high - LABELS)
    yield text(LABELS + width + 8, middle + 5, f"{row.wall_s:.2f} s", 13, OURS if ours else TEXT, "start", weight)


def draw(title, rows, machine):
    rows = sorted(rows, key=lambda row: row.wall_s)
    longest = max(max(row.wall) for row in rows)
    scale = (WIDTH - LABELS - VALUES) / longest
    bottom = HEAD + len(rows) * PITCH - (PITCH - BAR_HEIGHT) + 8
    runs = max(len(row.wall) for row in rows)
    under = (f"{rows[0].tar_bytes / 1e6:.0f} MB of tar; median of {runs} interleaved runs, "
             "line: fastest to slowest; less is better")
    shapes = [text(0, 22, title, 18, TEXT, weight="bold"), text(0, 44, under, 12, FAINT)]
    if machine:
        shapes.append(text(0, 60, f"{machine['cpu']}, {machine['memory']}, {machine['files']}", 12, FAINT))
    shapes.extend(axis(longest, scale, bottom))
    for index, row in enumerate(rows):
        shapes.extend(bar(row, HEAD + index * PITCH, scale))
    height = bottom + FOOT
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
            f'viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
            f'font-family="-apple-system, \'Segoe UI\', \'Noto Sans\', Helvetica, Arial, sans-serif">\n'
            f"<title>{html.escape(title)}</title>\n" + "\n".join(shapes) + "\n</svg>\n")


def main():
    path = sys.argv[1]
    machine = samples.facts(path)
    for group, rows in samples.read(path).items():
        rows = [row for row in rows if row.wall and row.verdict == "yes"]
        if rows:
            name, title = TITLES[group]
            with open(os.path.join(os.path.dirname(path), name), "w", encoding="utf-8") as file:
                file.write(draw(title, rows, machine))


if __name__ == "__main__":
    main()
