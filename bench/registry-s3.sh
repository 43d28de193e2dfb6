#!/usr/bin/env bash
# What pushes, pulls, manifests and mounts cost in an object store, relative to docker-registry on the same bucket.
#
#   bench/registry-s3.sh PROGRAM [--rounds 5] [--mib 256] [--hosts 3] [--seconds 5] [--tmp DIR]
#
# PROGRAM   a file `blobs`, as `dotnet publish -r linux-x64 src/Blobs.Cli` makes it
# --rounds  measured rounds, after one that is not counted (default: 5)
# --mib     size of the blob that one client pushes and pulls (default: 256)
# --hosts   most hosts of ours on one bucket; each request goes to the next one (default: 3)
# --seconds how long wrk asks for manifests, and for mounts (default: 5)
# --tmp     a folder for settings and logs (default: /dev/shm); the store itself takes up to 12 GiB of memory
#
# Every round starts docker-registry, and one host and several hosts of ours, each on a new and empty Ceph. One client pushes a blob
# as docker does (POST, PATCH in chunks, PUT) and pulls it; 32 clients push 64 MiB each at once; wrk asks for a manifest, and for
# mounts of a blob into new repositories. The digests must be the same for all. Prints medians, ratios and the check value.
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
rounds=5 mib=256 hosts=3 seconds=5 tmp=/dev/shm
[[ $# -ge 1 && $1 != --* ]] || { echo "usage: registry-s3.sh PROGRAM [--rounds N] [--mib N] [--hosts N] [--seconds N] [--tmp DIR]" >&2; exit 2; }
program=$(realpath "$1")
shift
while [[ $# -ge 2 ]]; do
  case $1 in
    --rounds | --mib | --hosts | --seconds | --tmp) declare "${1#--}=$2" ;;
    *) echo "registry-s3.sh: there is no option $1" >&2; exit 2 ;;
  esac
  shift 2
done
for tool in docker-registry radosgw wrk curl python3; do
  type -P "$tool" > /dev/null || { echo "registry-s3.sh: $tool is not installed" >&2; exit 1; }
done
dotnet build --configuration Release --nologo --verbosity quiet "$here/Blobs.Load" >&2
load=$here/Blobs.Load/bin/Release/net10.0/Blobs.Load
store=$here/../tests/Testing/radosgw.sh

scratch=$(mktemp -d "$tmp/blobs-registry-s3.XXXXXX")
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; wait "$pid" 2> /dev/null || true; done
  pids=()
  [[ ! -d $scratch/ceph ]] || bash "$store" stop "$scratch/ceph"
}
trap 'stop; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
setting() { sed -n "s/^$1=//p" "$scratch/ceph/env"; }
cpu_now() { for pid in "${pids[@]}"; do sed 's/^.*) //' "/proc/$pid/stat"; done | awk -v hertz="$(getconf CLK_TCK)" '{ sum += $12 + $13 } END { print sum / hertz }'; }
peak_mib() { for pid in "${pids[@]}"; do cat "/proc/$pid/status"; done | awk '$1 == "VmHWM:" && $2 > most { most = $2 } END { printf "%.0f", most / 1024 }'; }

# start NAME: one of docker-registry, blobs-1, blobs-2, … on an empty store; sets pids and ports.
start() {
  RADOSGW_BYTES=$((12 << 30)) bash "$store" start "$scratch/ceph" >&2
  local endpoint port list=() count=1
  [[ $1 != blobs-* ]] || count=${1#blobs-}
  endpoint=$(setting S3_ENDPOINTS)
  AWS_ACCESS_KEY_ID=$(setting AWS_ACCESS_KEY_ID) AWS_SECRET_ACCESS_KEY=$(setting AWS_SECRET_ACCESS_KEY)
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
  for ((i = 0; i < count; i++)); do
    port=$(free_port)
    if [[ $1 == docker-registry ]]; then
      cat > "$scratch/registry.yml" << YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage:
  s3: {accesskey: $AWS_ACCESS_KEY_ID, secretkey: $AWS_SECRET_ACCESS_KEY, region: us-east-1, regionendpoint: "$endpoint", bucket: $(setting S3_BUCKET), rootdirectory: /r, secure: false, v4auth: true}
  redirect: {disable: true}
http: {addr: "127.0.0.1:$port"}
YAML
      # It does not start with a bundle of certificates.
      env -u AWS_CA_BUNDLE docker-registry serve "$scratch/registry.yml" > "$scratch/log-$port" 2>&1 < /dev/null &
    else
      "$program" serve --store "s3://$(setting S3_BUCKET)/r" --s3-endpoint "$endpoint" --listen "127.0.0.1:$port" --quiet \
        > "$scratch/log-$port" 2>&1 < /dev/null &
    fi
    pids+=($!)
    list+=("$port")
    until curl --silent --output /dev/null "http://127.0.0.1:$port/v2/"; do
      kill -0 $! 2> /dev/null || { cat "$scratch/log-$port" >&2; exit 1; }
      sleep 0.1
    done
  done
  ports=$(IFS=,; echo "${list[*]}")
}

# measure NAME WORK ROUND COMMAND…: the command prints a figure, a number that does not matter, and a check value.
measure() {
  local name=$1 work=$2 round=$3 before figure check cpu
  shift 3
  before=$(cpu_now)
  read -r figure _ check < <("$@")
  cpu=$(awk "BEGIN { printf \"%.2f\", $(cpu_now) - $before }")
  echo "$name $work $figure $cpu $(peak_mib) $check" >&2
  ((round == 0)) || echo "$name $work $figure $cpu $(peak_mib) $check" >> "$scratch/rounds"
}

manifest() {
  local digest=$1
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},"layers":[]}' \
    "$digest" "$2" > "$scratch/manifest"
  curl --silent --fail --request PUT --header 'Content-Type: application/vnd.oci.image.manifest.v1+json' \
    --data-binary "@$scratch/manifest" "http://127.0.0.1:${ports%%,*}/v2/load/manifests/latest"
}

# asks LUA: requests per second, and a check value of the manifest.
asks() {
  local address=http://127.0.0.1:${ports%%,*}
  wrk --threads 1 --connections 16 --duration "${seconds}s" --script "$1" "$address" > "$scratch/wrk"
  ! grep -q 'Non-2xx' "$scratch/wrk" || { cat "$scratch/wrk" >&2; return 1; }
  echo "$(awk '/^Requests\/sec/ { print $2 }' "$scratch/wrk") 0 $(curl --silent --header 'Accept: application/vnd.oci.image.manifest.v1+json' \
    "$address/v2/load/manifests/latest" | sha256sum | cut -c 1-12)"
}

names=(docker-registry)
for ((n = 1; n <= hosts; n++)); do names+=("blobs-$n"); done
for ((round = 0; round <= rounds; round++)); do
  for name in "${names[@]}"; do
    start "$name"
    measure "$name" push "$round" "$load" push "$ports" --clients 1 --blobs 1 --mib "$mib"
    measure "$name" pull "$round" "$load" pull "$ports" --clients 1 --blobs 1 --mib "$mib"
    measure "$name" push-32 "$round" "$load" push "$ports" --clients 32 --blobs 32 --mib 64 --seed 2
    if [[ $name == docker-registry || $name == blobs-1 ]]; then
      # A small blob, as layers are of every size: its digest and length are printed by nothing else.
      printf '{}' > "$scratch/config"
      digest=sha256:$(sha256sum < "$scratch/config" | cut -d ' ' -f 1)
      location=$(curl --silent --dump-header - --output /dev/null --request POST "http://127.0.0.1:$ports/v2/load/blobs/uploads/" |
        tr -d '\r' | awk 'tolower($1) == "location:" { print $2 }')
      [[ $location == http* ]] || location=http://127.0.0.1:$ports$location
      separator='?'
      [[ $location != *\?* ]] || separator='&'
      curl --silent --fail --request PUT --header 'Content-Type: application/octet-stream' --data-binary "@$scratch/config" \
        "$location${separator}digest=$digest"
      manifest "$digest" 2
      cat > "$scratch/manifest.lua" << 'LUA'
wrk.path = "/v2/load/manifests/latest"
wrk.headers["Accept"] = "application/vnd.oci.image.manifest.v1+json"
LUA
      cat > "$scratch/mount.lua" << LUA
local count = 0
request = function()
  count = count + 1
  return wrk.format("POST", "/v2/mount/" .. count .. "/blobs/uploads/?mount=$digest&from=load")
end
LUA
      measure "$name" manifests "$round" asks "$scratch/manifest.lua"
      measure "$name" mounts "$round" asks "$scratch/mount.lua"
    fi
    stop
  done
done

python3 - "$scratch/rounds" << 'END'
import collections, statistics, sys
rows = collections.defaultdict(list)
for line in open(sys.argv[1]):
    name, work, figure, cpu, peak, check = line.split()
    rows[work, name].append((float(figure), float(cpu), int(peak), check))
for work in dict.fromkeys(work for work, _ in rows):
    checks = {row[3] for (other, _), all in rows.items() if other == work for row in all}
    if len(checks) > 1:
        sys.exit(f"registry-s3.sh: {work} gave different answers: {checks}")
    reference = rows[work, "docker-registry"]
    for (other, name), all in rows.items():
        if other != work:
            continue
        figure, cpu = (statistics.median(row[i] for row in all) for i in (0, 1))
        theirs, their_cpu = (statistics.median(row[i] for row in reference) for i in (0, 1))
        is_rate = work in ("manifests", "mounts")
        ratio = figure / theirs if is_rate else theirs / figure
        unit = "1/s" if is_rate else "s"
        if is_rate:
            cpu, their_cpu = cpu / figure, their_cpu / theirs
        print(f"{work:9} {name:15} {figure:9.2f} {unit:3} {ratio:5.2f} x as fast, {cpu / max(their_cpu, 1e-9):5.2f} x the CPU, "
              f"peak {max(row[2] for row in all)} MiB, {checks.copy().pop()}")
END
