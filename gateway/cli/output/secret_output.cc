#include "gateway/cli/output/secret_output.h"

#include <cerrno>
#include <cstring>
#include <iostream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli/output/connect_help.h"
#include "gateway/cli/run_operation.h"

namespace gateway::cli {

SecretFile::SecretFile(std::string path)
    : path_(std::move(path)), at_(file_at(path_)), fd_(create_file(at_, 0600)) {
  if (fd_) return;
  throw OperationError(errno == EEXIST ? Code::conflict : Code::fault,
                       "--out " + path_ + ": " + std::strerror(errno));
}

SecretFile::~SecretFile() {
  if (kept_ || unlinkat(at_.directory.get(), at_.name.c_str(), 0) == 0) return;
  // Root made it, and then gave up its rights for the store's.
  std::cerr << "note: --out " << path_ << " was left empty; remove it\n";
}

void SecretFile::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd_.get(), text.data(), text.size());
    if (n < 0) fail();
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  kept_ = true;
}

void SecretFile::sync() {
  if (fsync(fd_.get()) != 0) fail();
}

void SecretFile::fail() {
  throw OperationError(Code::fault,
                       "--out " + path_ + ": " + std::strerror(errno) +
                           "; the output is lost: if it contained a secret, rotate the credential");
}

void hand_over(const Context& context, const std::string& done, const nlohmann::ordered_json& made,
               const std::string& path, SecretFile* out) {
  const auto& credential = made.at("credential");
  const std::string name = text_at(credential, "name");
  const std::string what = done + " \"" + name + "\" (" + text_at(credential, "kind") +
                           ") in account " + text_at(credential, "account");
  const std::string named = path.empty() ? name + ".creds" : path;
  const std::string lines = context.json ? made.dump() + "\n" : connect_lines(what, made, named);
  const std::string creds = text_at(made, "creds");
  if (out == nullptr) {
    std::cout << lines;
    if (!context.json && !creds.empty()) {
      std::cout << "\n"
                   "The credentials file, shown only this once; save it as "
                << named << ", mode 0600:\n\n"
                << creds;
    }
    return;
  }
  if (made.value("replayed", false)) {
    // Its file is removed again: an empty one looks like a secret that was lost.
    const std::string why =
        "was made before by a request with this id; its secret is not shown "
        "again, and " +
        path + " is not written";
    if (context.json)
      return print_json({{"id", text_at(credential, "id")}, {"name", name}, {"replayed", true}});
    std::cout << text_at(credential, "id") << " \"" << name << "\" " << why << '\n';
    return;
  }
  // A credentials file is for the client's library to read, and holds nothing else.
  out->write(creds.empty() ? lines : creds);
  out->sync();
  const std::string id = text_at(credential, "id");
  if (context.json) {
    nlohmann::ordered_json json = {{"id", id}, {"name", name}, {"out", path}};
    if (made.contains("warnings")) json["warnings"] = made.at("warnings");
    if (made.contains("closing")) json["closing"] = made.at("closing");
    return print_json(json);
  }
  std::cout << id << " \"" << name << "\": its secret is in " << path << '\n';
  if (!creds.empty()) std::cout << lines;
}

}  // namespace gateway::cli
