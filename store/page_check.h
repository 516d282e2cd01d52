#pragma once
// Looks at every page of the data file.

#include <cstdint>
#include <string>
#include <vector>

#include "store/check_progress.h"
#include "store/place.h"

namespace store {

class Environment;

struct PageCheck {
  std::vector<std::string> faults;  // sentences, at most a hundred; empty: every page is whole
  std::uint64_t lost = 0;           // pages that are neither used nor free, which does no harm
};

// Both meta pages; each page of each table, of the list of tables and of the list of free pages;
// that none has two uses, that each is used or free, and that their numbers are those that LMDB
// has counted. Of values nothing is read, nor do their tables need to fit together: deep_check()
// reads these, and must not where there is a fault here.
//
// Others may read and write meanwhile: it is one snapshot. No Store of this process may be open.
// Throws Fault where the file cannot be read.
PageCheck check_pages(const Place& place, CheckProgress progress = {});

// The same of an open one (Store::check_pages()).
PageCheck check_pages(const Environment& env);

}  // namespace store
