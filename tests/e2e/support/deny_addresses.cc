// deny_addresses COMMAND...: becomes a command that may send nothing over IP, as a unit with
// IPAddressDeny=any has it: the kernel drops every packet of its control group. As root.
// Source: bpf(2); systemd.resource-control(5).

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

[[noreturn]] void fail(const char* step) {
  std::perror(step);
  std::exit(1);
}

int bpf(int command, bpf_attr& attr) {
  return static_cast<int>(syscall(SYS_bpf, command, &attr, sizeof attr));
}

std::uint64_t address(const void* of) {
  return reinterpret_cast<std::uintptr_t>(of);
}

// A program that lets no packet pass.
int load_denial() {
  const std::array<bpf_insn, 2> program = {
      {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
       {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}}};
  bpf_attr attr{};
  attr.prog_type = BPF_PROG_TYPE_CGROUP_SKB;
  attr.expected_attach_type = BPF_CGROUP_INET_EGRESS;
  attr.insns = address(program.data());
  attr.insn_cnt = program.size();
  attr.license = address("GPL");
  const int loaded = bpf(BPF_PROG_LOAD, attr);
  if (loaded < 0) fail("BPF_PROG_LOAD");
  return loaded;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  if (unshare(CLONE_NEWNS) != 0) fail("unshare");
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) fail("make / private");
  std::string root = "/tmp/credgate-cgroup-XXXXXX";
  if (mkdtemp(root.data()) == nullptr) fail("mkdtemp");
  if (mount("none", root.c_str(), "cgroup2", 0, nullptr) != 0) fail("mount cgroup2");
  // Left behind without a process; the next of its name is the same.
  const std::string group = root + "/credgate-deny-addresses";
  static_cast<void>(mkdir(group.c_str(), 0755));
  const int directory = open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail(group.c_str());
  bpf_attr attach{};
  attach.target_fd = static_cast<std::uint32_t>(directory);
  attach.attach_bpf_fd = static_cast<std::uint32_t>(load_denial());
  attach.attach_type = BPF_CGROUP_INET_EGRESS;
  if (bpf(BPF_PROG_ATTACH, attach) != 0) fail("BPF_PROG_ATTACH");
  const int members = open((group + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
  if (members < 0 || write(members, "0", 1) != 1) fail("enter the control group");
  umount2(root.c_str(), MNT_DETACH);
  rmdir(root.c_str());
  execvp(argv[1], argv + 1);
  fail(argv[1]);
}
