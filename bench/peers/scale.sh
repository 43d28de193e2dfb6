#!/usr/bin/env bash
# The cost of a growing layer, in entries or bytes. Time must grow linearly, and memory not at all.
#
#   bench/peers/scale.sh [--runs 3] [--out DIR] [--tmp DIR] [--entries '1000 10000 100000 300000'] [--megabytes '10 100 1000 8000']
#
# --out  where the results go (default: bench/results/<date>-<cpu>/scale)
# --tmp  a folder on tmpfs with about 16 GB free (default: /dev/shm)
#
# Layers are made by layers.py and compressed by igzip; each run ingests one into a new root. BLOBS=… is the command to measure.
# The host of a virtual machine provides memory when it is first touched, and reclaims what is free for a while: 2 s per
# GB where this was written, a cost of the machine and not of the layer. So memory for the tree is touched just before every run.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=machine.sh
source "$here/machine.sh"
runs=3 out='' tmp=/dev/shm entries='1000 10000 100000 300000' megabytes='10 100 1000 8000'
invocation="bench/peers/scale.sh $*"
read_options 'runs out tmp entries megabytes' "$@"
for tool in igzip jq python3 time; do
  type -P "$tool" > /dev/null || { echo "scale.sh: $tool is not installed" >&2; exit 1; }
done
out=${out:-$repository/bench/results/$(machine_slug)/scale}
BLOBS=$(native_blobs)
mkdir -p "$out"
make_scratch scale

# ingest SHAPE AMOUNT RUN: one line of raw.csv.
ingest() {
  local wall kib seen
  rm -rf "$scratch/root"
  head --bytes "$tar_bytes" /dev/zero > "$scratch/touched"
  rm "$scratch/touched"
  command time --output="$scratch/time" --format='%e %M' \
    "$BLOBS" ingest "$scratch/layer.tar.gz" --root "$scratch/root" --driver overlay2 --json > "$scratch/report"
  read -r wall kib < "$scratch/time"
  wall=$(jq .seconds "$scratch/report") # milliseconds; time has only hundredths
  seen=$(jq -r .diffId "$scratch/report")
  [[ $seen == "$expected" ]] || { echo "scale.sh: $1 $2: DiffID $seen, not $expected" >&2; exit 1; }
  echo "$1,$2,$3,$(jq .entries "$scratch/report"),$(jq .uncompressedBytes "$scratch/report"),$wall,$kib,${seen:7:12}" >> "$out/raw.csv"
  printf '%-8s %8s  run %s  %7s s  %s KiB\n' "$1" "$2" "$3" "$wall" "$kib" >&2
}

{
  machine_facts "$invocation" "$(stat --file-system --format %T "$scratch")"
  echo "blobs       $("$BLOBS" --version)"
} > "$out/Versions.txt"
echo "shape,amount,run,entries,tar_bytes,wall_s,peak_rss_kib,check" > "$out/raw.csv"
for shape in entries size; do
  if [[ $shape == entries ]]; then amounts=$entries; else amounts=$megabytes; fi
  for amount in $amounts; do
    python3 "$here/layers.py" "$shape" "$amount" | igzip -1 -c > "$scratch/layer.tar.gz"
    expected=sha256:$(igzip -dc "$scratch/layer.tar.gz" | sha256sum | cut -d ' ' -f 1)
    tar_bytes=$(igzip -dc "$scratch/layer.tar.gz" | wc --bytes)
    for (( run = 1; run <= runs; run++ )); do ingest "$shape" "$amount" "$run"; done
  done
done
python3 "$here/scale.py" "$out"
cat "$out/table.md"
