# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Every row of the tables: one call of `row` and one function, row_GROUP_NAME. Sourced by run.sh, which sets for each run
#   dir      a fresh, empty folder on tmpfs      input   the layers, on tmpfs too
#   port     of the registry                     scratch, and BLOBS, TODAY where they are known
# and reads the figures that the functions wrote through measure.sh.

# row GROUP NAME NEEDS CHECKS LABEL COMMAND: NEEDS are programs, or names of VARIABLES that must hold one;
# COMMAND is the command as a user would type it.
row() {
  local key=$1_$2
  row_keys+=("$key")
  row_group[$key]=$1 row_needs[$key]=$3 row_checks[$key]=$4 row_label[$key]=$5 row_command[$key]=$6
}
row_keys=()
declare -A row_group row_needs row_checks row_label row_command

row image blobs 'BLOBS docker-registry skopeo' 'digest, DiffID; records tar-split' 'blobs pull' \
  'blobs pull 127.0.0.1:PORT/img:latest --root R'
row image blobs_load 'BLOBS' 'digest, DiffID; records tar-split' 'blobs load (reads files, no HTTP)' \
  'blobs load LAYOUT --root R'
row image igzip_tar 'igzip tar' 'nothing' 'igzip | tar, twice (reads files, no HTTP)' \
  'igzip -dc base.tar.gz | tar xf - -C R && igzip -dc node.tar.gz | tar xf - -C R'
row image gzip_tar 'gzip tar' 'nothing' 'gzip | tar, twice (reads files, no HTTP)' \
  'gzip -dc base.tar.gz | tar xf - -C R && gzip -dc node.tar.gz | tar xf - -C R'
row image dockerd 'dockerd docker docker-registry skopeo' 'digest, DiffID; records tar-split' 'dockerd pull, overlay2' \
  'docker pull 127.0.0.1:PORT/img:latest'
row image skopeo 'docker-registry skopeo' 'digest, DiffID; records tar-split' 'skopeo to containers-storage, overlay' \
  'skopeo copy docker://127.0.0.1:PORT/img:latest containers-storage:[overlay@R+RUN]img:latest'
row image podman 'podman docker-registry skopeo' 'digest, DiffID; records tar-split' 'podman pull, overlay' \
  'podman pull --tls-verify=false 127.0.0.1:PORT/img:latest'
row image blobs_podman 'BLOBS docker-registry skopeo' 'digest, DiffID; records tar-split' "blobs pull into podman's store" \
  'blobs pull 127.0.0.1:PORT/img:latest --root containers-storage:R'
row image containerd 'containerd ctr docker-registry skopeo' 'digest, DiffID' 'containerd pull (ctr), SNAPSHOTTER' \
  'ctr images pull --plain-http --snapshotter SNAPSHOTTER 127.0.0.1:PORT/img:latest'
row image umoci 'umoci docker-registry skopeo' 'digest, DiffID' 'skopeo to an OCI layout, umoci unpack' \
  'skopeo copy docker://127.0.0.1:PORT/img:latest oci:L:latest && umoci unpack --image L:latest R'

row layer blobs 'BLOBS' 'digest, DiffID; records tar-split' 'blobs ingest' \
  'blobs ingest node.tar.gz --root R'
row layer blobs_one_core 'BLOBS taskset' 'digest, DiffID; records tar-split' 'blobs ingest, on one core' \
  'taskset -c 0 blobs ingest node.tar.gz --root R'
row layer igzip_tar 'igzip tar' 'nothing' 'igzip | tar' \
  'igzip -dc node.tar.gz | tar xf - -C R'
row layer igzip_tar_one_core 'igzip tar taskset' 'nothing' 'igzip | tar, on one core' \
  'taskset -c 0 (igzip -dc node.tar.gz | tar xf - -C R)'
row layer gzip_tar 'gzip tar' 'nothing' 'gzip | tar' \
  'gzip -dc node.tar.gz | tar xf - -C R'
row layer today 'TODAY' 'digest, DiffID' '.NET today: two hash passes, GZipStream, TarFile' \
  'TODAY node.tar.gz R'

row hash blobs 'BLOBS' 'digest, DiffID; records tar-split' 'blobs hash' \
  'blobs hash node.tar.gz --tar-split F'
row hash igzip 'igzip' 'CRC-32' 'igzip, output dropped' \
  'igzip -dc node.tar.gz > /dev/null'
row hash igzip_sha 'igzip sha256sum' 'DiffID' 'igzip | sha256sum' \
  'igzip -dc node.tar.gz | sha256sum'

row durability none 'BLOBS' 'digest, DiffID; records tar-split' 'blobs ingest --durability none' \
  'blobs ingest node.tar.gz --root R --durability none'
row durability blobs 'BLOBS' 'digest, DiffID; records tar-split' 'blobs ingest --durability commit' \
  'blobs ingest node.tar.gz --root R --durability commit'
row durability full 'BLOBS' 'digest, DiffID; records tar-split' 'blobs ingest --durability full' \
  'blobs ingest node.tar.gz --root R --durability full'

row export blobs 'BLOBS' 'DiffID' 'blobs layer export' \
  'blobs layer export CHAINID --root R > /dev/null'
row export tar_split 'BLOBS tar-split' 'CRC-64 of each file' 'tar-split asm' \
  'tar-split asm --input tar-split.json.gz --path R/overlay2/ID/diff --output - > /dev/null'
row export tar 'tar' 'nothing, and is another tar' 'tar cf' \
  'tar cf - -C R . | cat > /dev/null'

row push blobs 'BLOBS docker-registry' 'DiffID, CRC-64 of each file' 'blobs push' \
  'blobs push 127.0.0.1:PORT/img:latest --root R'
row push dockerd 'BLOBS dockerd docker docker-registry' 'DiffID, CRC-64 of each file' 'dockerd push, overlay2' \
  'docker push 127.0.0.1:PORT/img:latest'
row push skopeo 'docker-registry skopeo' 'DiffID, CRC-64 of each file' 'skopeo from containers-storage, overlay' \
  'skopeo copy containers-storage:[overlay@R+RUN]img:latest docker://127.0.0.1:PORT/img:latest'

row save blobs 'BLOBS' 'DiffID, CRC-64 of each file' 'blobs save, gzip' \
  'blobs save img:latest --root R --format oci --compression gzip -o F'
row save blobs_pipe 'BLOBS' 'DiffID, CRC-64 of each file' 'blobs save, gzip, into a pipe' \
  'blobs save img:latest --root R --format oci --compression gzip | cat > F'
row save docker_gzip 'BLOBS dockerd docker gzip' 'DiffID, CRC-64 of each file' 'docker save | gzip' \
  'docker save img:latest | gzip > F'
row save docker_pigz 'BLOBS dockerd docker pigz' 'DiffID, CRC-64 of each file' 'docker save | pigz' \
  'docker save img:latest | pigz > F'
row save skopeo 'skopeo' 'DiffID, CRC-64 of each file' 'skopeo to an OCI layout, gzip' \
  'skopeo copy --dest-compress-format gzip containers-storage:[overlay@R+RUN]img:latest oci:L:latest'
row save blobs_zstd 'BLOBS zstd' 'DiffID, CRC-64 of each file' 'blobs save, zstd' \
  'blobs save img:latest --root R --format oci --compression zstd -o F'
row save docker_zstd 'BLOBS dockerd docker zstd' 'DiffID, CRC-64 of each file' 'docker save | zstd -T0' \
  'docker save img:latest | zstd -T0 > F'
row save skopeo_zstd 'skopeo zstd' 'DiffID, CRC-64 of each file' 'skopeo to an OCI layout, zstd' \
  'skopeo copy --dest-compress-format zstd containers-storage:[overlay@R+RUN]img:latest oci:L:latest'

fact() {
  jq -er "$1" "$input/facts.json"
}

# judge SEEN EXPECTED
judge() {
  if [[ $1 == "$2" ]]; then note verified yes; else note verified "no: $1, not $2"; fi
}

# verify_tree NAME DIR...: the check value of a row, compared with the known tree of the image.
verify_tree() {
  local seen expected
  if [[ $1 == image ]]; then expected=$(fact .image.tree); else expected=$(fact ".layers.$1.tree"); fi
  seen=$(tree_check "${@:2}")
  note check "$seen"
  judge "$seen" "$expected"
}

# verify_ids NAME JSON KEY...: checks the identifiers that blobs printed for a layer.
verify_ids() {
  local key seen expected
  for key in "${@:3}"; do
    seen=$(jq -r ".$key" "$2") expected=$(fact ".layers.$1.$key")
    [[ $seen == "$expected" ]] || note verified "no: $key $seen, not $expected"
  done
}

# pipe_layer DECODER [WORD...]: the node layer through a decoder and tar, started by what stands after it.
pipe_layer() {
  mkdir "$dir/tree"
  timed "${@:2}" bash -o pipefail -c '"$1" -dc "$2" | tar xf - -C "$3"' - "$1" "$input/node.tar.gz" "$dir/tree"
  verify_tree node "$dir/tree"
}

pipe_image() {
  mkdir "$dir/tree"
  timed bash -o pipefail -c '"$1" -dc "$2" | tar xf - -C "$4" && "$1" -dc "$3" | tar xf - -C "$4"' \
    - "$1" "$input/base.tar.gz" "$input/node.tar.gz" "$dir/tree"
  verify_tree image "$dir/tree"
}

row_layer_gzip_tar() { pipe_layer gzip; }
row_layer_igzip_tar() { pipe_layer igzip; }
row_layer_igzip_tar_one_core() { pipe_layer igzip taskset --cpu-list 0; }
row_image_gzip_tar() { pipe_image gzip; }
row_image_igzip_tar() { pipe_image igzip; }

# Not part of this folder: any program that takes LAYER.tar.gz and an existing folder, and does what its users do now.
row_layer_today() {
  mkdir "$dir/tree"
  timed "$TODAY" "$input/node.tar.gz" "$dir/tree"
  verify_tree node "$dir/tree"
}

# ingest [WORD...]: the node layer through `blobs ingest`, with WORD... in front of the command.
ingest() {
  timed "$@" bash -c '"$1" ingest "$2" --root "$3" --driver overlay2 --json "${@:4}" > "$3.json"' \
    - "$BLOBS" "$input/node.tar.gz" "$dir/root" "${ingest_options[@]}"
  verify_tree node "$dir"/root/overlay2/*/diff
  verify_ids node "$dir/root.json" digest diffId # alone, its ChainID is not the one in the image
}
ingest_options=()

row_layer_blobs() { ingest; }
row_layer_blobs_one_core() { ingest taskset --cpu-list 0; }

# Nothing is synced beyond what the option asks for.
row_durability_none() { syncs_itself=yes ingest_options=(--durability none) && ingest; }
row_durability_blobs() { syncs_itself=yes ingest_options=(--durability commit) && ingest; }
row_durability_full() { syncs_itself=yes ingest_options=(--durability full) && ingest; }

# verify_image: checks the trees, and that the layers are those of the image.
verify_image() {
  verify_tree image "$dir"/root/overlay2/*/diff
  [[ $("$BLOBS" layers --root "$dir/root" --json | jq -c '[.[].diffId] | sort') == "$(fact '[.layers[].diffId] | sort | tojson')" ]] ||
    note verified "no: DiffIDs"
}

row_image_blobs() {
  with_registry timed "$BLOBS" pull "127.0.0.1:$port/img:latest" --root "$dir/root" --driver overlay2 --quiet > /dev/null
  verify_image
}

row_image_blobs_load() {
  timed "$BLOBS" load "$input/oci" --root "$dir/root" --driver overlay2 --quiet > /dev/null
  verify_image
}

row_hash_blobs() {
  timed bash -c '"$1" hash "$2" --tar-split "$3.gz" --json > "$3"' - "$BLOBS" "$input/node.tar.gz" "$dir/hash"
  note verified yes
  note check "$(jq -r .diffId "$dir/hash" | cut -c 1-19)"
  verify_ids node "$dir/hash" digest diffId
}

row_hash_igzip() {
  timed igzip -dc "$input/node.tar.gz" > /dev/null
  verify_diff_id igzip -dc "$input/node.tar.gz"
}

row_hash_igzip_sha() {
  timed bash -o pipefail -c 'igzip -dc "$1" | sha256sum' - "$input/node.tar.gz" > /dev/null
  verify_diff_id igzip -dc "$input/node.tar.gz"
}

# with_registry COMMAND...: also notes the CPU time of the registry, which runs on the same processors.
with_registry() {
  local before name=${registry:-registry}
  before=$(cpu_of "$(pid_of "$name")")
  "$@"
  note server_cpu "$(awk "BEGIN { printf \"%.2f\", $(cpu_of "$(pid_of "$name")") - $before }")"
}

# start_dockerd DATA: a daemon on that root; sets socket.
start_dockerd() {
  socket=$dir/docker.sock
  mkdir -p "$1" "$dir/exec"
  cat > "$dir/daemon.json" << JSON
{"data-root": "$1", "exec-root": "$dir/exec", "pidfile": "$dir/dockerd.pid", "hosts": ["unix://$socket"],
 "storage-driver": "overlay2", "iptables": false, "ip-masq": false, "bridge": "none",
 "insecure-registries": ["127.0.0.0/8"]}
JSON
  start dockerd dockerd --config-file "$dir/daemon.json"
  until_answers dockerd docker -H "unix://$socket" info
}

row_image_dockerd() {
  local socket
  start_dockerd "$dir/data"
  with_registry timed_with "$(pid_of dockerd)" docker -H "unix://$socket" pull --quiet "127.0.0.1:$port/img:latest" \
    > /dev/null
  docker -H "unix://$socket" image inspect --format '{{json .RootFS.Layers}}' "127.0.0.1:$port/img:latest" > "$dir/ids"
  stop dockerd
  verify_tree image "$dir"/data/overlay2/*/diff
  [[ $(jq -c . "$dir/ids") == "$(fact '[.layers[].diffId] | tojson')" ]] || note verified "no: DiffIDs"
}

# storage_conf DIR: a containers-storage of its own, for CONTAINERS_STORAGE_CONF.
storage_conf() {
  cat > "$1/storage.conf" << TOML
[storage]
driver = "overlay"
runroot = "$1/run"
graphroot = "$1/graph"
TOML
}

row_image_skopeo() {
  storage_conf "$dir"
  CONTAINERS_STORAGE_CONF=$dir/storage.conf TMPDIR=$dir with_registry timed \
    skopeo --insecure-policy copy --quiet --src-tls-verify=false "docker://127.0.0.1:$port/img:latest" \
    "containers-storage:[overlay@$dir/graph+$dir/run]img:latest"
  verify_tree image "$dir"/graph/overlay/*/diff
}

row_image_podman() {
  HOME=$dir TMPDIR=$dir with_registry timed \
    podman --root "$dir/graph" --runroot "$dir/run" --storage-driver overlay pull --quiet --tls-verify=false "127.0.0.1:$port/img:latest"
  verify_tree image "$dir"/graph/overlay/*/diff
  ! mountpoint --quiet "$dir/graph/overlay" || umount "$dir/graph/overlay"
}

row_image_blobs_podman() {
  with_registry timed "$BLOBS" pull "127.0.0.1:$port/img:latest" --root "containers-storage:$dir/graph" --quiet
  verify_tree image "$dir"/graph/overlay/*/diff
}

# The snapshotter that works on this file system: overlayfs, else native, which copies every parent.
snapshotter() {
  if "$@" plugins ls 2> /dev/null | awk '$2 == "overlayfs" && $NF == "ok" { ok = 1 } END { exit !ok }'; then
    echo overlayfs
  else
    echo native
  fi
}

row_image_containerd() {
  local chosen
  local -a client=(ctr --address "$dir/containerd.sock")
  cat > "$dir/containerd.toml" << TOML
version = 2
root = "$dir/root"
state = "$dir/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "$dir/containerd.sock"
TOML
  start containerd containerd --config "$dir/containerd.toml"
  until_answers containerd "${client[@]}" version
  chosen=$(snapshotter "${client[@]}")
  echo "$chosen" > "$scratch/snapshotter"
  TMPDIR=$dir with_registry timed_with "$(pid_of containerd)" \
    "${client[@]}" images pull --plain-http --snapshotter "$chosen" "127.0.0.1:$port/img:latest" > "$dir/pull.log"
  stop containerd
  # A snapshot of the native snapshotter holds its parents too: the same union.
  case $chosen in
    overlayfs) verify_tree image "$dir"/root/io.containerd.snapshotter.v1.overlayfs/snapshots/*/fs ;;
    native) verify_tree image "$dir"/root/io.containerd.snapshotter.v1.native/snapshots/* ;;
  esac
}

row_image_umoci() {
  TMPDIR=$dir with_registry timed bash -c '
    skopeo --insecure-policy copy --quiet --src-tls-verify=false "$1" "oci:$2:latest" &&
    umoci --log=error unpack --image "$2:latest" "$3"' \
    - "docker://127.0.0.1:$port/img:latest" "$dir/layout" "$dir/bundle"
  verify_tree image "$dir/bundle/rootfs"
}

# The root that blobs exports from is made once, as exporting changes nothing in it.
exported_store() {
  local root=$scratch/exported
  if [[ ! -d $root ]]; then
    rm -rf "$root.new"
    "$BLOBS" ingest "$input/node.tar.gz" --root "$root.new" --driver overlay2 --json > "$scratch/exported.json"
    mv "$root.new" "$root"
  fi
  echo "$root"
}

# verify_diff_id COMMAND...: the same command again, not timed, hashed.
verify_diff_id() {
  local seen
  seen=sha256:$("$@" | sha256sum | cut -d ' ' -f 1)
  note check "${seen:0:19}"
  judge "$seen" "$(fact .layers.node.diffId)"
}

row_export_blobs() {
  local root
  root=$(exported_store)
  local -a export=("$BLOBS" layer export "$(jq -r .chainId "$scratch/exported.json")" --root "$root")
  timed "${export[@]}" > /dev/null
  verify_diff_id "${export[@]}"
}

row_export_tar_split() {
  local root
  root=$(exported_store)
  local -a asm=(tar-split asm --input "$root"/image/overlay2/layerdb/sha256/*/tar-split.json.gz
    --path "$root"/overlay2/*/diff --output -)
  timed "${asm[@]}" > /dev/null
  verify_diff_id "${asm[@]}"
}

row_export_tar() {
  local seen tree=$scratch/exported.tree
  if [[ ! -d $tree ]]; then
    mkdir "$tree"
    gzip -dc "$input/node.tar.gz" | tar xf - -C "$tree"
  fi
  # tar notices /dev/null as its archive and then reads no file; cat is between them.
  timed bash -o pipefail -c 'tar cf - -C "$1" . | cat > /dev/null' - "$tree"
  seen="$(tar cf - -C "$tree" . | tar tf - | tail -n +2 | wc -l) entries"
  note check "$seen"
  judge "$seen" "$(fact '.layers.node.tree | split(" ")[0]') entries"
}

# copied_root: $dir/root, a data root that holds the image and no compressed blob, and has never pushed it. It is the same for blobs and
# dockerd, which both remember in it what a registry has.
copied_root() {
  local root=$scratch/loaded
  if [[ ! -d $root ]]; then
    rm -rf "$root.new"
    "$BLOBS" load "$input/oci" --root "$root.new" --driver overlay2 --quiet > /dev/null
    "$BLOBS" tag img:latest "127.0.0.1:$target_port/img:latest" --root "$root.new" > /dev/null
    mv "$root.new" "$root"
  fi
  cp --archive "$root" "$dir/root"
}

# use_storage: a containers-storage that holds the image, made once; sets storage.
use_storage() {
  export CONTAINERS_STORAGE_CONF=$scratch/containers/storage.conf
  storage="containers-storage:[overlay@$scratch/containers/graph+$scratch/containers/run]img:latest"
  if [[ ! -s $scratch/containers/made ]]; then
    rm -rf "$scratch/containers"
    mkdir "$scratch/containers"
    storage_conf "$scratch/containers"
    TMPDIR=$dir skopeo --insecure-policy copy --quiet "oci:$input/oci:img:latest" "$storage"
    echo yes > "$scratch/containers/made"
  fi
}

# start_target: an empty docker-registry to push to.
start_target() {
  registry=target
  registry_config "$dir/target" "$target_port" > "$dir/target.yml"
  start target docker-registry serve "$dir/target.yml"
  until_answers target bash -c "exec 3<> /dev/tcp/127.0.0.1/$target_port"
}

# verify_written KIND PLACE: reads back what was pushed or saved, and compares the DiffIDs with those of the image.
verify_written() {
  local seen
  seen=$(python3 "$here/written.py" "$@")
  note check "$(jq -r '"\(.check), \(.bytes / 1e6 | round) MB"' <<< "$seen")"
  judge "$(jq -c .diffIds <<< "$seen")" "$(fact '[.layers[].diffId] | tojson')"
}

verify_pushed() { verify_written registry "http://127.0.0.1:$target_port/v2/img"; }

row_push_blobs() {
  local registry
  copied_root
  start_target
  with_registry timed "$BLOBS" push "127.0.0.1:$target_port/img:latest" --root "$dir/root" --quiet > /dev/null
  verify_pushed
}

row_push_dockerd() {
  local registry socket
  copied_root
  start_dockerd "$dir/root"
  start_target
  with_registry timed_with "$(pid_of dockerd)" docker -H "unix://$socket" push --quiet "127.0.0.1:$target_port/img:latest" > /dev/null
  verify_pushed
}

row_push_skopeo() {
  local registry storage
  use_storage
  start_target
  TMPDIR=$dir with_registry timed skopeo --insecure-policy copy --quiet --dest-tls-verify=false \
    "$storage" "docker://127.0.0.1:$target_port/img:latest"
  verify_pushed
}

# save_blobs COMPRESSION
save_blobs() {
  copied_root
  timed "$BLOBS" save img:latest --root "$dir/root" --format oci --compression "$1" --output "$dir/image.tar" --quiet
  verify_written oci "$dir/image.tar"
}

row_save_blobs() { save_blobs gzip; }
row_save_blobs_zstd() { save_blobs zstd; }

row_save_blobs_pipe() {
  copied_root
  timed bash -o pipefail -c '"$1" save img:latest --root "$2" --format oci --compression gzip --quiet | cat > "$3"' \
    - "$BLOBS" "$dir/root" "$dir/image.tar"
  verify_written oci "$dir/image.tar"
}

# save_docker COMPRESSOR...
save_docker() {
  local socket
  copied_root
  start_dockerd "$dir/root"
  timed_with "$(pid_of dockerd)" bash -o pipefail -c 'docker -H "$1" save img:latest | "${@:3}" > "$2"' \
    - "unix://$socket" "$dir/image.tar" "$@"
  verify_written docker "$dir/image.tar"
}

row_save_docker_gzip() { save_docker gzip; }
row_save_docker_pigz() { save_docker pigz; }
row_save_docker_zstd() { save_docker zstd -T0 --quiet; }

# save_skopeo COMPRESSION
save_skopeo() {
  local storage
  use_storage
  TMPDIR=$dir timed skopeo --insecure-policy copy --quiet --dest-compress-format "$1" "$storage" "oci:$dir/layout:latest"
  verify_written oci "$dir/layout"
}

row_save_skopeo() { save_skopeo gzip; }
row_save_skopeo_zstd() { save_skopeo zstd; }
