#pragma once
// Reads the store's records page by page. A long-lived snapshot prevents LMDB from reusing freed
// pages, so none is open while a slow terminal or pipe takes the output.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "auth/credential/credential.h"
#include "store/store.h"

namespace gateway::cli {

inline constexpr std::size_t kPage = 1000;

// Calls `each` with every page of the records that match the filter. Damaged records are left out;
// at the end OperationError names them.
void for_pages(const store::Store& store, const store::Filter& filter,
               const std::function<void(const std::vector<auth::Credential>&)>& each);

// The same of the roles of an account, or of all where it is empty.
void for_roles(const store::Store& store, const std::string& account,
               const std::function<void(const auth::Role&)>& each);

}  // namespace gateway::cli
