#include "gateway/cli/context.h"

#include <chrono>
#include <cstdio>
#include <iostream>

#include "auth/base/json.h"
#include "gateway/config/keys.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/privileges.h"

namespace gateway::cli {
namespace {

// In this order: root can read the keys, and only their owner should write the store.
store::Place as_owner(const store::Place& place,
                      const std::function<void(const store::Place&)>& before) {
  become_owner_of(place.directory);
  if (before) before(place);
  return place;
}

}  // namespace

Local::Local(const Context& context, bool with_keys,
             const std::function<void(const store::Place&)>& before)
    : context_(context),
      actor_(local_actor()),
      config_(load_config(context.config)),
      all_keys_(with_keys ? std::make_unique<const Keys>(load_keys(config_)) : nullptr),
      keys_(load_master_keys(config_)),
      store_(as_owner(config_.store, before), keys_) {}

store::Intent Local::intent(store::Action action) const {
  return {.action = action, .actor = actor_, .at = now_in_seconds(), .revision = {}, .reason = {}};
}

void Local::require_changeable() const {
  if (const auto& back = store_.went_back()) throw store::WentBack(*back);
  const std::string why = store_.why_read_only();
  if (!why.empty()) throw OperationError(Code::refused, "store: " + why);
}

void Local::note_head() {
  try {
    store_.note_head();
  } catch (const store::Fault& fault) {
    warn(context_, fault.what());
  }
}

void warn(const Context& context, const std::string& warning) {
  if (context.json) {
    context.warnings.push_back(warning);
  } else {
    std::cerr << "warning: " << warning << '\n';
  }
}

void print_json(const nlohmann::ordered_json& json) {
  std::puts(auth::write_line(json).c_str());
}

}  // namespace gateway::cli
