#include "store/leafnode_credentials.h"

#include <string>
#include <utility>

#include "store/limits.h"

namespace store {

LeafnodeCredentials find_leafnode_credentials(const Store& store, std::size_t named) {
  LeafnodeCredentials found;
  std::string after;
  do {
    Page page = store.list({}, after, kPage);
    for (auth::Credential& c : page.credentials) {
      if (c.status == auth::Status::revoked) continue;
      if (!auth::allows_type(c, auth::ConnectionType::leafnode)) continue;
      if (found.count++ < named) found.first.push_back(std::move(c));
    }
    after = page.last;
  } while (!after.empty());
  return found;
}

}  // namespace store
