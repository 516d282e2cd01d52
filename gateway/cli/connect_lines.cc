#include "gateway/cli/connect_lines.h"

#include "auth/credential_json.h"

namespace gateway::cli {
namespace {

using auth::Credential;

std::string prefix_of(const Credential& c) {
  return c.inbox == auth::Inbox::private_inbox ? auth::inbox_prefix(c) : "";
}

// `option` around the inbox prefix, or nothing for a shared inbox, which needs none.
std::string with_prefix(const std::string& prefix, const std::string& before,
                        const std::string& after) {
  return prefix.empty() ? "" : before + prefix + after;
}

std::string lines_for_key(const Credential& c, const std::string& secret) {
  const std::string p = prefix_of(c);
  const std::string user = "\"" + c.id + "\"";
  const std::string pass = "\"" + secret + "\"";
  return "  nats CLI    nats --user " + c.id + " --password " + secret +
         with_prefix(p, " --inbox-prefix ", "") + " …\n" +
         "  JavaScript  connect({ servers, user: " + user + ", pass: " + pass +
         with_prefix(p, ", inboxPrefix: \"", "\"") + " })\n" +
         "  Go          nats.Connect(url, nats.UserInfo(" + user + ", " + pass + ")" +
         with_prefix(p, ", nats.CustomInboxPrefix(\"", "\")") + ")\n" +
         "  Python      nats.connect(url, user=" + user + ", password=" + pass +
         with_prefix(p, ", inbox_prefix=\"", "\"") + ")\n" +
         "  C           natsOptions_SetUserInfo(opts, " + user + ", " + pass + ");" +
         with_prefix(p, " natsOptions_SetCustomInboxPrefix(opts, \"", "\");") + "\n";
}

std::string lines_for_nkey(const Credential& c) {
  const std::string p = prefix_of(c);
  return "  the seed in a file of its own, mode 0600: client.nk\n"
         "  nats CLI    nats --nkey client.nk" +
         with_prefix(p, " --inbox-prefix ", "") + " …\n" +
         "  JavaScript  connect({ servers, authenticator: nkeyAuthenticator(seed)" +
         with_prefix(p, ", inboxPrefix: \"", "\"") + " })\n" +
         "  Go          nats.NkeyOptionFromSeed(\"client.nk\")" +
         with_prefix(p, ", nats.CustomInboxPrefix(\"", "\")") + "\n" +
         "  Python      nats.connect(url, nkeys_seed=\"client.nk\"" +
         with_prefix(p, ", inbox_prefix=\"", "\"") + ")\n" +
         "  C           natsOptions_SetNKeyFromSeed(opts, public_key, \"client.nk\");" +
         with_prefix(p, " natsOptions_SetCustomInboxPrefix(opts, \"", "\");") + "\n";
}

}  // namespace

std::string connect_lines(const Credential& c, const Proof& proof) {
  std::string text = "created \"" + c.name + "\" (" + std::string(auth::name(c.kind)) +
                     ") in account " + c.account + "\n\n  id          " + c.id + "\n";
  if (!proof.public_key.empty()) text += "  public key  " + proof.public_key + "\n";
  if (!proof.secret.empty()) {
    text += "  secret      " + std::string(proof.secret.view()) + "\n";
  }
  if (!proof.seed.empty()) text += "  seed        " + std::string(proof.seed.view()) + "\n";
  if (!proof.secret.empty() || !proof.seed.empty()) {
    text += "\nThis is the only time that it is shown: credgate does not keep it.\n";
  }
  text += "\nTo connect:\n";
  text += c.kind == auth::Kind::key ? lines_for_key(c, std::string(proof.secret.view()))
                                    : lines_for_nkey(c);
  return text;
}

std::string connect_json(const Credential& c, const Proof& proof) {
  nlohmann::ordered_json json = {{"credential", auth::write_json(c)}};
  if (!proof.secret.empty()) json["secret"] = proof.secret.view();
  if (!proof.seed.empty()) json["seed"] = proof.seed.view();
  json["inbox_prefix"] = prefix_of(c).empty() ? "_INBOX" : prefix_of(c);
  return json.dump() + "\n";
}

}  // namespace gateway::cli
