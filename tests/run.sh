#!/usr/bin/env bash
# Installs, builds and runs every test; --help has the details.
set -euo pipefail

usage() {
  cat <<'END'
usage: tests/run.sh [STEP...]

Runs the steps given, or these in this order:
  unit     unit tests under AddressSanitizer and UBSan, warnings as errors; layers; units; tidy (format,
           clang-tidy over what changed, words, names, lengths); shellcheck; the package's scripts
  e2e      the release build and the end-to-end tests, against both nats-servers (where the server has no
           part, against the newest); with that one the daemon runs under the system call filters of its unit
  faults   tests/faults/*.mjs in their short forms: overload, a reconnect storm, restarts and kills, clocks that
           jump, a server that hangs, a log that nobody reads, a role that many have, damaged pages. They print
           figures, and fail where a limit is broken, which is a ratio of what the same run has measured (about a
           minute)
  quick    conf/quickstart.sh
  asan     end-to-end tests under AddressSanitizer and UBSan: those that bring bytes from outside
  tsan     end-to-end tests under ThreadSanitizer: those that keep the daemon's threads busy
  fuzz     each fuzzer for FUZZ_SECONDS (default 5)
and these only where they are named:
  faults-long
           the same in their long forms, for a quiet machine (about 25 minutes)
  package  conf/package.sh and tests/package.sh: packages for Debian 12 and 13, each installed, used,
           upgraded and purged in a fresh system (downloads; as root; about 10 minutes)

A disk that is full and a store that is read-only are end-to-end tests: attacks/full_disk, full_store and
read_only_store. The plot of doc/overload.svg, about 7 minutes on a quiet machine:
  CREDGATE=build/release/credgate node tests/faults/overload.mjs --svg doc/overload.svg
END
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
steps=("$@")
((${#steps[@]})) || steps=(unit e2e faults quick asan tsan fuzz)
summary=()

build() { # preset target...
  cmake --preset "$1" --log-level=WARNING
  cmake --build --preset "$1" ${2+--target "${@:2}"}
}

# Builds what a later step needs while the tests of this one wait: nice, so that they hardly feel it. That step
# builds it again, which is nothing to do, or shows what failed.
build_ahead() { # step preset target...
  [[ " ${steps[*]} " == *" $1 "* ]] || return 0
  cmake --preset "$2" --log-level=WARNING
  nice -n 19 ninja -j "$(nproc)" -C "build/$2" "${@:3}" >"build/$2/ahead.log" 2>&1 &
}
trap 'jobs -p | xargs -r kill 2>/dev/null' EXIT

# A sanitizer's finding ends the process with a code that no test takes for its own.
export ASAN_OPTIONS=exitcode=99:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=exitcode=99:halt_on_error=1:suppressions=$PWD/tests/tsan.supp
# Sanitizers take their time; a file that hangs still ends.
export CREDGATE_LONGEST_FILE=600000

# Those of the store wait for the disk, so the others run beside them.
unit_tests() { # preset
  local tests=build/$1/tests/unit_tests store
  "$tests" '[store]' >"build/$1/unit-store.log" 2>&1 &
  store=$!
  "$tests" '~[store]' | tee "build/$1/unit.log"
  wait "$store" || { cat "build/$1/unit-store.log"; return 1; }
  summary+=("unit tests, $1: $(grep -hE 'assertions|test cases' "build/$1"/unit{,-store}.log | paste -sd ' ')")
}

# They wait for half of their time: eight at once, but fewer where a sanitizer makes them slow.
e2e_tests() { # preset role [file...]: all files where none is given
  local files=("${@:3}")
  ((${#files[@]})) || mapfile -t files < <(all_files)
  local server=$PWD/build/deps/nats-server/$2/nats-server version at_once=8
  [[ $1 == release ]] || at_once=6
  version=$("$server" --version)
  echo "== end-to-end, $1, $version"
  (cd tests/e2e && CREDGATE=$OLDPWD/build/$1/credgate CREDGATE_CLIENT=$OLDPWD/build/$1/tests/client \
    CREDGATE_RACE_GATEWAY=$OLDPWD/build/$1/tests/race_gateway CREDGATE_NATS_SERVER=$server \
    node run.mjs "$at_once" "${files[@]#tests/e2e/}") | tee "build/$1/e2e-$2.log"
  summary+=("end-to-end tests, $1, $version: $(grep -oE ' pass [0-9]+$' "build/$1/e2e-$2.log" | grep -oE '[0-9]+') passed")
}

# What is about the store, the disk, commands, pages or HTTP: the server has no part in it.
any_server=({backup,commands,completion,docs_agree,manuals,proxy_parameters,proxy_requests,store,terminal}
  wrong_invocations
  attacks/{damaged_pages,full_disk,full_store,head_lock,init_owner,log_flood,read_only_store,slow_http}
  attacks/{store_back_in_time,unread_log,writer_lock})
# Those that take longest, as tests/e2e/run.mjs says at its end: they begin first, as in the lists of the sanitizers.
longest=(docs_migration docs_runbook lines_to_paste sqs_sns watch sigv4 operator rotation live contexts kinds
  server_refusals service throttle)
all_files() {
  printf 'tests/e2e/%s.test.mjs\n' "${longest[@]}"
  printf '%s\n' tests/e2e/attacks/*.test.mjs tests/e2e/*.test.mjs |
    grep -vxFf <(printf 'tests/e2e/%s.test.mjs\n' "${longest[@]}")
}
for_each_server() { # prints all other files
  all_files | grep -vxFf <(printf 'tests/e2e/%s.test.mjs\n' "${any_server[@]}")
}

node_modules() {
  local dir
  for dir in tests/e2e tests/proxy; do
    # Made anew only when the lock file is newer than what was installed from it.
    [[ $dir/node_modules/.package-lock.json -nt $dir/package-lock.json ]] ||
      (cd "$dir" && npm ci --no-audit --no-fund)
  done
}

release_targets=(credgate client race_gateway deny_addresses notify_listener read_nats_configs sandbox probe)
tsan_targets=(credgate client race_gateway notify_listener)

run_unit() {
  build asan
  build_ahead e2e release "${release_targets[@]}"
  unit_tests asan
  tests/layers.sh
  # The check must be able to fail: it is shown a tree with one wrong include.
  tests/layers_test.sh
  tests/units.sh
  tests/tidy.sh
  tests/tidy_test.sh
  shellcheck -x conf/*.sh tests/*.sh tests/{package,sandbox}/*.sh conf/package/{preinst,postinst,prerm,postrm}
  tests/package/scripts_test.sh
}
run_e2e() {
  node_modules
  build release "${release_targets[@]}"
  build_ahead tsan tsan "${tsan_targets[@]}"
  tests/sandbox/filter_test.sh build/release/tests
  local files
  mapfile -t files < <(for_each_server)
  e2e_tests release oldest "${files[@]}"
  CREDGATE_LAUNCHER=$PWD/build/release/tests/sandbox e2e_tests release newest
}
fault_test() { # name arguments...
  local log=build/release/fault-$1.log
  node "tests/faults/$1.mjs" "${@:2}" >"$log" 2>&1 && return
  echo "$1: failed"
  cat "$log"
  return 1
}
# Reads names and their arguments, a line each; so many run at once.
fault_tests() { # how many at once
  local name arguments=()
  export CREDGATE=$PWD/build/release/credgate CREDGATE_CLIENT=$PWD/build/release/tests/client
  export CREDGATE_NATS_SERVER=$PWD/build/deps/nats-server/newest/nats-server
  export -f fault_test
  mapfile -t arguments
  printf '%s\0' "${arguments[@]}" | xargs -0 -P "$1" -I '{}' bash -c 'fault_test {}'
  for name in "${arguments[@]%% *}"; do
    printf -- '-- %s\n' "$name"
    cat "build/release/fault-$name.log"
    summary+=("fault test $name: passed")
  done
}
build_for_faults() {
  node_modules
  build release credgate client callout_load notify_listener
}
# What measures CPU time runs alone; the others wait for most of their time.
run_faults() {
  build_for_faults
  fault_tests 1 <<'END'
overload --short
END
  fault_tests 3 <<'END'
rolling --restarts 4 --kills 3 --rate 50
storm --clients 400
clock
hung_server 5 1
kills 10
log_reader 2
role_update --credentials 3000 --sessions 1000
damage --step 60 --random 4 --workers 2
END
}
run_faults-long() {
  build_for_faults
  fault_tests 1 <<'END'
overload
storm --clients 5000
rolling
clock --rounds 10
hung_server 30
kills 300
log_reader 30 500
role_update --credentials 100000 --sessions 2000
damage --step 1 --random 200
END
  # A stream socket, as journald's, is written to as a pipe is.
  fault_tests 1 <<<'log_reader 30 500 socket'
}
run_quick() { CI=true conf/quickstart.sh; }
run_asan() {
  node_modules
  build asan credgate client race_gateway
  CREDGATE_QUICK=1 e2e_tests asan newest {import,operator,sigv4,admin,live,store,hostile,race,door,attacks/table,attacks/leafnode}.test.mjs
}
run_tsan() {
  node_modules
  build tsan "${tsan_targets[@]}"
  # Six of these programs share the processors, each many times slower than it is.
  CREDGATE_FLOOD=1000 e2e_tests tsan newest {watch,sigv4,attacks/admin_fairness,live,rotation,attacks/password_fairness,resilience,service,throttle,lifecycle,door,race}.test.mjs
}
run_package() {
  conf/package.sh
  tests/package.sh
}
fuzz() { # seconds parser
  mkdir -p "build/asan/corpus/$2"
  "build/asan/tests/fuzz_$2" -max_total_time="$1" -max_len=65536 \
    "build/asan/corpus/$2" "tests/fuzz/corpus/$2" >"build/asan/$2.log" 2>&1 && return
  cat "build/asan/$2.log"
  return 1
}
run_fuzz() {
  local parser parsers=(certificate config credential journal nats_config password_hash record request service sigv4 sigv4_question words)
  build asan "${parsers[@]/#/fuzz_}"
  export -f fuzz
  printf '%s\n' "${parsers[@]}" | xargs -P "$(nproc)" -I '{}' bash -c "fuzz ${FUZZ_SECONDS:-5} {}"
  for parser in "${parsers[@]}"; do
    summary+=("fuzzer $parser: $(tail -n 1 "build/asan/$parser.log"), nothing found")
  done
}

conf/deps.sh
for step in "${steps[@]}"; do
  case $step in
    unit | e2e | faults | faults-long | quick | asan | tsan | fuzz | package)
      printf '\n=== %s\n' "$step"
      "run_$step"
      wait # for what is built ahead: the next step may measure
      ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
printf '\n=== all passed\n'
printf '%s\n' "${summary[@]}"
