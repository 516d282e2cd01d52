#include "store/table_keys.h"

namespace store {

std::string login_key(auth::Kind kind, std::string_view login) {
  switch (kind) {
    case auth::Kind::password:
      return "p" + std::string(login);
    case auth::Kind::token:
      return "t" + std::string(login);
    case auth::Kind::nkey:
    case auth::Kind::creds:  // a key that was registered as the one must not come back as the other
      return "n" + std::string(login);
    case auth::Kind::cert:
      return "c" + std::string(login);
    case auth::Kind::key:
      break;
  }
  return "k" + std::string(login);
}

std::vector<std::string> login_keys(const auth::Credential& c) {
  std::vector<std::string> keys;
  for (const auto& secret : c.secrets) {
    for (const std::string* login : {&secret.login, &secret.reserved}) {
      if (!login->empty()) keys.push_back(login_key(c.kind, *login));
    }
  }
  return keys;
}

std::string name_prefix(std::string_view name) {
  return std::string(name) + '\0';
}

std::string name_key(std::string_view name, std::string_view account) {
  return name_prefix(name) + std::string(account);
}

std::string role_key(std::string_view account, std::string_view role) {
  return std::string(account) + '\0' + std::string(role);
}

std::string members_prefix(std::string_view account, std::string_view role) {
  return role_key(account, role) + '\0';
}

std::vector<std::string> member_keys(const auth::Credential& c) {
  std::vector<std::string> keys;
  if (c.status == auth::Status::revoked) return keys;
  for (const std::string& role : c.roles)
    keys.push_back(members_prefix(c.account, role) + c.id);
  return keys;
}

std::string sequence_key(std::uint64_t sequence) {
  std::string key(8, '\0');
  for (std::size_t i = key.size(); i-- > 0; sequence >>= 8)
    key[i] = static_cast<char>(sequence);
  return key;
}

std::uint64_t read_sequence_key(std::string_view key) {
  std::uint64_t sequence = 0;
  for (const char byte : key.substr(0, 8))
    sequence = sequence << 8 | static_cast<std::uint8_t>(byte);
  return sequence;
}

}  // namespace store
