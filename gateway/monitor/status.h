#pragma once
// The output of `credgate status`, as JSON:
//
//   {"instance","version","pid","started_at","config","master_key" (the first),"master_keys",
//    "healthy","stuck"?,"ready","not_ready"?,"probes","refused_accounts":{ACCOUNT:why}?,
//    "reload"? (what of the configuration file is not in use),"log_lines_lost"?,
//    "connections":{"callout":{"up","server","since"},"system"?,"admin"?},
//    "decisions":{"granted","denied":{REASON:n},"dropped":{REASON:n},"server_refused":{REASON:n},
//                 "faults","late","kicked"},
//    "waiting":{"requests","passwords","longest_ms"},"throttled":{"sources","logins"},"sessions",
//    "store":{"dir","id","active","suspended","revoked","sequence","used_bytes","map_bytes",
//             "left_bytes","readers","head_not_noted"?:{"error","since"}} or {"dir","error"},
//    "recent":{"granted":[DECISION…],"denied":[DECISION…]}}
//
// DECISION: {"at","reason"?,"id","name","account","source","type","client","server","cid"}, the
// newest last.

#include <nlohmann/json.hpp>

namespace gateway {

struct DaemonView;

nlohmann::ordered_json write_status(const DaemonView& view);

}  // namespace gateway
