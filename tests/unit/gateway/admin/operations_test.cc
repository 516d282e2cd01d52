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
