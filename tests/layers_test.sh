#!/usr/bin/env bash
# tests/layers.sh must find what it is for: each line that is planted here is wrong in one way, and
# it must say so of that file.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree" "$tree.log"' EXIT
cp -r "$root"/{auth,store,gateway} "$tree"
planted=0

find_in() { # words
  if "$root/tests/layers.sh" "$tree" >"$tree.log"; then
    echo "not found: $1"
    exit 1
  fi
  if ! grep -qF -- "$1" "$tree.log"; then
    printf 'not said: %s\nbut: %s\n' "$1" "$(<"$tree.log")"
    exit 1
  fi
}

plant() { # file line words: appends the line to the file, which may be new, and takes it away again
  local file=$tree/$1
  printf '%s\n' "$2" >>"$file"
  find_in "$3"
  rm "$file"
  [[ ! -e $root/$1 ]] || cp "$root/$1" "$file"
  planted=$((planted + 1))
}

"$root/tests/layers.sh" "$tree" >/dev/null || { echo "the tree is wrong before anything is planted"; exit 1; }

# Upward, and beside.
plant auth/nats/x.cc '#include "auth/credential/credential.h"' 'auth/nats/ stands below auth/credential/'
plant auth/base/text.h '#include "auth/nats/subject.h"' 'auth/base/ stands below auth/nats/'
plant auth/deny.cc '#include "auth/base/bytes.h"' 'auth/ stands below auth/base/'
plant auth/decision/x.h '#include "store/store.h"' 'auth/decision/ stands below store/'
plant auth/decision/x.h '#include "gateway/platform/log.h"' 'auth/decision/ stands below gateway/platform/'
plant store/x.h '#include "gateway/config/config.h"' 'store/ stands below gateway/config/'
plant gateway/platform/log.h '#include "gateway/config/config.h"' 'gateway/platform/ stands below gateway/config/'
plant gateway/nats/x.h '#include "gateway/admin/subjects.h"' 'gateway/nats/ stands below gateway/admin/'
plant gateway/monitor/x.cc '#include "gateway/daemon/daemon.h"' 'gateway/monitor/ stands below gateway/daemon/'
plant gateway/doctor/x.cc '#include <gateway/cli/files.h>' 'gateway/doctor/ stands below gateway/cli/'
plant gateway/callout/x.cc '#include "gateway/sessions/connz.h"' 'gateway/callout/ stands beside gateway/sessions/'
plant gateway/sessions/x.cc '#include "gateway/callout/throttle.h"' 'gateway/sessions/ stands beside gateway/callout/'
# Never, though it is downward.
plant gateway/natsconf/x.cc '#include "gateway/platform/log.h"' 'gateway/natsconf/x.cc:1: it reads a language'
plant gateway/natsconf/x.cc '#include "gateway/config/config.h"' 'gateway/natsconf/x.cc:1: it reads a language'
plant gateway/admin/x.cc '#include "gateway/callout/throttle.h"' 'gateway/admin/x.cc:1: it sees how decisions'
plant gateway/admin/operations/x.cc '#include "gateway/callout/callout.h"' 'gateway/admin/operations/x.cc:1: it sees how decisions'
# Libraries, directly and through others.
plant gateway/cli/x.cc '#include <lmdb.h>' 'gateway/cli/x.cc -> <lmdb.h>'
plant gateway/cli/x.cc '  #  include "store/tables.h" // keys' 'gateway/cli/x.cc -> store/tables.h -> <lmdb.h>'
plant store/store.h '#include "store/lmdb.h"' 'store/store.h -> store/lmdb.h -> <lmdb.h>'
plant store/fault.h '#include <lmdb.h>' 'files more, through these'
plant auth/base/bytes.h '%:include <lmdb.h>' 'auth/base/bytes.h -> <lmdb.h>'
plant gateway/nats/client.h '#include <nats/nats.h>' 'gateway/nats/client.h -> <nats/nats.h>'
plant gateway/callout/callout.h '#include "gateway/nats/nats_c.h"' 'gateway/callout/callout.h -> gateway/nats/nats_c.h -> <nats/nats.h>'
plant store/x.cc '#include <nats/status.h>' 'store/x.cc:1: <nats/status.h>'
plant store/x.cc '#include <sodium.h>' 'store/x.cc:1: <sodium.h>'
plant gateway/config/x.h '#include <sodium.h>' 'gateway/config/x.h:1: <sodium.h>'
plant store/x.cc '#include <crypt.h>' 'store/x.cc:1: <crypt.h>'
plant auth/credential/x.cc '#include <crypt.h>' 'auth/credential/x.cc:1: <crypt.h>'
plant gateway/cli/x.cc '#include <CLI/CLI.hpp>' 'gateway/cli/x.cc:1: <CLI/CLI.hpp>'
plant gateway/monitor/x.cc '#include <microhttpd.h>' 'gateway/monitor/x.cc:1: <microhttpd.h>'
plant gateway/monitor/x.cc '#include <prometheus/registry.h>' 'gateway/monitor/x.cc:1: <prometheus/registry.h>'
plant gateway/cli/x.cc '#include <date/tz.h>' 'gateway/cli/x.cc:1: <date/tz.h>'
plant auth/credential/x.cc '#include <fstream>' 'auth/credential/x.cc:1: <fstream>'
plant auth/credential/x.cc '#include <iostream>' 'auth/credential/x.cc:1: <iostream>'
plant auth/credential/x.cc '#include <sys/stat.h>' 'auth/credential/x.cc:1: <sys/stat.h>'
plant auth/credential/x.cc '#include <mutex>' 'auth/credential/x.cc:1: <mutex>'
plant store/x.cc '#include <thread>' 'store/x.cc:1: <thread>'
plant store/x.cc '#include <mutex>' 'store/x.cc:1: <mutex>'
# Clocks, randomness, the environment.
plant auth/decision/x.cc 'auto now = std::chrono::system_clock::now();' 'auth/decision/x.cc:1: auth reads no clock'
plant auth/nats/x.cc 'randombytes_buf(key.data(), key.size());' 'auth/nats/x.cc:1: auth reads no clock'
plant auth/nats/x.cc 'const char* home = std::getenv("HOME");' 'auth/nats/x.cc:1: auth reads no clock'
# Files and lines that could not be judged.
plant auth/base/x.h '' 'auth/base/ has a closed list'
plant auth/x.h '' 'auth/ has a closed list'
plant gateway/platform/x.cc '' 'gateway/platform/ has a closed list'
plant gateway/x.h '' 'gateway/x.h: its folder is not in the list'
plant store/x.inc '' 'store/x.inc: it is neither .h nor .cc'
plant store/x.cc '#ifdef __linux__
#include <string>
#endif' 'store/x.cc:2: an include inside #if'
plant store/x.cc '#include HEADER' 'store/x.cc:1: this include cannot be read'
plant gateway/cli/x.cc '#/**/include <lmdb.h>' 'gateway/cli/x.cc:1: this include cannot be read'
plant gateway/nats/x.cc '#include "../config/config.h"' 'gateway/nats/x.cc:1: an include of ours is written from the root'
plant store/x.cc '#include "lmdb.h"' 'store/x.cc:1: an include of ours is written from the root'

rm "$tree/gateway/platform/fd.h"
find_in 'gateway/platform/fd: it is on a closed list, and not there'
planted=$((planted + 1))
echo "layers: each of $planted planted faults was found"
