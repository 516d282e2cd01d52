#include "gateway/cli/secret_options.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "auth/credential/certificate_fingerprint.h"
#include "auth/credential/password_hash.h"
#include "auth/nats/nkey.h"
#include "gateway/cli/context.h"

namespace gateway::cli {
namespace {

using auth::Kind;

// With the end of its line.
constexpr std::size_t kMaxPasswordFileBytes = auth::kMaxPasswordBytes + 2;

std::string read_file(const std::string& option, const std::string& file, std::size_t most) {
  std::ifstream in;
  if (file != "-") {
    in.open(file, std::ios::binary);
    if (!in) throw OperationError(Code::fault, option + " " + file + ": " + std::strerror(errno));
  }
  std::istream& from = file == "-" ? std::cin : in;
  std::string text(most + 1, '\0');
  from.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(from.gcount()));
  if (text.size() > most) throw OperationError(Code::usage, option + " " + file + ": is too long");
  return text;
}

void refuse_seed(const std::string& public_key) {
  if (auth::read_public_key(public_key, auth::Prefix::user)) return;
  throw OperationError(
      Code::usage,
      "--public-key: must be a user nkey, 56 characters that begin with U" +
          std::string(public_key.starts_with("SU")
                          ? "; this is a seed, which only the client should have: replace it"
                          : ""));
}

}  // namespace

auth::SecretText read_password_file(const std::string& option, const std::string& file) {
  std::string text = read_file(option, file, kMaxPasswordFileBytes);
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  auth::SecretText password{text};
  auth::wipe(text.data(), text.size());
  return password;
}

void ProofOptions::add(Command& command) {
  command.group("How the client authenticates");
  command.text("--login", "USER", "kind password: the user name (default: NAME)", login_);
  command.text("--password-file", "FILE",
               "kind password: read the password from this file, - for standard input (default: "
               "generate one)",
               password_file_);
  command.text("--public-key", "U…",
               "kind nkey: register this public key (default: generate a key pair)", public_key_);
  command.text("--signature", "TEXT",
               "kind nkey, over NATS with --account: what shows that --public-key is the client's",
               signature_);
  command.text("--cert", "FILE", "kind cert: the client's certificate, in PEM", cert_file_);
  command.text("--fingerprint", "TEXT",
               "kind cert: the certificate's SHA-256 fingerprint, instead of --cert", fingerprint_);
  command.flag(
      "--by-public-key",
      "kind cert: compare only the public key of --cert, so that the certificate may be renewed",
      by_public_key_);
}

void ProofOptions::check(Kind kind) const {
  const struct {
    bool given;
    const char* option;
    Kind kind;
  } rules[] = {{!login_.empty(), "--login", Kind::password},
               {!password_file_.empty(), "--password-file", Kind::password},
               {!public_key_.empty(), "--public-key", Kind::nkey},
               {!signature_.empty(), "--signature", Kind::nkey},
               {!cert_file_.empty(), "--cert", Kind::cert},
               {!fingerprint_.empty(), "--fingerprint", Kind::cert},
               {by_public_key_, "--by-public-key", Kind::cert}};
  for (const auto& rule : rules) {
    if (rule.given && rule.kind != kind) {
      throw OperationError(Code::usage, std::string(rule.option) + " is only for --kind " +
                                            std::string(name(rule.kind)));
    }
  }
  if (kind == Kind::cert && cert_file_.empty() == fingerprint_.empty()) {
    throw OperationError(Code::usage, "--kind cert needs either --cert or --fingerprint");
  }
}

void ProofOptions::put_into(nlohmann::json& body) const {
  nlohmann::json proof = nlohmann::json::object();
  if (!login_.empty()) proof["login"] = login_;
  if (!public_key_.empty()) {
    refuse_seed(public_key_);
    proof["public_key"] = public_key_;
  }
  if (!signature_.empty()) proof["signature"] = signature_;
  if (!fingerprint_.empty()) proof["fingerprint"] = fingerprint_;
  if (by_public_key_ && cert_file_.empty()) {
    throw OperationError(
        Code::usage, "--by-public-key is only for --cert; a fingerprint itself says what it is of");
  }
  if (by_public_key_) proof["by_public_key"] = true;
  if (!cert_file_.empty()) {
    std::string certificate = read_file("--cert", cert_file_, auth::kMaxCertificateBytes);
    if (!auth::read_certificate(certificate)) {
      throw OperationError(Code::usage,
                           "--cert " + cert_file_ +
                               ": must hold the client's certificate in PEM, -----BEGIN "
                               "CERTIFICATE-----, as the first of its chain");
    }
    proof["certificate"] = std::move(certificate);
  }
  if (!password_file_.empty()) {
    const auth::SecretText password = read_password_file("--password-file", password_file_);
    if (!auth::may_become_password(password.view())) {
      throw OperationError(Code::usage,
                           std::string("--password-file: the line in it ") + auth::kPasswordRule);
    }
    proof["password"] = password.view();
  }
  if (!proof.empty()) body["proof"] = std::move(proof);
}

// A pipe, such as that of <(…), is empty by then, and another process has another /dev/stdin.
PasswordFile ProofOptions::password_file() const {
  std::error_code error;
  if (password_file_ == "-" || password_file_.starts_with("/dev/") ||
      password_file_.starts_with("/proc/") ||
      !std::filesystem::is_regular_file(password_file_, error))
    return {};
  std::string text = read_file("--password-file", password_file_, kMaxPasswordFileBytes);
  const bool crlf = text.find('\r') != std::string::npos;
  auth::wipe(text.data(), text.size());
  return {.path = password_file_, .crlf = crlf};
}

}  // namespace gateway::cli
