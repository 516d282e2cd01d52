// credgate's reading of nats-server configurations: for each file named on standard input, one line
// of JSON, {"refused": "…"} or the value of the whole file. A value is true, false, {"text": in
// hexadecimal}, {"whole": "…"}, {"decimal": 0.5}, {"list": […]} or {"map": [[key in hexadecimal,
// value], …]}.

#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "auth/base/bytes.h"
#include "auth/base/config_error.h"
#include "auth/base/hex.h"
#include "gateway/cli/nats_config_file.h"

namespace {

using gateway::NatsList;
using gateway::NatsMap;
using gateway::NatsValue;
using nlohmann::json;

std::string hex_of(const std::string& text) {
  return auth::write_hex(auth::bytes_of(text));
}

json tree_of(const NatsValue& value) {
  json parts = json::array();
  if (const auto* list = value.get<NatsList>()) {
    for (const NatsValue& item : *list)
      parts.push_back(tree_of(item));
    return {{"list", parts}};
  }
  if (const auto* map = value.get<NatsMap>()) {
    for (const auto& [key, item] : *map)
      parts.push_back(json::array({hex_of(key), tree_of(item)}));
    return {{"map", parts}};
  }
  if (const auto* text = value.get<std::string>()) return {{"text", hex_of(*text)}};
  if (const auto* yes = value.get<bool>()) return *yes;
  if (const auto* whole = value.get<std::int64_t>()) return {{"whole", std::to_string(*whole)}};
  return {{"decimal", *value.get<double>()}};
}

}  // namespace

int main() {
  for (std::string file; std::getline(std::cin, file);) {
    json answer;
    try {
      answer = tree_of(gateway::cli::read_nats_config_file(file));
    } catch (const auth::ConfigError& error) {
      answer = {{"refused", error.what()}};
    }
    std::cout << answer.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  }
  return 0;
}
