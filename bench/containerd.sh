#!/usr/bin/env bash
# An image into containerd: ours beside ctr, over the same API of the same daemon.
#
#   bench/containerd.sh PROGRAM IMAGE [--rounds 5] [--tmp DIR]
#
# PROGRAM   a file `blobs`, as `dotnet publish -r linux-x64 src/Blobs.Cli` makes it
# IMAGE     a folder that bench/peers/build-image.sh made
# --rounds  measured rounds, after one that is not counted (default: 5)
# --tmp     where containerd's root and the registry's store are: a folder on tmpfs, or on a disk (default: /dev/shm). On a disk,
#           each figure includes the sync of what was written.
#
# In turns: `ctr images pull` and `blobs copy docker://…`, both from a `blobs serve` on loopback; `ctr images import` and
# `blobs copy docker-archive:…`, of what docker save would write. Needs root. After each, `ctr images check` must say that the image is
# complete and unpacked, the trees must be the same, and once it was removed, nothing may be left. Prints medians, ratios, the peak
# memory of ours, and the check value.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=peers/tree.sh
source "$here/peers/tree.sh"
rounds=5 tmp=/dev/shm
[[ $# -ge 2 && $1 != --* && $2 != --* ]] || { echo "usage: containerd.sh PROGRAM IMAGE [--rounds N] [--tmp DIR]" >&2; exit 2; }
program=$(realpath "$1") image=$(realpath "$2")
shift 2
while [[ $# -ge 2 ]]; do
  case $1 in
    --rounds | --tmp) declare "${1#--}=$2" ;;
    *) echo "containerd.sh: there is no option $1" >&2; exit 2 ;;
  esac
  shift 2
done

scratch=$(mktemp -d "$tmp/blobs-containerd.XXXXXX")
end() {
  local pid
  for pid in "$scratch"/*.pid; do
    if [[ -e $pid ]]; then
      kill "$(cat "$pid")" || true
      while kill -0 "$(cat "$pid")" 2> /dev/null; do sleep 0.1; done
    fi
  done
  awk -v below="$scratch/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount
  rm -rf "$scratch"
}
trap end EXIT
trap 'exit 130' INT TERM
disk=$(findmnt --noheadings --output FSTYPE --target "$scratch")
[[ $disk != tmpfs ]] || disk=''

cat > "$scratch/containerd.toml" << TOML
version = 2
root = "$scratch/root"
state = "$scratch/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "$scratch/containerd.sock"
TOML
export CONTAINERD_ADDRESS=$scratch/containerd.sock TMPDIR=$scratch
setsid env --default-signal=INT,QUIT,HUP containerd --config "$scratch/containerd.toml" > "$scratch/containerd.log" 2>&1 &
echo $! > "$scratch/containerd.pid"
until ctr version > /dev/null 2>&1; do sleep 0.1; done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
setsid env --default-signal=INT,QUIT,HUP "$program" serve --store "$scratch/store" --listen "127.0.0.1:$port" --quiet > "$scratch/serve.log" 2>&1 &
echo $! > "$scratch/serve.pid"
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/v2/"; do sleep 0.1; done
name=127.0.0.1:$port/img:latest
"$program" copy "oci:$image/oci:img:latest" "docker://$name" --quiet > "$scratch/pushed"

check=''
# measure NAME REF COMMAND...: runs it, checks what it made, removes that again.
measure() {
  local row=$1 reference=$2 begin end found
  shift 2
  begin=${EPOCHREALTIME/./}
  command time --output="$scratch/time" --format='%M' "$@" > "$scratch/out"
  if [[ -n $disk ]]; then sync --file-system "$scratch"; fi
  end=${EPOCHREALTIME/./}
  ctr images check | grep -q 'complete .* true' || { echo "containerd.sh: $row: the image is not complete" >&2; ctr images check >&2; exit 1; }
  found=$(tree_check "$scratch"/root/io.containerd.snapshotter.v1.overlayfs/snapshots/*/fs)
  [[ $check == '' || $check == "$found" ]] || { echo "containerd.sh: $row made $found, not $check" >&2; exit 1; }
  check=$found
  ctr images rm --sync "$reference" > "$scratch/out"
  [[ -z $(ctr content ls -q)$(ctr snapshots ls | sed 1d) ]] || { echo "containerd.sh: $row left something" >&2; exit 1; }
  ((round == 0)) || echo "$row $((end - begin)) $(cat "$scratch/time")" >> "$scratch/rounds"
}

local_name=docker.io/library/img:latest
for ((round = 0; round <= rounds; round++)); do
  measure ctr-pull "$name" ctr images pull --plain-http "$name"
  measure pull "$name" "$program" copy "docker://$name" "containerd:$name" --quiet
  measure ctr-import "$local_name" ctr images import "$image/image.docker.tar"
  measure load "$local_name" "$program" copy "docker-archive:$image/image.docker.tar" "containerd:$local_name" --quiet
  measure pull-direct "$name" "$program" copy "docker://$name" "containerd:$name" --quiet --direct-content
done

python3 - "$scratch/rounds" "$check" "${disk:-tmpfs}" << 'END'
import statistics, sys
seconds, memory = {}, {}
for line in open(sys.argv[1]):
    row, micro, kib = line.split()
    seconds.setdefault(row, []).append(int(micro) / 1e6)
    memory.setdefault(row, []).append(int(kib) / 1024)
median = {row: statistics.median(values) for row, values in seconds.items()}
for row, peer in (("pull", "ctr-pull"), ("load", "ctr-import"), ("pull-direct", "ctr-pull")):
    print(f"{row} {median[row]:.2f} s, {peer} {median[peer]:.2f} s, ratio {median[row] / median[peer]:.2f}, peak {max(memory[row]):.0f} MiB")
print(f"trees {sys.argv[2]}, on {sys.argv[3]}")
END
