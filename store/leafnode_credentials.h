#pragma once
// The credentials that leafnodes may use, to be named where somebody checks a store.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "auth/credential/credential.h"
#include "store/store.h"

namespace store {

struct LeafnodeCredentials {
  std::uint64_t count = 0;
  std::vector<auth::Credential> first;  // in the order of their ids
};

// Those that list LEAFNODE and are not revoked; at most `named` of them are returned. Looks at
// every record, a page at a time. Throws Fault.
LeafnodeCredentials find_leafnode_credentials(const Store& store, std::size_t named);

}  // namespace store
