#!/usr/bin/env bash
# How long a pull into an empty store of podman takes, relative to `podman pull`.
#
#   bench/podman.sh PROGRAM [--rounds 5] [--image DIR] [--disk tmpfs|ext4|both] [--entries 300000] [--tmp DIR]
#
# PROGRAM   a file `blobs`, as `dotnet publish -r linux-x64 src/Blobs.Cli` makes it
# --rounds  measured rounds, after one that is not counted (default: 5)
# --image   output of peers/build-image.sh (default: /tmp/blobs-bench-image, built when it is missing)
# --disk    where the store is: on --tmp itself, or on a fresh ext4 in a loop file on it (default: tmpfs)
# --entries the layer with which memory is measured has so many (default: 300000; 0 for none)
# --tmp     a folder on tmpfs with 4 GB free (default: /dev/shm)
#
# Needs root, podman and skopeo. In turns: `podman pull`, `skopeo copy` and `blobs pull`, each into an empty store, from a `blobs serve`
# on loopback. The trees of all layers must be the same in every round and of every program. Prints medians, ratios, peak memory, and the
# digest of the trees.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
usage='usage: podman.sh PROGRAM [--rounds N] [--image DIR] [--disk tmpfs|ext4|both] [--entries N] [--tmp DIR]'
rounds=5 image=/tmp/blobs-bench-image disk=tmpfs entries=300000 tmp=/dev/shm
[[ $# -ge 1 && $1 != --* ]] || { echo "$usage" >&2; exit 2; }
program=$(realpath "$1")
shift
while [[ $# -ge 2 ]]; do
  case $1 in
    --rounds | --image | --disk | --entries | --tmp) declare "${1#--}=$2" ;;
    *) echo "podman.sh: there is no option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[[ $# -eq 0 && $disk =~ ^(tmpfs|ext4|both)$ ]] || { echo "$usage" >&2; exit 2; }

scratch=$(mktemp -d "$tmp/blobs-podman.XXXXXX")
mkdir "$scratch/dir" "$scratch/home"
store=$scratch/dir/store

# podman and skopeo leave the store's own mount behind.
unmount() {
  ! mountpoint --quiet "$store/overlay" || umount "$store/overlay"
  ! mountpoint --quiet "$scratch/dir" || umount "$scratch/dir"
}
clean_up() {
  [[ ! -e $scratch/pid ]] || kill "$(cat "$scratch/pid")"
  unmount
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

[[ -s $image/facts.json ]] || "$here/peers/build-image.sh" "$image" >&2
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
setsid env --default-signal=INT,QUIT,HUP "$program" serve --store "$scratch/registry" --listen "127.0.0.1:$port" --quiet > "$scratch/log" 2>&1 &
echo $! > "$scratch/pid"
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/v2/"; do sleep 0.1; done
name=127.0.0.1:$port/img:1
"$program" copy "oci:$image/oci:img:latest" "docker://$name" --quiet > /dev/null

empty() {
  unmount
  rm -rf "$store" "$scratch/run" "$scratch/disk.img"
  if [[ $1 == ext4 ]]; then
    truncate -s 3G "$scratch/disk.img"
    mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 -N 400000 "$scratch/disk.img"
    mount -o loop "$scratch/disk.img" "$scratch/dir"
  fi
}

# Nobody's caches and settings: podman remembers in HOME which registry has which blob.
run() {
  local -a call
  case $1 in
    podman) call=(podman --root "$store" --runroot "$scratch/run" --storage-driver overlay pull --quiet --tls-verify=false "$name") ;;
    skopeo) call=(skopeo --insecure-policy copy --quiet --src-tls-verify=false "docker://$name" "containers-storage:[overlay@$store+$scratch/run]$name") ;;
    blobs) call=("$program" pull "$name" --root "containers-storage:$store" --quiet) ;;
  esac
  local begin=${EPOCHREALTIME/./}
  HOME=$scratch/home TMPDIR=$scratch/home command time --output="$scratch/time" --format='%U %S %M' "${call[@]}" > /dev/null
  local end=${EPOCHREALTIME/./} user system kib
  read -r user system kib < "$scratch/time"
  row="$((end - begin)) $(awk "BEGIN { print $user + $system }") $kib"
}

# Everything but the times of directories: one that no tar names gets the time of the pull.
digest() {
  (
    cd "$store/overlay"
    for layer in */diff; do
      find "$layer" -type d -printf '%p %y %m %U %G\n' -o -printf '%p %y %m %U %G %n %s %l %TY%Tm%Td%TH%TM%TS\n'
      find "$layer" -type f -print0 | sort -z | xargs -0 sha256sum
    done | sort | sha256sum | cut -c 1-16
  )
}

for where in tmpfs ext4; do
  [[ $disk == both || $disk == "$where" ]] || continue
  seen=''
  rm -f "$scratch/rows"
  for ((round = 0; round <= rounds; round++)); do
    for what in podman skopeo blobs; do
      empty "$where"
      run "$what"
      [[ $round == 0 ]] || echo "$what $row" >> "$scratch/rows"
      check=$(digest)
      [[ ${seen:-$check} == "$check" ]] || { echo "podman.sh: round $round of $what gave the trees $check, not $seen" >&2; exit 1; }
      seen=$check
    done
  done
  python3 - "$where" "$scratch/rows" "$seen" << 'END'
import statistics, sys
where, rows, check = sys.argv[1], [line.split() for line in open(sys.argv[2])], sys.argv[3]
median = lambda what, i: statistics.median(float(row[i]) for row in rows if row[0] == what)
for what in ("podman", "skopeo", "blobs"):
    wall, cpu, peak = median(what, 1) / 1e6, median(what, 2), max(int(row[3]) for row in rows if row[0] == what) / 1024
    ratio = wall / (median("podman", 1) / 1e6)
    print(f"{where:5} {what:7} {wall:6.2f} s  x {ratio:.2f}  cpu {cpu:6.2f} s  peak {peak:4.0f} MiB  {check}")
END
done

if [[ $entries != 0 ]]; then
  empty tmpfs
  mkdir "$scratch/image"
  python3 "$here/peers/layers.py" entries "$entries" > "$scratch/image/layer.tar"
  diff=sha256:$(sha256sum "$scratch/image/layer.tar" | cut -d ' ' -f 1)
  printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["%s"]}}' "$diff" > "$scratch/image/config.json"
  printf '[{"Config":"config.json","RepoTags":["localhost/entries:1"],"Layers":["layer.tar"]}]' > "$scratch/image/manifest.json"
  tar -C "$scratch/image" -cf "$scratch/entries.tar" manifest.json config.json layer.tar
  rm -r "$scratch/image"
  command time --output="$scratch/time" --format='%M' \
    "$program" load "$scratch/entries.tar" --root "containers-storage:$store" --quiet > /dev/null
  echo "$entries entries: peak $(awk '{ print int($1 / 1024) }' "$scratch/time") MiB"
fi
