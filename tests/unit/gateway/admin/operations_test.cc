// What an operation sees of records that can't be read.

#include "gateway/admin/operations/operations.h"

#include "gateway/admin/operations/context.h"
#include "tests/support/catch.h"
#include "tests/support/store_samples.h"

using gateway::OperationContext;
using namespace store;

namespace {

std::string failure_of(const OperationContext& context, const char* operation,
                       const nlohmann::json& body) {
  try {
    return gateway::perform(context, operation, body).dump();
  } catch (const gateway::OperationError& error) {
    return std::string(gateway::name(error.code()));
  } catch (const Damaged&) {
    return "damaged";
  }
}

}  // namespace

TEST_CASE("operations: a damaged record is in nobody's account, and hides nothing else there",
          "[admin]") {
  TestStore store;
  for (std::uint32_t n = 1; n <= 2; ++n)
    REQUIRE_FALSE(create(store, test_credential(n)));
  store.tamper([](WriteTxn& txn, const Tables& tables) {
    txn.put(tables.credentials, test_id(2), "damage");
  });
  const gateway::Config config;
  const auto desk_of = [&](std::optional<std::string> account) {
    return OperationContext{.config = config,
                            .master = store.keys(),
                            .keys = nullptr,
                            .store = *store,
                            .actor = "nats:CGA",
                            .local = false,
                            .account = std::move(account),
                            .now = kNow};
  };
  const OperationContext tenant = desk_of("APP");
  const OperationContext all = desk_of(std::nullopt);
  const nlohmann::json lost = {{"credential", test_id(2)}};

  const auto history = gateway::perform(tenant, "history", nlohmann::json::object());
  REQUIRE(history.at("entries").size() == 1);
  CHECK(history.at("entries").at(0).at("id") == test_id(1));
  CHECK(gateway::perform(all, "history", nlohmann::json::object()).at("entries").size() == 2);

  CHECK(failure_of(tenant, "get", lost) == "not_found");
  CHECK(failure_of(all, "get", lost) == "damaged");

  const auto list = gateway::perform(tenant, "list", nlohmann::json::object());
  CHECK(list.at("credentials").size() == 1);
  CHECK(list.at("damaged").empty());
  CHECK(gateway::perform(all, "list", nlohmann::json::object()).at("damaged").size() == 1);
}

TEST_CASE("operations: an update warns of who reaches other inboxes, and leaves an old prefix",
          "[admin]") {
  TestStore store;
  auth::Credential old = test_credential(1);
  old.inbox = auth::Inbox::old_private;
  REQUIRE_FALSE(create(store, old));
  gateway::Config config;
  config.accounts = {"APP"};
  const OperationContext context{.config = config,
                                 .master = store.keys(),
                                 .keys = nullptr,
                                 .store = *store,
                                 .actor = "local:alice",
                                 .account = std::nullopt,
                                 .now = kNow};
  const auto warnings_after = [&](const nlohmann::json& set) {
    const auto result =
        gateway::perform(context, "update", {{"credential", test_id(1)}, {"set", set}});
    std::string words;
    for (const auto& warning : result.value("warnings", nlohmann::ordered_json::array())) {
      const auto text = warning.get<std::string>();
      words += text.substr(0, text.find(':') + 1);
    }
    return words;
  };
  const auto allow = [](const char* direction, const char* subject) {
    return nlohmann::json{{"permissions", {{direction, {{"allow", {subject}}}}}}};
  };
  CHECK(warnings_after({{"name", "another"}}) == "inbox:");
  CHECK(warnings_after({{"inbox", "private"}}).empty());
  const auto moved = gateway::perform(context, "get", {{"credential", test_id(1)}});
  CHECK(moved.dump().find("_INBOX_") == std::string::npos);
  // Of the inboxes, and of all that it reaches.
  CHECK(warnings_after(allow("subscribe", ">")) == "subscribe:subscribe:");
  CHECK(warnings_after(allow("publish", "_CG.>")) == "subscribe:publish:subscribe:");
  const nlohmann::json denied = {{"publish", {{"deny", {"_CG.>"}}}},
                                 {"subscribe", {{"deny", {"_CG.>"}}}}};
  CHECK(warnings_after({{"permissions", denied}}) == "subscribe:");
}
