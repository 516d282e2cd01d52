#!/usr/bin/env bash
# What may include what: fails on an include that points upward, on a library used outside the files
# that own it, and on a file that stands where nothing may be added. It reads each file once, and all
# of it: an include inside #if would need a compiler, so there is none. With a directory as argument
# it checks that tree.
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
mapfile -t files < <(find auth store gateway -type f | LC_ALL=C sort)

# A folder includes itself and what stands on the lines below it. Those on one line do not include
# each other. A file belongs to the longest of them that its path begins with.
folders='
gateway/cli
gateway/doctor
gateway/daemon
gateway/monitor
gateway/admin
gateway/callout gateway/sessions
gateway/nats
gateway/config
gateway/natsconf
gateway/platform
store
auth/decision
auth/sigv4
auth/credential
auth/nats
auth/base
auth
'

LC_ALL=C folders=$folders awk '
BEGIN {
  lines = split(ENVIRON["folders"], line, "\n")
  for (l = 1; l <= lines; l++) {
    n = split(line[l], name, " ")
    for (i = 1; i <= n; i++) level[name[i]] = lines - l
  }
  for (i = 1; i < ARGC; i++) ours[ARGV[i]] = 1

  # A folder where everything finds room soon holds everything: these take no file that is not named.
  closed("auth", "deny")
  closed("auth/base", "archive base32 base64 bytes config_error hex invalid ip_range json json_object " \
                      "result secret text time time_format typo")
  closed("gateway/platform", "clock counters fd listen_address locked log log_queue pause " \
                             "privileges random sd_notify signals snapshot stall_detector time_zone watchdog " \
                             "wipe_freed worker")

  # Of the folders below, that which may not be included all the same.
  never("^gateway/natsconf/", "^gateway/", "^gateway/natsconf/",
        "it reads a language, and knows no gateway")
  never("^gateway/admin/", "^gateway/callout/", "/(decider|decision_event|decision_sink|rules)[.]h$",
        "it sees how decisions are made and where they go, and no more of it")

  # Headers that are not ours, and the files that may include them.
  only("^(barrier|condition_variable|future|latch|pthread|semaphore|shared_mutex)", "^gateway/")
  # What a process has seen of the store is one for all its threads.
  only("^(atomic|mutex)", "^(gateway/|store/head_watch[.])")
  only("^(stop_token|thread)", "^gateway/")
  only("^(csignal|fcntl|filesystem|fstream|iostream|netdb|poll|signal|sys/|unistd)", "^(store|gateway)/")
  only("^(ctime|random|time[.]h)", "^(store|gateway)/")
  only("^sodium", "^(auth|gateway)/.*[.]cc$")
  only("^crypt", "^auth/credential/password_hash[.]cc$")
  only("^nats/", "^gateway/")
  only("^date/", "^gateway/platform/time_zone[.]cc$")
  only("^CLI/", "^gateway/cli/(command|help|parse_errors)[.]cc$")
  only("^microhttpd", "^gateway/monitor/http_server[.]cc$")
  only("^prometheus/", "^gateway/monitor/metrics[.]cc$")
}

function complain(what) {
  print what
  wrong = 1
}

function closed(folder, units,    n, i, list) {
  is_closed[folder] = 1
  n = split(units, list, " ")
  for (i = 1; i <= n; i++) listed[folder "/" list[i]] = 1
}

function never(from, to, except, why) {
  never_from[++nevers] = from
  never_to[nevers] = to
  never_except[nevers] = except
  never_why[nevers] = why
}

function only(header, where) {
  only_header[++onlys] = header
  only_where[onlys] = where
}

function folder_of(path) {
  while (sub("/[^/]*$", "", path)) {
    if (path in level) return path
  }
  return ""
}

FNR == 1 {
  here = folder_of(FILENAME)
  conditions = 0
  if (here == "") complain(FILENAME ": its folder is not in the list")
  if (FILENAME !~ /[.](h|cc)$/) complain(FILENAME ": it is neither .h nor .cc")
  unit = FILENAME
  sub(/[.][a-z]*$/, "", unit)
  found[unit] = 1
  if (here in is_closed && !(unit in listed))
    complain(FILENAME ": " here "/ has a closed list of contents, and it is not on it")
}

# Clocks, random numbers and the environment come into auth as arguments.
/_clock::now|clock_gettime|gettimeofday|std::time\(|randombytes|random_device|getrandom|getenv/ {
  if (FILENAME ~ /^auth\//)
    complain(FILENAME ":" FNR ": auth reads no clock, no randomness, no environment: " $0)
}

/^[ \t]*(#|%:)/ {
  directive = $0
  sub(/^[ \t]*(#|%:)[ \t]*/, "", directive)
  if (directive ~ /^if/) conditions++
  if (directive ~ /^endif/) conditions--
  if (directive ~ /^import|include/) check_include(directive)
}

function check_include(text,    at, to, target, quoted, i) {
  at = FILENAME ":" FNR ": "
  if (conditions > 0) complain(at "an include inside #if: " text)
  if (!match(text, /^(include|import)[ \t]*[<"][^>"]*[>"]/))
    return complain(at "this include cannot be read: " text)
  target = substr(text, 1, RLENGTH - 1)
  quoted = sub(/^[a-z]+[ \t]*"/, "", target)
  sub(/^[a-z]+[ \t]*</, "", target)
  includers[target] = includers[target] " " FILENAME
  if (target in ours) {
    to = folder_of(target)
    if (to != here) across++
    if (level[to] > level[here]) complain(at here "/ stands below " to "/: " target)
    if (level[to] == level[here] && to != here) complain(at here "/ stands beside " to "/: " target)
    for (i = 1; i <= nevers; i++) {
      if (FILENAME ~ never_from[i] && target ~ never_to[i] && target !~ never_except[i])
        complain(at never_why[i] ": " target)
    }
    return
  }
  if (quoted)
    return complain(at "an include of ours is written from the root: " target)
  for (i = 1; i <= onlys; i++) {
    if (target ~ only_header[i] && FILENAME !~ only_where[i])
      complain(at "<" target "> is for " only_where[i] " only")
  }
}

# Complains of what includes <header>, directly or through others, unless its name fits `allowed`.
# Gives how many files of gateway/ do.
function check_reach(header, allowed,    queue, via, head, tail, n, list, i, file, text, through, gateways) {
  queue[tail = 1] = header
  for (head = 1; head <= tail; head++) {
    n = split(includers[queue[head]], list, " ")
    for (i = 1; i <= n; i++) {
      if (list[i] in via) continue
      via[list[i]] = queue[head]
      queue[++tail] = list[i]
    }
  }
  for (head = 2; head <= tail; head++) {
    file = queue[head]
    if (file ~ /^gateway\//) gateways++
    if (file ~ allowed) continue
    if (via[file] != header && via[file] !~ allowed) {
      through++
      continue
    }
    text = file
    while ((file = via[file]) != header) text = text " -> " file
    complain(text " -> <" header ">: it is for " allowed " only")
  }
  if (through) complain("  and " through " files more, through these")
  return gateways + 0
}

END {
  for (unit in listed) {
    if (!(unit in found)) complain(unit ": it is on a closed list, and not there")
  }
  lmdb = check_reach("lmdb.h", "^store/([^/]*[.]cc|(environment|head_noting|head_watch|lmdb|tables)[.]h)$")
  check_reach("nats/nats.h", "^gateway/(nats/nats_c[.]h|.*[.]cc)$")
  print "layers: " across " includes from folder to folder" (wrong ? "" : ", all downward") \
        "; files of gateway/ that reach <lmdb.h>: " lmdb
  exit wrong
}
' "${files[@]}" </dev/null
