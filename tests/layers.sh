#!/usr/bin/env bash
# The arrows between the folders, as facts: fails on an include that points the wrong way, and on a
# library used outside the folder that owns it. With a directory as argument it checks that tree.
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
wrong=0

# folder, and what may not be included there (an extended regular expression over the include's text)
refuse() {
  local found
  found=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($2)" "$1" --include='*.h' --include='*.cc' || true)
  [[ -z $found ]] && return
  printf 'forbidden in %s/ (%s):\n%s\n' "$1" "$3" "$found"
  wrong=1
}

refuse auth 'store/|gateway/' 'auth knows nobody'
refuse store 'gateway/' 'store knows auth alone'
refuse auth 'lmdb|nats/|CLI/|date/|prometheus/|microhttpd' 'auth has libsodium, libcrypt and nlohmann/json'
refuse store 'nats/|CLI/|sodium|crypt\.h|date/|prometheus/|microhttpd' 'store has lmdb'
refuse gateway 'lmdb' 'lmdb is the store'"'"'s'
refuse gateway 'crypt\.h' 'libcrypt is behind auth/credential/password_hash.h'
refuse auth 'thread|mutex|fstream|filesystem|iostream|unistd|fcntl|sys/|signal|condition_variable|future' \
  'auth does no I/O and has no thread'
refuse store 'thread|mutex|condition_variable|future' 'threads live in gateway'
refuse gateway '\.\.?/' 'includes are written from the root'
refuse auth '\.\.?/' 'includes are written from the root'
refuse store '\.\.?/' 'includes are written from the root'

# Large, or with a shape of their own: each is read in one file alone.
alone() { # include (an extended regular expression), file
  if grep -rlE "#[[:space:]]*include[[:space:]]*<$1" gateway | grep -vx "$2"; then
    echo "forbidden in gateway/: <$1…> is behind $2"
    wrong=1
  fi
}
alone 'CLI/' gateway/cli/command.cc
alone 'microhttpd' gateway/monitor/http_server.cc
alone 'prometheus/' gateway/monitor/metrics.cc

# Clocks and random numbers come into auth as arguments.
if grep -rnE 'system_clock::now|steady_clock::now|std::time\(|randombytes|getenv' auth; then
  echo 'forbidden in auth/: it reads no clock, no randomness, no environment'
  wrong=1
fi

((wrong)) || echo "layers: the includes of auth, store and gateway point the right way"
exit "$wrong"
