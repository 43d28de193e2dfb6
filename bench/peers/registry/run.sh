#!/usr/bin/env bash
# Runs the same load against docker-registry and blobs serve, alternately, on one file system, and writes one table.
#
#   bench/peers/registry/run.sh [--runs 5] [--clients 16] [--blobs 64] [--mib 16] [--seconds 5] [--tmp DIR] [--out DIR]
#
# --tmp      where both stores go (default: /dev/shm; on a disk, both pay for their syncs)
# --seconds  how long wrk requests a manifest
# --out      where raw.csv, table.md and Versions.txt go (default: bench/results/<date>-<cpu>/registry)
#
# Every run starts a new server on an empty store: two warm-up rounds, then push, pull, manifests. Both sync what they
# acknowledge. Only loopback is used, and every loop is bounded. BLOBS=… is the command to measure.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../machine.sh
source "$here/../machine.sh"
runs=5 clients=16 blobs=64 mib=16 seconds=5 tmp=/dev/shm out=
invocation="bench/peers/registry/run.sh $*"
read_options 'runs clients blobs mib seconds tmp out' "$@"
for tool in docker-registry wrk curl python3 sha256sum; do
  type -P "$tool" > /dev/null || { echo "run.sh: $tool is not installed" >&2; exit 1; }
done

out=${out:-$repository/bench/results/$(machine_slug)/registry}
BLOBS=$(native_blobs)
dotnet build --configuration Release --nologo --verbosity quiet "$repository/bench/Blobs.Load" >&2
load=$repository/bench/Blobs.Load/bin/Release/net10.0/Blobs.Load

mkdir -p "$out"
scratch=$(mktemp -d "$tmp/blobs-registry.XXXXXX")
server=
clean_up() {
  [[ -z $server ]] || kill "$server" 2> /dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
cpu_now() { awk -v hertz="$(getconf CLK_TCK)" '{ sub(/^.*\) /, ""); print ($12 + $13) / hertz }' "/proc/$server/stat"; }
peak_mib() { awk '$1 == "VmHWM:" { printf "%.0f", $2 / 1024 }' "/proc/$server/status"; }
minus() { awk "BEGIN { printf \"%.2f\", $1 - $2 }"; }

# start NAME: a server on an empty store; sets port and server.
start() {
  port=$(free_port)
  rm -rf "$scratch/store"
  mkdir "$scratch/store"
  case $1 in
    docker-registry)
      cat > "$scratch/registry.yml" << YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $scratch/store}}
http: {addr: "127.0.0.1:$port"}
YAML
      docker-registry serve "$scratch/registry.yml" > "$scratch/log" 2>&1 < /dev/null &
      ;;
    blobs)
      "$BLOBS" serve --store "$scratch/store" --listen "127.0.0.1:$port" --quiet > "$scratch/log" 2>&1 < /dev/null &
      ;;
  esac
  server=$!
  for _ in {1..200}; do
    if curl --silent --output /dev/null "http://127.0.0.1:$port/v2/"; then return 0; fi
    sleep 0.05
  done
  cat "$scratch/log" >&2
  return 1
}

stop() {
  kill "$server"
  wait "$server" || true
  server=
}

# push_manifest: pushes an image of ten layers, all the same small blob.
push_manifest() {
  local upload digest separator
  printf '{}' > "$scratch/config"
  digest=sha256:$(sha256sum "$scratch/config" | cut -d ' ' -f 1)
  upload=$(curl --silent --dump-header - --output /dev/null --request POST "http://127.0.0.1:$port/v2/image/blobs/uploads/" |
    tr -d '\r' | awk 'tolower($1) == "location:" { print $2 }')
  [[ $upload == http* ]] || upload=http://127.0.0.1:$port$upload
  separator='?'
  [[ $upload != *\?* ]] || separator='&'
  curl --silent --fail --request PUT --header 'Content-Type: application/octet-stream' --data-binary "@$scratch/config" \
    "$upload${separator}digest=$digest"
  python3 - "$digest" > "$scratch/manifest" << 'PYTHON'
import json, sys
blob = {"digest": sys.argv[1], "size": 2}
print(json.dumps({
    "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json"} | blob,
    "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"} | blob] * 10}), end="")
PYTHON
  curl --silent --fail --request PUT --header 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
    --data-binary "@$scratch/manifest" "http://127.0.0.1:$port/v2/image/manifests/latest"
}

# record NAME WORK RUN FIGURE CPU CHECK
record() { echo "$1,$2,$3,$4,$5,$(peak_mib),$6" >> "$out/raw.csv"; printf '%-16s %-10s %s: %s, %s s of CPU, %s\n' "$1" "$2" "$3" "$4" "$5" "$6" >&2; }

# blobs_work NAME VERB RUN: seconds of one bounded load.
blobs_work() {
  local before answer wall bytes check
  before=$(cpu_now)
  answer=$("$load" "$2" "$port" --clients "$clients" --blobs "$blobs" --mib "$mib" --seed "$3")
  read -r wall bytes check <<< "$answer"
  if [[ $3 -gt 0 ]]; then record "$1" "$2" "$3" "$wall" "$(minus "$(cpu_now)" "$before")" "$check"; fi
}

# manifests NAME RUN: requests per second, and a check of the answer.
manifests() {
  local before rate check
  sleep 3 # until the file is old enough for a server that caches to trust it
  wrk --threads 1 --connections "$clients" --duration 1s --header 'Accept: application/vnd.oci.image.manifest.v1+json' \
    "http://127.0.0.1:$port/v2/image/manifests/latest" > /dev/null
  before=$(cpu_now)
  rate=$(wrk --threads 1 --connections "$clients" --duration "${seconds}s" --header 'Accept: application/vnd.oci.image.manifest.v1+json' \
    "http://127.0.0.1:$port/v2/image/manifests/latest" | tee "$scratch/wrk" | awk '/^Requests\/sec/ { print $2 }')
  if grep -q 'Non-2xx' "$scratch/wrk"; then rate=0; fi
  check=$(curl --silent --header 'Accept: application/vnd.oci.image.manifest.v1+json' \
    "http://127.0.0.1:$port/v2/image/manifests/latest" | sha256sum | cut -c 1-12)
  record "$1" manifests "$2" "$rate" "$(minus "$(cpu_now)" "$before")" "$check"
}

{
  machine_facts "$invocation" "$(stat --file-system --format %T "$scratch")"
  echo "work        $clients clients, $blobs blobs of $mib MiB, pushed as POST, PATCH in chunks, PUT; manifests for $seconds s"
  echo "registry    $(docker-registry --version)"
  echo "blobs       $("$BLOBS" --version)"
  echo ".NET        $(dotnet --version)"
} > "$out/Versions.txt"
echo "server,work,run,figure,cpu_s,peak_mib,check" > "$out/raw.csv"
for (( run = 1; run <= runs; run++ )); do
  for name in blobs docker-registry; do
    start "$name"
    for warm_up in 0 -1; do
      blobs_work "$name" push "$warm_up"
      blobs_work "$name" pull "$warm_up"
    done
    blobs_work "$name" push "$run"
    blobs_work "$name" pull "$run"
    push_manifest
    manifests "$name" "$run"
    stop
  done
done
python3 "$here/table.py" "$out" | tee "$out/table.md"
