#include "gateway/cli/pages.h"

#include <string>

#include "gateway/cli/context.h"

namespace gateway::cli {

void for_pages(const store::Store& store, const store::Filter& filter,
               const std::function<void(const std::vector<auth::Credential>&)>& each) {
  std::string after;
  std::string damaged;
  do {
    const store::Page page = store.list(filter, after, kPage);
    each(page.credentials);
    for (const std::string& id : page.damaged)
      damaged += " " + id;
    after = page.last;
  } while (!after.empty());
  if (!damaged.empty()) {
    throw OperationError(
        Code::fault,
        "these records are damaged; their owners are denied, and they are not listed:" + damaged +
            "; restore the store from a backup");
  }
}

void for_roles(const store::Store& store, const std::string& account,
               const std::function<void(const auth::Role&)>& each) {
  std::string after;
  std::string damaged;
  do {
    const store::RolePage page = store.list_roles(account, after, kPage);
    for (const auth::Role& role : page.roles)
      each(role);
    for (const std::string& id : page.damaged)
      damaged += " " + id;
    after = page.last;
  } while (!after.empty());
  if (!damaged.empty()) {
    throw OperationError(Code::fault, "these roles are damaged; whoever has them is denied:" +
                                          damaged + "; restore the store from a backup");
  }
}

}  // namespace gateway::cli
