#!/usr/bin/env bash
# tests/layers.sh must find what it is for: each planted line below is one arrow that points the wrong
# way, and each must make it fail.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

plant() { # folder line
  rm -rf "${tree:?}"/*
  cp -r "$root"/{auth,store,gateway} "$tree"
  "$root/tests/layers.sh" "$tree" >/dev/null || { echo "the tree is wrong before anything is planted"; exit 1; }
  printf '%s\n' "$2" >>"$tree/$1/planted.cc"
  if "$root/tests/layers.sh" "$tree" >/dev/null; then
    printf 'not found: %s in %s/\n' "$2" "$1"
    exit 1
  fi
}

plant auth '#include "store/store.h"'
plant auth '#include "gateway/platform/log.h"'
plant auth '  #  include <lmdb.h>'
plant auth '#include <fstream>'
plant auth 'auto now = std::chrono::system_clock::now();'
plant store '#include "gateway/config/config.h"'
plant store '#include <nats/nats.h>'
plant store '#include <mutex>'
plant store '#include <crypt.h>'
plant gateway '#include <lmdb.h>'
plant gateway '#include <crypt.h>'
plant gateway '#include "../auth/jwt.h"'
plant gateway '#include <CLI/CLI.hpp>'
plant gateway '#include <microhttpd.h>'
plant gateway '#include <prometheus/registry.h>'
plant auth '#include <microhttpd.h>'
echo "layers: each of 16 planted wrong lines was found"
