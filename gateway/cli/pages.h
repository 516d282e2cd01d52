#pragma once
// The store's records, page after page. A snapshot that is held long keeps every freed page of the
// store from being used again, so none is open while a terminal or a pipe takes its time.

#include <cstddef>
#include <functional>
#include <vector>

#include "auth/credential/credential.h"
#include "store/store.h"

namespace gateway::cli {

inline constexpr std::size_t kPage = 1000;

// Calls `each` with every page of what the filter takes. Throws OperationError at the end where
// records are damaged, which are in none of them.
void for_pages(const store::Store& store, const store::Filter& filter,
               const std::function<void(const std::vector<auth::Credential>&)>& each);

}  // namespace gateway::cli
