#!/usr/bin/env bash
# Single parts of the pipeline against what .NET has for them, alternately in one process: inflate on four kinds of
# layers, tar, CRC-64.
#
#   bench/peers/parts.sh [--image DIR] [--out DIR] [--tmp DIR]
#
# --image  output of build-image.sh (default: /tmp/blobs-bench-image)
# --out    where the results go (default: bench/results/<date>-<cpu>/parts)
# --tmp    a folder on tmpfs with about 300 MB free (default: /dev/shm)
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=machine.sh
source "$here/machine.sh"
image=/tmp/blobs-bench-image out='' tmp=/dev/shm
invocation="bench/peers/parts.sh $*"
read_options 'image out tmp' "$@"
out=${out:-$repository/bench/results/$(machine_slug)/parts}
mkdir -p "$out"
make_scratch parts

dotnet build --configuration Release --nologo --verbosity quiet "$repository/bench/Blobs.Bench" >&2
bench=$repository/bench/Blobs.Bench/bin/Release/net10.0/Blobs.Bench
{
  machine_facts "$invocation" "$(stat --file-system --format %T "$scratch")"
  echo "source      text of /usr/include and Python's own library, gzip -6"
  echo "compressed  base.tar.gz in a tar, gzip -6"
} > "$out/Versions.txt"
find /usr/include /usr/lib/python3* -name '*.h' -o -name '*.hpp' -o -name '*.py' | sort > "$scratch/names"
tar -cf - --no-recursion -T "$scratch/names" 2> /dev/null | gzip -6 > "$scratch/source.tar.gz"
tar -C "$image" -c base.tar.gz | gzip -6 > "$scratch/compressed.tar.gz"

echo "layer,part,method,baseline,round,bytes,seconds,check" > "$out/raw.csv"
measure() {
  local file=$1
  shift
  BLOBS_BENCH_LAYER=$file "$bench" --pairs "$(basename "$file" .tar.gz)" "$@" >> "$out/raw.csv"
}
measure "$image/node.tar.gz" Inflate TarRead Crc64
measure "$image/base.tar.gz" Inflate
measure "$scratch/source.tar.gz" Inflate
measure "$scratch/compressed.tar.gz" Inflate
python3 "$here/parts.py" "$out/raw.csv" | tee "$out/table.md"
