#!/bin/bash
# An object store of one's own: Ceph with one monitor, one OSD that keeps everything in memory, and any number of gateways
# that speak S3, all on loopback and on ports that were free.
#
#   radosgw.sh start DIR [GATEWAYS]   starts it; DIR/env then says how to reach it, as lines NAME=VALUE
#   radosgw.sh stop DIR               stops it and removes DIR
#
# RADOSGW_BYTES is its capacity (3 GiB): a full store answers no write, and does not say why.
# RADOSGW_OWNER is a process id: when that process ends, however it ends, the store stops too.
set -euo pipefail

script=$(readlink -f "$0")
command=${1:?start or stop} dir=${2:?a directory}
key=blobs secret=blobs-secret-key bucket=blobs

stop() {
  local file pid
  [[ -d $dir/pids ]] || return 0
  for file in "$dir"/pids/{gateway*,osd,monitor}; do
    [[ -f $file ]] || continue
    pid=$(<"$file")
    # The id may be another program's by now: ours work in this directory.
    [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$dir" ]] || continue
    # Nothing in memory is worth an orderly end.
    kill -KILL "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
  done
  cd /
  rm -rf "$dir"
}

# Nobody listens on it now, and no other call of this script at the same time is likely to choose it.
free_port() {
  local port
  while true; do
    port=$((20000 + RANDOM % 10000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port"; return; fi
  done
}

# daemon NAME PROGRAM ARGUMENT...
daemon() {
  local name=$1
  shift
  setsid "$@" </dev/null >"log/$name" 2>&1 &
  echo $! >"pids/$name"
}

# await WHAT COMMAND...: until the command succeeds; not longer than a minute, nor than a daemon lives.
await() {
  local what=$1 file deadline=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    for file in pids/*; do
      kill -0 "$(<"$file")" 2>/dev/null || fail "the ${file##*/} ended"
    done
    ((SECONDS < deadline)) || fail "no $what after a minute"
    sleep 0.05
  done
}

fail() {
  echo "radosgw.sh: $1" >&2
  tail -n 5 log/* >&2 || true
  stop
  exit 1
}

configure() {
  cat >ceph.conf <<END
[global]
fsid = $(</proc/sys/kernel/random/uuid)
mon_host = [v2:127.0.0.1:$(free_port),v1:127.0.0.1:$(free_port)]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
keyring = $dir/keyring
run_dir = $dir/run
admin_socket = $dir/run/\$name.socket
pid_file =
log_file = $dir/log/\$name.log
crash_dir = $dir/run
log_to_stderr = false
err_to_stderr = false
auth_allow_insecure_global_id_reclaim = false
# One copy of everything.
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_osd_min_up_ratio = 0
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
# Start fast, and on a disk that is nearly full.
mon_client_hunt_interval = 0.3
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
mon_data_avail_warn = 1
mon_data_avail_crit = 0
[mon.a]
mon_data = $dir/monitor
mon_cluster_log_file = $dir/log/cluster.log
[osd]
osd_data = $dir/osd
osd_objectstore = memstore
memstore_device_bytes = ${RADOSGW_BYTES:-3221225472}
osd_class_load_list = *
osd_class_default_list = *
[client.gateway]
rgw_thread_pool_size = 128
rgw_enable_usage_log = false
rgw_run_sync_thread = false
rgw_dynamic_resharding = false
# What was deleted gives its memory back within seconds.
rgw_gc_obj_min_wait = 5
rgw_gc_processor_period = 5
rgw_gc_processor_max_time = 5
debug_rgw = 0/0
END
  ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *'
  ceph-authtool keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *'
  ceph-authtool keyring --gen-key -n client.gateway --cap mon 'allow rwx' --cap osd 'allow *'
  ceph-authtool keyring --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
}

monitor_leads() { ceph --admin-daemon run/mon.a.socket mon_status 2>/dev/null | grep -q '"state": "leader"'; }

osd_is_up() { ceph --connect-timeout 30 osd stat 2>/dev/null | grep -q '1 up'; }

# radosgw-admin makes no buckets, so this is a request of its own, signed as version 2 wants it.
make_bucket() {
  local date signature
  date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S +0000')
  signature=$(printf 'PUT\n\n\n%s\n/%s' "$date" "$bucket" | openssl dgst -sha1 -hmac "$secret" -binary | base64)
  curl -sf -o /dev/null -X PUT -H "Date: $date" -H "Authorization: AWS $key:$signature" "http://127.0.0.1:$1/$bucket"
}

start() {
  local gateways=$1 number port osd_id ports=()
  mkdir -p run log pids monitor osd
  export CEPH_CONF=$dir/ceph.conf
  configure >log/configure 2>&1

  local addresses fsid
  fsid=$(sed -n 's/^fsid = //p' ceph.conf)
  addresses=$(sed -n 's/^mon_host = //p' ceph.conf)
  monmaptool --create --fsid "$fsid" --addv a "$addresses" monmap >log/monmap 2>&1
  ceph-mon -i a --mkfs --monmap monmap --keyring keyring >log/monitor-mkfs 2>&1
  daemon monitor ceph-mon -i a -f
  await "monitor" monitor_leads

  osd_id=$(</proc/sys/kernel/random/uuid)
  ceph osd new "$osd_id" >log/osd-new 2>&1
  ceph-osd -i 0 --mkfs --osd-uuid "$osd_id" >log/osd-mkfs 2>&1
  daemon osd ceph-osd -i 0 -f
  await "OSD" osd_is_up

  for ((number = 1; number <= gateways; number++)); do
    port=$(free_port)
    ports+=("$port")
    daemon "gateway$number" radosgw -n client.gateway -f --rgw_frontends "beast endpoint=127.0.0.1:$port tcp_nodelay=1" \
      --admin_socket "$dir/run/gateway$number.socket" --log_file "$dir/log/gateway$number.log"
    await "gateway" curl -sf -o /dev/null "http://127.0.0.1:$port/"
  done

  radosgw-admin -n client.gateway user create --uid=blobs --display-name=blobs --access-key="$key" --secret-key="$secret" \
    >log/user 2>&1
  await "bucket" make_bucket "${ports[0]}"
  {
    printf 'S3_ENDPOINT=http://127.0.0.1:%s\n' "${ports[0]}"
    printf 'S3_ENDPOINTS=%s\n' "$(printf 'http://127.0.0.1:%s,' "${ports[@]}" | sed 's/,$//')"
    printf 'S3_BUCKET=%s\nAWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\nAWS_REGION=us-east-1\n' "$bucket" "$key" "$secret"
  } >env.new
  mv env.new env
}

case $command in
  start)
    for program in ceph ceph-mon ceph-osd radosgw radosgw-admin; do
      command -v "$program" >/dev/null || {
        echo "radosgw.sh: $program is not installed: apt install ceph-mon ceph-osd ceph-common radosgw" >&2
        exit 2
      }
    done
    mkdir -p "$dir"
    dir=$(readlink -f "$dir")
    stop
    mkdir -p "$dir"
    cd "$dir"
    start "${3:-1}"
    if [[ ${RADOSGW_OWNER:-} ]]; then
      # Nothing of the caller's stays open in it: a caller may wait for the end of our output.
      cd /
      setsid bash -c 'tail -s 0.2 --pid="$2" -f /dev/null; exec "$1" stop "$3"' watch "$script" "$RADOSGW_OWNER" "$dir" \
        </dev/null >/dev/null 2>&1 &
    fi
    ;;
  stop)
    dir=$(readlink -f "$dir")
    stop
    ;;
  *)
    echo "radosgw.sh: start or stop" >&2
    exit 2
    ;;
esac
