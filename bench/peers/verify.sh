#!/usr/bin/env bash
# blobs verify against openssl, which reads and hashes the same files on one core and compares them with nothing.
#
#   bench/peers/verify.sh [--runs 7] [--image DIR] [--out DIR] [--tmp DIR]
#
# --runs   alternating rounds (default: 7)
# --image  output of build-image.sh (default: /tmp/blobs-bench-image)
# --out    where the results go (default: bench/results/<date>-<cpu>/verify)
# --tmp    a folder on tmpfs with about 4 GB free (default: /dev/shm)
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=machine.sh
source "$here/machine.sh"
runs=7 image=/tmp/blobs-bench-image out='' tmp=/dev/shm
invocation="bench/peers/verify.sh $*"
read_options 'runs image out tmp' "$@"
out=${out:-$repository/bench/results/$(machine_slug)/verify}
mkdir -p "$out"
make_scratch verify
BLOBS=$(native_blobs)

{
  machine_facts "$invocation" "$(stat --file-system --format %T "$scratch")"
  echo "openssl     $(openssl version)"
} > "$out/Versions.txt"
"$BLOBS" load "$image/image.docker.tar" --root "$scratch/small" --quiet > /dev/null
for layer in 1 2; do
  head -c 600000000 /dev/urandom > "$scratch/file-$layer"
  tar -C "$scratch" -c "file-$layer" | "$BLOBS" ingest - --root "$scratch/large" --quiet > /dev/null
  rm "$scratch/file-$layer"
done

# The check value of each, equal in every round: files and findings; the digest of all digests.
verify() { "$BLOBS" verify --root "$1" --json | jq -r '"\(.files) files, \(.findings | length) wrong"'; }
hash_all() {
  find "$1/overlay2" -path '*/diff/*' -type f -print0 | xargs -0 openssl dgst -sha256 -r | cut -c 1-64 | sort | sha256sum | cut -c 1-12
}

echo "store,program,round,files,bytes,seconds,check" > "$out/raw.csv"
for ((round = 0; round < runs; round++)); do
  for store in small large; do
    files=$(find "$scratch/$store/overlay2" -path '*/diff/*' -type f | wc -l)
    bytes=$(find "$scratch/$store/overlay2" -path '*/diff/*' -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%d", sum }')
    for program in verify hash_all; do
      begun=$EPOCHREALTIME
      check=$("$program" "$scratch/$store")
      echo "$store,$program,$round,$files,$bytes,$(awk "BEGIN { print $EPOCHREALTIME - $begun }"),\"$check\"" >> "$out/raw.csv"
    done
  done
done
python3 "$here/verify.py" "$out/raw.csv" | tee "$out/table.md"
