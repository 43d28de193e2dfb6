#!/usr/bin/env python3
"""Puts the tables and charts of one run into README.md: readme.py RESULTS_DIR"""

import os
import re
import sys

BEGIN, END = "<!-- figures: bench/peers/readme.py writes this -->", "<!-- /figures -->"


def section(results):
    """The tables as they were printed, the commands behind them, and the chart of the whole image."""
    with open(os.path.join(results, "table.md"), encoding="utf-8") as file:
        tables = file.read().strip()
    tables = re.sub(r"^## (.*)$", lambda heading: "### " + heading[1], tables, flags=re.MULTILINE)
    folder = os.path.relpath(results, repository())
    return f"""{BEGIN}

## Figures

![A two-layer image, from compressed layers to trees on disk]({folder}/image.svg)

{tables}

The command that made this, on a machine that did nothing else: `bench/peers/run.sh --runs 5`. Commands, versions, and every single
run: [`{folder}`]({folder}); who checks what, and what is not comparable: [`bench/peers`](bench/peers/README.md).

{END}"""


def repository():
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    path = os.path.join(repository(), "README.md")
    with open(path, encoding="utf-8") as file:
        readme = file.read()
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    written, count = re.subn(pattern, lambda _: section(os.path.abspath(sys.argv[1])), readme, flags=re.DOTALL)
    if count != 1:
        sys.exit("README.md has no place for the figures")
    with open(path, "w", encoding="utf-8") as file:
        file.write(written)


if __name__ == "__main__":
    main()
