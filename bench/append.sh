#!/usr/bin/env bash
# What it costs to push a directory as a new layer, relative to tar through the same encoder.
#
#   bench/append.sh PROGRAM [--rounds 5] [--mib 500] [--from /usr] [--threads N] [--tmp DIR]
#
# PROGRAM   a file `blobs`, as `dotnet publish -r linux-x64 src/Blobs.Cli` makes it
# --rounds  measured rounds, after one that is not counted (default: 5)
# --mib     size of the directory, which is filled with files of --from (default: 500)
# --threads processors for both (default: all)
# --tmp     a folder on tmpfs with room for the directory and as much for the registry's store (default: /dev/shm)
#
# In turns: `tar -c DIR | Blobs.Load encode`, which compresses with gzip and throws the result away, and
# `blobs append scratch DIR:/ --to docker://REGISTRY/…` with a `blobs serve` on loopback, whose store is on --tmp. The digest must be
# the same in every round, the folder for temporary files must stay empty, and the kernel must count no block that the command
# wrote. Prints the medians, the ratio and the peak memory.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
rounds=5 mib=500 from=/usr threads=$(nproc) tmp=/dev/shm
[[ $# -ge 1 && $1 != --* ]] || { echo "usage: append.sh PROGRAM [--rounds N] [--mib N] [--from DIR] [--threads N] [--tmp DIR]" >&2; exit 2; }
program=$(realpath "$1")
shift
while [[ $# -ge 2 ]]; do
  case $1 in
    --rounds | --mib | --from | --threads | --tmp) declare "${1#--}=$2" ;;
    *) echo "append.sh: there is no option $1" >&2; exit 2 ;;
  esac
  shift 2
done
export DOTNET_PROCESSOR_COUNT=$threads

scratch=$(mktemp -d "$tmp/blobs-append.XXXXXX")
trap '[[ ! -e $scratch/pid ]] || kill "$(cat "$scratch/pid")"; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
mkdir "$scratch/dir" "$scratch/empty"
dotnet build --configuration Release --nologo --verbosity quiet "$here/Blobs.Load" >&2
load=$here/Blobs.Load/bin/Release/net10.0/Blobs.Load

# The first files of the tree, in bytewise order, until there are enough of them.
(cd "$from" && find . -xdev -type f -size -64M -print0 | sort -z | python3 -c '
import os, sys
left = int(sys.argv[1]) << 20
for name in sys.stdin.buffer.read().split(b"\0")[:-1]:
    left -= os.path.getsize(name)
    sys.stdout.buffer.write(name + b"\0")
    if left <= 0:
        break' "$mib" | tar --null --files-from=- -c) | tar -C "$scratch/dir" -x
echo "$(find "$scratch/dir" -type f | wc -l) files, $(du -sm --apparent-size "$scratch/dir" | cut -f 1) MiB, $threads threads"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
setsid env --default-signal=INT,QUIT,HUP "$program" serve --store "$scratch/store" --listen "127.0.0.1:$port" --quiet > "$scratch/log" 2>&1 &
echo $! > "$scratch/pid"
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/v2/"; do sleep 0.1; done

digest=''
for ((round = 0; round <= rounds; round++)); do
  begin=${EPOCHREALTIME/./}
  tar -C "$scratch/dir" --sort=name -c . | "$load" encode > "$scratch/encoded"
  middle=${EPOCHREALTIME/./}
  TMPDIR=$scratch/empty command time --output="$scratch/time" --format='%M %O' \
    "$program" append scratch "$scratch/dir:/" --to "docker://127.0.0.1:$port/round-$round:1" --quiet > "$scratch/pushed"
  end=${EPOCHREALTIME/./}
  read -r kib blocks < "$scratch/time"
  pushed=$(cat "$scratch/pushed")
  [[ -z $(ls -A "$scratch/empty") && $blocks == 0 ]] || { echo "append.sh: something was written to disk" >&2; exit 1; }
  [[ $digest == '' || $digest == "$pushed" ]] || { echo "append.sh: round $round gave $pushed, not $digest" >&2; exit 1; }
  digest=$pushed
  ((round == 0)) || echo "$((middle - begin)) $((end - middle)) $kib" >> "$scratch/rounds"
done

python3 - "$scratch/rounds" "$digest" <<'END'
import statistics, sys
rows = [[int(word) for word in line.split()] for line in open(sys.argv[1])]
tar, append = (statistics.median(row[i] for row in rows) / 1e6 for i in (0, 1))
print(f"tar | encode {tar:.2f} s, append {append:.2f} s, ratio {append / tar:.2f}, peak {max(row[2] for row in rows) / 1024:.0f} MiB, {sys.argv[2]}")
END
