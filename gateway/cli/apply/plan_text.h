#pragma once
// A plan for people and for programs.

#include <string>

#include <nlohmann/json.hpp>

#include "gateway/cli/apply/plan.h"

namespace gateway::cli {

// "+ name", "~ name", "- name" and below each what changes; the last line has the counts.
std::string plan_text(const Plan& plan);

// "1 to create, 2 to update, none to revoke, 3 unchanged", and where the plan has any role
// "; roles: 1 to create, 2 to update, none to delete, 3 unchanged"
std::string plan_counts(const Plan& plan);

// {"steps": [{"action","where","id","name","account","kind","makes_secret"?,"fields"}], "create",
// "update", "revoke", "unchanged", "roles": {"steps": [{"action","where","name","account",
// "fields"}], "create", "update", "delete", "unchanged"}}
nlohmann::ordered_json plan_json(const Plan& plan);

}  // namespace gateway::cli
