#include "gateway/cli/context.h"

#include <chrono>
#include <cstdio>

#include "gateway/keys.h"
#include "gateway/owner.h"

namespace gateway::cli {
namespace {

// In this order: root can read the keys, and only their owner should write the store.
store::Place as_owner(const store::Place& place) {
  become_owner_of(place.directory);
  return place;
}

}  // namespace

std::string_view name(Code code) {
  switch (code) {
    case Code::fault:
      return "fault";
    case Code::usage:
      return "usage";
    case Code::not_found:
      return "not_found";
    case Code::conflict:
      return "conflict";
    case Code::refused:
      return "refused";
    case Code::configuration:
      return "configuration";
  }
  return "fault";
}

void fail(const store::Refused& refused) {
  switch (refused.why) {
    case store::Refusal::not_found:
      throw Failure(Code::not_found, refused.message);
    case store::Refusal::conflict:
      throw Failure(Code::conflict, refused.message);
    case store::Refusal::invalid:
      throw Failure(Code::usage, refused.message);
    case store::Refusal::revoked:
      throw Failure(Code::refused, refused.message);
  }
  throw Failure(Code::refused, refused.message);
}

Local::Local(const Context& context)
    : actor_(local_actor()),
      config_(load_config(context.config)),
      keys_(load_master_keys(config_)),
      store_(as_owner(config_.store), keys_) {}

std::string Local::resolve(const std::string& id_or_name) const {
  if (auth::has_id_form(id_or_name)) return id_or_name;
  const auto ids = store_.ids_named(id_or_name);
  if (ids.size() == 1) return ids.front();
  if (ids.empty()) {
    throw Failure(Code::not_found, "there is no credential named \"" + id_or_name +
                                       "\" that is not revoked; see: credgate list");
  }
  std::string list;
  for (const std::string& id : ids)
    list += " " + id;
  throw Failure(Code::usage, "several accounts have a credential named \"" + id_or_name +
                                 "\"; name it by its id:" + list);
}

store::Intent Local::intent(store::Action action) const {
  return {.action = action, .actor = actor_, .at = clock_now(), .revision = {}, .reason = {}};
}

auth::Time clock_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void print_json(const nlohmann::ordered_json& json) {
  std::puts(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

}  // namespace gateway::cli
