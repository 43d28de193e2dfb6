#!/usr/bin/env bash
# What it costs to pull an image as EROFS images, relative to a pull that unpacks its layers into trees.
#
#   bench/erofs.sh PROGRAM [--rounds 5] [--image DIR] [--disk tmpfs|ext4|both] [--entries 300000] [--tmp DIR]
#
# PROGRAM   a file `blobs`, as `dotnet publish -r linux-x64 src/Blobs.Cli` makes it
# --rounds  measured rounds, after one that is not counted (default: 5)
# --image   output of peers/build-image.sh (default: /tmp/blobs-bench-image, built when it is missing)
# --disk    where the layers go: to --tmp itself, or to a fresh ext4 in a loop file on it, which needs root (default: both)
# --entries the layer with which memory is measured has so many (default: 300000; 0 for none)
# --tmp     a folder on tmpfs with 3 GB free (default: /dev/shm)
#
# In turns: `blobs pull` into overlay2, into EROFS images in the tar layout, and into those in the plain layout with their recordings,
# without dm-verity, all from a `blobs serve` on loopback, and synced as without options. The images must have the same bytes in every
# round. Prints medians, ratios, peak memory, and the digest of all images.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
usage='usage: erofs.sh PROGRAM [--rounds N] [--image DIR] [--disk tmpfs|ext4|both] [--entries N] [--tmp DIR]'
rounds=5 image=/tmp/blobs-bench-image disk=both entries=300000 tmp=/dev/shm
[[ $# -ge 1 && $1 != --* ]] || { echo "$usage" >&2; exit 2; }
program=$(realpath "$1")
shift
while [[ $# -ge 2 ]]; do
  case $1 in
    --rounds | --image | --disk | --entries | --tmp) declare "${1#--}=$2" ;;
    *) echo "erofs.sh: there is no option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[[ $# -eq 0 && $disk =~ ^(tmpfs|ext4|both)$ ]] || { echo "$usage" >&2; exit 2; }

scratch=$(mktemp -d "$tmp/blobs-erofs.XXXXXX")
mkdir "$scratch/dir"
clean_up() {
  [[ ! -e $scratch/pid ]] || kill "$(cat "$scratch/pid")"
  ! mountpoint --quiet "$scratch/dir" || umount "$scratch/dir"
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

[[ -s $image/facts.json ]] || "$here/peers/build-image.sh" "$image" >&2
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
setsid env --default-signal=INT,QUIT,HUP "$program" serve --store "$scratch/store" --listen "127.0.0.1:$port" --quiet > "$scratch/log" 2>&1 &
echo $! > "$scratch/pid"
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/v2/"; do sleep 0.1; done
name=127.0.0.1:$port/img:1
"$program" copy "oci:$image/oci:img:latest" "docker://$name" --quiet > /dev/null

# Inodes that were just deleted are avoided by ext4 for a while, so that every run gets a new one.
empty() {
  if [[ $1 == ext4 ]]; then
    ! mountpoint --quiet "$scratch/dir" || umount "$scratch/dir"
    rm -f "$scratch/disk.img"
    truncate -s 3G "$scratch/disk.img"
    mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 -N 400000 "$scratch/disk.img"
    mount -o loop "$scratch/disk.img" "$scratch/dir"
  else
    rm -rf "$scratch/dir/out"
  fi
}

run() {
  local to=("--root" "$scratch/dir/out")
  [[ $1 == overlay2 ]] || to=("--root" "erofs:$scratch/dir/out" "--layout" "$1")
  local begin=${EPOCHREALTIME/./}
  command time --output="$scratch/time" --format='%U %S %M' "$program" pull "$name" "${to[@]}" --quiet > /dev/null
  local end=${EPOCHREALTIME/./} user system kib
  read -r user system kib < "$scratch/time"
  row="$((end - begin)) $(awk "BEGIN { print $user + $system }") $kib"
}

# The recording is compressed by as many threads as there are cores, but its bytes are the same everywhere, too.
digest() {
  (cd "$scratch/dir/out" && find . -type f | sort | xargs sha256sum | sha256sum | cut -c 1-16)
}

for where in tmpfs ext4; do
  [[ $disk == both || $disk == "$where" ]] || continue
  declare -A seen=()
  rm -f "$scratch/rows"
  for ((round = 0; round <= rounds; round++)); do
    for what in overlay2 tar plain; do
      empty "$where"
      run "$what"
      [[ $round == 0 ]] || echo "$what $row" >> "$scratch/rows"
      [[ $what != overlay2 ]] || continue
      check=$(digest)
      [[ ${seen[$what]:-$check} == "$check" ]] || { echo "erofs.sh: round $round of $what gave $check, not ${seen[$what]}" >&2; exit 1; }
      seen[$what]=$check
    done
  done
  python3 - "$where" "$scratch/rows" "tar=${seen[tar]}" "plain=${seen[plain]}" << 'END'
import statistics, sys
where, rows, checks = sys.argv[1], [line.split() for line in open(sys.argv[2])], dict(item.split("=") for item in sys.argv[3:])
median = lambda what, i: statistics.median(float(row[i]) for row in rows if row[0] == what)
for what in ("overlay2", "tar", "plain"):
    wall, cpu, peak = median(what, 1) / 1e6, median(what, 2), max(int(row[3]) for row in rows if row[0] == what) / 1024
    ratio = wall / (median("overlay2", 1) / 1e6)
    print(f"{where:5} {what:8} {wall:5.2f} s  x {ratio:.2f}  cpu {cpu:5.2f} s  peak {peak:4.0f} MiB  {checks.get(what, '')}")
END
done

if [[ $entries != 0 ]]; then
  ! mountpoint --quiet "$scratch/dir" || umount "$scratch/dir"
  rm -f "$scratch/disk.img"
  python3 "$here/peers/layers.py" entries "$entries" | gzip -1 > "$scratch/entries.tar.gz"
  for layout in plain tar; do
    recording=()
    [[ $layout == tar ]] || recording=(--tar-split "$scratch/dir/recording")
    command time --output="$scratch/time" --format='%M' \
      "$program" erofs "$scratch/entries.tar.gz" -o "$scratch/dir/image" --layout "$layout" "${recording[@]}" --quiet > /dev/null
    echo "$entries entries, $layout: peak $(awk '{ print int($1 / 1024) }' "$scratch/time") MiB"
  done
fi
