#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/credential_json.h"
#include "auth/nkey.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/connect_lines.h"
#include "gateway/cli/fields.h"
#include "gateway/keys.h"

namespace gateway::cli {
namespace {

using auth::Credential;

struct Options {
  std::string name;
  std::string account;
  std::string kind = "key";
  std::string public_key;
  std::string out;
  FieldOptions fields;
};

// Made before the credential is, so that a secret that cannot be written is never made.
class SecretFile {
 public:
  explicit SecretFile(std::string path) : path_(std::move(path)) {
    fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd_ < 0) {
      const Code code = errno == EEXIST ? Code::conflict : Code::fault;
      throw Failure(code, "--out " + path_ + ": " + std::strerror(errno));
    }
  }
  SecretFile(const SecretFile&) = delete;
  SecretFile& operator=(const SecretFile&) = delete;
  ~SecretFile() {
    close(fd_);
    if (!kept_) unlink(path_.c_str());
  }
  void write(std::string_view text) {
    kept_ = true;
    while (!text.empty()) {
      const ssize_t n = ::write(fd_, text.data(), text.size());
      if (n < 0) throw Failure(Code::fault, "--out " + path_ + ": " + std::strerror(errno));
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

 private:
  std::string path_;
  int fd_ = -1;
  bool kept_ = false;
};

std::string default_account(const Local& local, const std::string& account) {
  if (!account.empty()) return account;
  const auto& accounts = local.config().accounts;
  if (accounts.size() == 1) return accounts.front();
  std::string list;
  for (const std::string& one : accounts)
    list += " " + one;
  throw Failure(Code::usage, "--account is missing; the configuration has:" + list);
}

void check_account(const Local& local, const std::string& account) {
  const auth::Judge judge{local.config().policy(), local.keys(), {}};
  if (judge.may_grant(account)) return;
  throw Failure(Code::refused, "account \"" + account + "\" may not be granted by this gateway; " +
                                   "`accounts` in " + local.config().file.string() +
                                   " lists those that may");
}

// Puts what is kept into the record, and gives what the client needs.
Proof make_key(Credential& credential, const auth::MasterKey& key) {
  auth::SecretText secret = auth::make_secret(random_bytes<30>());
  credential.secrets.push_back({.scheme = auth::Scheme::blake2b,
                                .key_id = key.key_id(),
                                .login = "",
                                .hash = key.hash_secret(credential.id, secret.view()),
                                .created_at = clock_now(),
                                .expires_at = {}});
  return {.secret = std::move(secret), .seed = {}, .public_key = ""};
}

Proof make_nkey(Credential& credential, const std::string& public_key) {
  Proof proof;
  proof.public_key = public_key;
  if (public_key.empty()) {
    const auth::KeyPair pair{auth::Prefix::user, random_bytes<32>()};
    proof.public_key = write_public_key(pair.public_key());
    proof.seed = pair.seed();
  } else if (!auth::read_public_key(public_key, auth::Prefix::user)) {
    throw Failure(Code::usage,
                  "--public-key: must be a user nkey, 56 characters that begin with U" +
                      std::string(public_key.starts_with("SU")
                                      ? "; this is a seed, which nobody but the client "
                                        "should have: replace it"
                                      : ""));
  }
  credential.secrets.push_back({.scheme = auth::Scheme::public_key,
                                .key_id = "",
                                .login = proof.public_key,
                                .hash = {},
                                .created_at = clock_now(),
                                .expires_at = {}});
  return proof;
}

void warn(const Credential& c) {
  const auto say = [](const char* text) { std::cerr << "warning: " << text << '\n'; };
  if (c.everything) {
    say("--everything: it may use every subject of the account but the reserved ones; any message "
        "there can be read or forged with it");
  }
  if (c.manage) {
    say("--manage on one stream is trust over the whole account's data: a stream can capture, "
        "source and republish anything");
  }
  if (c.inbox == auth::Inbox::shared) {
    say("a shared inbox: it sees the replies and pulled messages of every client with a shared "
        "inbox");
  }
  if (c.allow_responses) {
    say("--allow-responses: whoever sends it a request names the subject that it answers on, "
        "$JS.API included");
  }
}

void create(const Context& context, const Options& options) {
  const auto kind = auth::read_kind(options.kind);
  if (kind != auth::Kind::key && kind != auth::Kind::nkey) {
    throw Failure(Code::usage, "--kind: must be key or nkey");
  }
  if (kind == auth::Kind::key && !options.public_key.empty()) {
    throw Failure(Code::usage, "--public-key goes with --kind nkey");
  }
  std::unique_ptr<SecretFile> out;
  if (!options.out.empty()) out = std::make_unique<SecretFile>(options.out);

  Local local{context};
  Credential credential;
  credential.id = auth::make_id(random_bytes<12>());
  credential.name = options.name;
  credential.kind = *kind;
  credential.account = default_account(local, options.account);
  check_account(local, credential.account);
  options.fields.apply(credential);
  const Proof proof = kind == auth::Kind::key ? make_key(credential, local.keys().newest())
                                              : make_nkey(credential, options.public_key);
  const auto created = local.store().create(credential, local.intent(store::Action::create));
  if (!created) fail(created.error());

  warn(*created);
  const std::string text =
      context.json ? connect_json(*created, proof) : connect_lines(*created, proof);
  if (!out) {
    std::cout << text;
    return;
  }
  out->write(text);
  std::cout << created->id << " \"" << created->name << "\": its secret is in " << options.out
            << '\n';
}

}  // namespace

void add_create(App& app, const Context& context) {
  Command command = app.add("create", "Create a credential; prints its secret, once");
  const auto options = std::make_shared<Options>();
  command.word("NAME", "a label, unique within its account", options->name);
  command.text("--account", "ACCOUNT",
               "the NATS account it lands in (default: the only one configured)", options->account);
  command.text("--kind", "KIND",
               "key: an id and a generated secret; nkey: a key pair of its own (default key)",
               options->kind);
  command.text("--public-key", "U…", "kind nkey: register this key instead of making one",
               options->public_key);
  command.text("--out", "FILE", "write the secret to this new file (0600), not here", options->out);
  options->fields.add(command, FieldOptions::Use::creating);
  command.footer(
      "Examples:\n"
      "  credgate create shop --publish --receive --subjects 'orders.>'\n"
      "  credgate create worker --receive --streams ORDERS --consumers worker --expires 90d\n"
      "  credgate create sensor --kind nkey --publish --subjects 'sensors.7.>' --sources "
      "10.0.0.0/8\n"
      "There is no default for --subjects: what is not given is not allowed.");
  command.run([&context, options] { create(context, *options); });
}

}  // namespace gateway::cli
