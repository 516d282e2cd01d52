#include "tests/sandbox/filters.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <set>
#include <stdexcept>

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>

namespace sandbox {
namespace {

constexpr std::uint32_t kForbidden = SCMP_ACT_ERRNO(EPERM);
const std::map<std::string, unsigned> kFamilies = {
    {"AF_UNIX", AF_UNIX}, {"AF_INET", AF_INET}, {"AF_INET6", AF_INET6}, {"AF_NETLINK", AF_NETLINK}};

void need(int result, const std::string& step) {
  if (result < 0) throw std::runtime_error(step + ": " + std::strerror(-result));
}

class Filter {
 public:
  explicit Filter(std::uint32_t otherwise, bool native_only) : context_(seccomp_init(otherwise)) {
    if (context_ == nullptr) throw std::runtime_error("seccomp_init");
    const std::uint32_t foreign = native_only ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ALLOW;
    need(seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, foreign), "SCMP_FLTATR_ACT_BADARCH");
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() { seccomp_release(context_); }

  // The sets name calls of every architecture; what this one does not have needs no rule.
  void rule(std::uint32_t action, const std::string& call,
            std::initializer_list<scmp_arg_cmp> where = {}) {
    const int number = seccomp_syscall_resolve_name(call.c_str());
    if (number < 0) return;
    need(seccomp_rule_add_array(context_, action, number, static_cast<unsigned>(where.size()),
                                std::data(where)),
         call);
  }
  void load() { need(seccomp_load(context_), "seccomp_load"); }

 private:
  scmp_filter_ctx context_;
};

scmp_arg_cmp is(unsigned argument, unsigned value) {
  return {.arg = argument, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}
scmp_arg_cmp has(unsigned argument, unsigned bits) {
  return {.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = bits, .datum_b = bits};
}

void add_calls(const CallSets& sets, const std::string& name, std::set<std::string>& into) {
  if (!name.starts_with('@')) {
    into.insert(name);
    return;
  }
  const auto set = sets.find(name);
  if (set == sets.end()) throw std::runtime_error("SystemCallFilter: there is no set " + name);
  for (const std::string& member : set->second)
    add_calls(sets, member, into);
}

std::uint32_t refusal(const Unit& unit) {
  const std::string number = unit.last("SystemCallErrorNumber");
  if (number.empty()) return SCMP_ACT_KILL_PROCESS;
  if (number == "EPERM") return kForbidden;
  throw std::runtime_error("SystemCallErrorNumber=" + number + " is not known here");
}

void limit_calls(const Unit& unit, const CallSets& sets, bool native_only) {
  const auto& lines = unit.all("SystemCallFilter");
  if (lines.empty()) return;
  if (lines.front().starts_with('~')) {
    throw std::runtime_error("SystemCallFilter= must begin with what is allowed");
  }
  std::set<std::string> allowed;
  add_calls(sets, "@default", allowed);  // systemd adds them by itself
  for (const std::string& line : lines) {
    const bool taken_away = line.starts_with('~');
    std::set<std::string> calls;
    for (const std::string& word : words(std::string_view{line}.substr(taken_away ? 1 : 0)))
      add_calls(sets, word, calls);
    if (!taken_away) allowed.merge(calls);
    for (const std::string& call : calls)
      if (taken_away) allowed.erase(call);
  }
  std::set<std::string> known;
  add_calls(sets, "@known", known);
  // A call that is newer than systemd does not exist, so that libraries go on without it.
  Filter filter{SCMP_ACT_ERRNO(ENOSYS), native_only};
  for (const std::string& call : allowed)
    filter.rule(SCMP_ACT_ALLOW, call);
  for (const std::string& call : known)
    if (!allowed.contains(call)) filter.rule(refusal(unit), call);
  filter.load();
}

void limit_address_families(const Unit& unit, bool native_only) {
  const auto& lines = unit.all("RestrictAddressFamilies");
  if (lines.empty()) return;
  std::set<unsigned> allowed;
  for (const std::string& line : lines) {
    for (const std::string& word : words(line)) {
      const auto family = kFamilies.find(word);
      if (family == kFamilies.end()) throw std::runtime_error(word + " is not known here");
      allowed.insert(family->second);
    }
  }
  Filter filter{SCMP_ACT_ALLOW, native_only};
  for (unsigned family = 0; family < AF_MAX; ++family) {
    if (allowed.contains(family)) continue;
    filter.rule(SCMP_ACT_ERRNO(EAFNOSUPPORT), "socket", {is(0, family)});
  }
  filter.rule(SCMP_ACT_ERRNO(EAFNOSUPPORT), "socket",
              {{.arg = 0, .op = SCMP_CMP_GE, .datum_a = AF_MAX, .datum_b = 0}});
  filter.load();
}

void deny_namespaces(bool native_only) {
  Filter filter{SCMP_ACT_ALLOW, native_only};
  for (const int kind : {CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID,
                         CLONE_NEWUSER, CLONE_NEWUTS}) {
    filter.rule(kForbidden, "unshare", {has(0, static_cast<unsigned>(kind))});
    filter.rule(kForbidden, "clone", {has(0, static_cast<unsigned>(kind))});
  }
  filter.rule(kForbidden, "setns");
  // Its flags are in memory, where no filter looks; without it, clone is used.
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), "clone3");
  filter.load();
}

void deny_writable_code(bool native_only) {
  Filter filter{SCMP_ACT_ALLOW, native_only};
  filter.rule(kForbidden, "mmap", {has(2, PROT_EXEC | PROT_WRITE)});
  for (const char* call : {"mprotect", "pkey_mprotect"})
    filter.rule(kForbidden, call, {has(2, PROT_EXEC)});
  filter.rule(kForbidden, "shmat", {has(2, SHM_EXEC)});
  filter.load();
}

void lock_personality(bool native_only) {
  Filter filter{SCMP_ACT_ALLOW, native_only};
  filter.rule(kForbidden, "personality",
              {{.arg = 0, .op = SCMP_CMP_NE, .datum_a = 0, .datum_b = 0}});
  filter.load();
}

}  // namespace

void confine(const Unit& unit, const CallSets& sets) {
  const std::string architectures = unit.last("SystemCallArchitectures");
  if (architectures != "native" && !architectures.empty()) {
    throw std::runtime_error("SystemCallArchitectures=" + architectures + " is not known here");
  }
  const bool native_only = !architectures.empty();
  limit_address_families(unit, native_only);
  if (unit.on("MemoryDenyWriteExecute")) deny_writable_code(native_only);
  if (unit.on("RestrictNamespaces")) deny_namespaces(native_only);
  if (unit.on("LockPersonality")) lock_personality(native_only);
  limit_calls(unit, sets, native_only);  // last: it may forbid loading any more
}

}  // namespace sandbox
