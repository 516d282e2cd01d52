#include "gateway/cli/rights_options.h"

#include <charconv>
#include <utility>

#include "auth/base/time_format.h"
#include "auth/nats/permissions.h"
#include "gateway/admin/operation_error.h"

namespace gateway::cli {
namespace {

using Member = nlohmann::json;

Member read_responses(const std::string& word) {
  if (word == "never") return nullptr;
  const auto slash = word.find('/');
  auth::Responses limits;
  if (slash != std::string::npos) {
    const auto ttl = auth::read_duration(word.substr(slash + 1));
    const auto [end, error] = std::from_chars(word.data(), word.data() + slash, limits.max);
    if (ttl && error == std::errc{} && end == word.data() + slash && limits.max > 0) {
      return {{"max", limits.max}, {"ttl", static_cast<std::uint64_t>(ttl->count())}};
    }
  }
  throw OperationError(Code::usage,
                       "--responses: \"" + word + "\" is not a limit; write it as 5/30s, or never");
}

}  // namespace

void RightsOptions::begin(Command& command, Use use) {
  command_ = &command;
  use_ = use;
}

void RightsOptions::words(const char* name, const char* shape, const char* pointer,
                          const char* help,
                          std::function<Json(const std::vector<std::string>&)> read) {
  command_->on_texts(name, shape, help, [this, pointer, read = std::move(read)](const auto& given) {
    put(pointer, read(given));
  });
}

void RightsOptions::word(const char* name, const char* shape, const char* pointer, const char* help,
                         std::function<Json(const std::string&)> read) {
  command_->on_text(name, shape, help, [this, pointer, read = std::move(read)](const auto& given) {
    put(pointer, read(given));
  });
}

void RightsOptions::list(const char* name, const char* shape, const char* pointer,
                         const char* help) {
  words(name, shape, pointer, help, [](const auto& given) { return Json(given); });
}

void RightsOptions::flag(const std::string& name, const char* pointer, const char* help) {
  // An update must be able to take away what it can give.
  command_->on_flag(name, use_ == Use::updating, help,
                    [this, pointer](bool on) { put(pointer, on); });
}

void RightsOptions::add_capabilities() {
  flag("publish", "/capabilities/publish", "may publish to the subjects");
  flag("receive", "/capabilities/receive", "may subscribe to the subjects, and read the streams");
  flag("manage", "/capabilities/manage",
       "may manage the streams, which gives access to all of the account's data");
  list("--subjects", "LIST", "/subjects", "the subjects, with wildcards: orders.>,audit.*");
  list("--streams", "LIST", "/streams", "names of the JetStream streams");
  list("--consumers", "LIST", "/consumers",
       "consumers that it may create and read; * for any, which gives access to the whole stream");
  list("--kv-read", "LIST", "/kv_read",
       "key-value buckets that it may read and watch, or keys of them: cfg,flags:app.>");
  list("--kv-write", "LIST", "/kv_write", "key-value buckets, or keys of them, that it may write");
  list("--object-read", "LIST", "/object_read", "object store buckets that it may read and watch");
  list("--object-write", "LIST", "/object_write", "object store buckets that it may write");
  word("--domain", "NAME", "/domain",
       "the JetStream domain of the streams and buckets, where the client connects to a server of "
       "another one",
       [](const std::string& given) { return Json(given); });
  list("--serve", "LIST", "/serve",
       "NATS services that it may be: the subject NAME and what is below it");
  list("--call", "LIST", "/call", "NATS services that it may call and discover");
  flag("everything", "/everything", "all subjects except the reserved ones, instead of --subjects");
  flag("allow-responses", "/allow_responses",
       "may answer requests on any reply subject that they name");
  flag("ack-v2", "/ack_v2", "also allow the acknowledgement subjects of js_ack_fc_v2");
}

void RightsOptions::add_permissions() {
  list("--allow-pub", "SUBJECTS", "/permissions/publish/allow",
       "also allow publishing to these subjects");
  list("--deny-pub", "SUBJECTS", "/permissions/publish/deny",
       "refuse publishing to these subjects");
  list("--allow-sub", "SUBJECTS", "/permissions/subscribe/allow",
       "also allow subscribing to these subjects");
  list("--deny-sub", "SUBJECTS", "/permissions/subscribe/deny",
       "refuse subscribing to these subjects");
  word("--responses", "MAX/DURATION", "/permissions/responses",
       "at most this many replies to a message, within this time: 5/30s, or never", read_responses);
}

void RightsOptions::add_rights(Command& command, Use use) {
  begin(command, use);
  command.group("What it may do");
  add_capabilities();
  command.group("Additional permissions");
  add_permissions();
}

}  // namespace gateway::cli
