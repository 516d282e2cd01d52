#pragma once
// The filters of one unit, put on this process, and on what it becomes.

#include "tests/sandbox/unit.h"

namespace sandbox {

// Like systemd, a filter for each setting; of what they say, the kernel takes the strictest. Throws
// std::runtime_error for a setting whose value is not known here, rather than leave it out.
void confine(const Unit& unit, const CallSets& sets);

}  // namespace sandbox
