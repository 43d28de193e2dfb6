"""Prints the raw.csv of parts.sh as a table."""

import csv
import statistics
import sys

PARTS = {"InflateBench": "inflate, CRC-32 checked", "TarReadBench": "read the tar", "Crc64Bench": "CRC-64"}


def table(path):
    runs = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["part"], row["layer"])
            runs.setdefault(key, {}).setdefault((row["method"], row["baseline"] == "True"), []).append(row)
    yield "| | of | MB/s | beside it | MB/s | × | check |"
    yield "|---|---|--:|---|--:|--:|---|"
    for part, label in PARTS.items():
        for (seen, layer), methods in runs.items():
            if seen != part:
                continue
            rate = {key: int(rows[0]["bytes"]) / 1e6 / statistics.median(float(row["seconds"]) for row in rows)
                    for key, rows in methods.items()}
            other = next(key for key in rate if key[1])
            ours = next(key for key in rate if not key[1])
            checks = {row["check"] for rows in methods.values() for row in rows}
            check = f"`{checks.pop()}`" if len(checks) == 1 else f"**differ: {', '.join(sorted(checks))}**"
            yield (f"| {label} | {layer} | {rate[ours]:,.0f} | {other[0]} | {rate[other]:,.0f} | "
                   f"{rate[ours] / rate[other]:.2f} | {check} |")


if __name__ == "__main__":
    print("\n".join(table(sys.argv[1])))
