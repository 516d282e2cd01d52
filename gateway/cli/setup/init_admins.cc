#include "gateway/cli/setup/init_admins.h"

#include <array>
#include <string_view>
#include <vector>

#include "auth/base/secret.h"
#include "gateway/admin/subjects.h"
#include "gateway/cli/context.h"
#include "gateway/cli/files.h"
#include "gateway/cli/nats_context.h"
#include "gateway/cli/setup/server_conf_template.h"
#include "gateway/config/keys.h"
#include "gateway/platform/clock.h"
#include "gateway/platform/privileges.h"
#include "gateway/platform/random.h"

namespace gateway::cli {
namespace {

struct AdminRole {
  const char* name;
  const char* may;
  std::vector<std::string> operations;  // none: all
};

const std::array<AdminRole, 3> kAdminRoles = {
    {{"viewer",
      "may view",
      {"get", "list", "sessions", "history", "explain", "get_role", "list_roles"}},
     {"editor", "may do everything that is possible over NATS", {}},
     {"security-officer",
      "may view, suspend and revoke",
      {"get", "list", "sessions", "history", "explain", "get_role", "list_roles", "suspend",
       "revoke"}}}};

std::vector<std::string> publish_subjects(const AdminRole& role) {
  std::vector<std::string> subjects = {kDiscoveryService};
  if (role.operations.empty()) subjects.insert(subjects.end(), {kAdminService, kRoleService});
  for (const std::string& operation : role.operations) {
    subjects.push_back(admin_subject(operation, ""));
    subjects.push_back(admin_subject(operation, ">"));
  }
  return subjects;
}

auth::Credential make_admin(const AdminRole& role, auth::Kind kind, const auth::MasterKey& key,
                            const auth::SecretText& secret) {
  auth::Credential c;
  c.kind = kind;
  c.id = auth::make_id(random_bytes<12>());
  c.name = role.name;
  c.account = kAdminAccount;
  c.permissions.publish.allow = publish_subjects(role);
  c.permissions.subscribe.allow = {kEventStream};
  c.connection_types = {auth::ConnectionType::standard, auth::ConnectionType::websocket};
  c.secrets.push_back({.scheme = auth::Scheme::blake2b,
                       .key_id = key.key_id(),
                       .hash = key.hash_secret(c.id, secret.view()),
                       .created_at = now_in_seconds()});
  return c;
}

// Gives the context file of the nats CLI, with the secret.
std::string put_admin(store::Store& store, const AdminRole& role, const auth::MasterKey& key,
                      const std::string& url, const std::filesystem::path& sentinel) {
  const auth::SecretText secret = auth::make_secret(random_bytes<30>());
  const bool token = !sentinel.empty();
  const auth::Credential c =
      make_admin(role, token ? auth::Kind::token : auth::Kind::key, key, secret);
  const auto created = store.create(c, {.action = store::Action::create,
                                        .actor = local_actor(),
                                        .at = now_in_seconds(),
                                        .revision = {},
                                        .reason = {}});
  if (!created) fail(created.error());
  const std::string text{secret.view()};
  NatsContext context{.description = std::string("credgate admin: ") + role.may,
                      .url = url,
                      .creds = sentinel.string(),
                      .inbox_prefix = auth::inbox_prefix(c)};
  if (token) {
    context.token = c.id + "." + text;
  } else {
    context.user = c.id;
    context.password = text;
  }
  return write_nats_context(context);
}

}  // namespace

void make_admins(const Layout& layout, const std::string& url,
                 const std::filesystem::path& sentinel) {
  make_admins_directory(layout);
  Config config;
  config.keys_dir = layout.keys();
  config.master_keys = {"master.key"};
  const auth::MasterKeys keys = load_master_keys(config);
  std::vector<std::string> contexts;
  {
    const auto owner = as_store_owner(layout);
    store::Store store{{.directory = layout.store}, keys};
    for (const AdminRole& role : kAdminRoles)
      contexts.push_back(put_admin(store, role, keys.current(), url, sentinel));
  }
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    write_file(layout.admins() / (std::string(kAdminRoles.at(i).name) + ".json"), 0600,
               contexts.at(i));
  }
}

}  // namespace gateway::cli
