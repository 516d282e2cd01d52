#include "gateway/cli/captured_request.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>
#include <string_view>

#include "auth/base/base64.h"
#include "auth/base/bytes.h"
#include "auth/base/text.h"
#include "gateway/admin/operation_error.h"

namespace gateway::cli {
namespace {

using Form = CapturedMessage::Form;
using auth::Drop;
using Opened = auth::Result<std::unique_ptr<const auth::Request>, Drop>;

// Sealed, in base64, and with headers.
constexpr std::size_t kMaxFileBytes = 2 * auth::kMaxRequestBytes;

constexpr std::string_view kHeaders = "NATS/1.0\r\n";
constexpr std::string_view kHeadersEnd = "\r\n\r\n";
constexpr std::string_view kXkeyHeader = "nats-server-xkey:";
constexpr std::string_view kSpaces = " \t\r\n";

[[noreturn]] void refuse(const std::string& message) {
  throw OperationError(Code::usage, message);
}

auth::SecretText read_file(const std::string& file) {
  std::ifstream in;
  if (file != "-") {
    in.open(file, std::ios::binary);
    if (!in) throw OperationError(Code::fault, "--request " + file + ": " + std::strerror(errno));
  }
  std::istream& from = file == "-" ? std::cin : in;
  auth::SecretText text{kMaxFileBytes + 1};
  from.read(text.chars().data(), static_cast<std::streamsize>(text.chars().size()));
  const auto size = static_cast<std::size_t>(from.gcount());
  if (size > kMaxFileBytes) refuse("--request " + file + ": is too long for a request");
  return auth::SecretText{text.view().substr(0, size)};
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

// Empty where there is none.
std::string xkey_of(std::string_view headers) {
  while (!headers.empty()) {
    const auto line = headers.substr(0, headers.find("\r\n"));
    headers.remove_prefix(std::min(headers.size(), line.size() + 2));
    if (!auth::lower_case(line).starts_with(kXkeyHeader)) continue;
    return std::string{trimmed(line.substr(kXkeyHeader.size()))};
  }
  return {};
}

CapturedMessage message_of(std::string_view text) {
  if (text.starts_with(auth::kSealPrefix)) return {Form::sealed, auth::SecretText{text}, {}};
  text = trimmed(text);
  if (text.starts_with('{')) return {Form::claims, auth::SecretText{text}, {}};
  if (text.starts_with("eyJ")) return {Form::jwt, auth::SecretText{text}, {}};
  std::string joined{text};  // base64(1) breaks its lines; what it holds is sealed
  std::erase_if(joined, [](char c) { return c == '\n' || c == '\r'; });
  const auto bytes = auth::read_base64(joined);
  if (bytes && auth::text_of(*bytes).starts_with(auth::kSealPrefix))
    return {Form::sealed, auth::SecretText{auth::text_of(*bytes)}, {}};
  refuse(
      "--request: is not a captured request: neither a JWT (eyJ...), nor its claims as JSON, nor a "
      "sealed request (xkv1...), as it is or in base64");
}

Opened read(std::string_view text, bool is_claims, const auth::Expected& expected) {
  auto request = is_claims ? auth::read_claims(text, expected) : auth::read_request(text, expected);
  if (!request && request.error() == Drop::malformed) {
    refuse(is_claims ? "--request: is not the claims of a request as JSON"
                     : "--request: is not the JWT of a request");
  }
  if (!request) return request.error();
  return std::make_unique<const auth::Request>(std::move(*request));
}

Opened unseal(const CapturedMessage& message, const Keys& keys, auth::Expected expected) {
  if (message.server_xkey.empty()) {
    refuse(
        "--server-xkey: the request is sealed; give the xkey of the server that sent it, from the "
        "header Nats-Server-Xkey of the message");
  }
  expected.sealed_by = auth::read_public_key(message.server_xkey, auth::Prefix::curve);
  if (!expected.sealed_by) refuse("--server-xkey: must be a public xkey, which begins with X");
  Drop why = Drop::bad_seal;
  for (const auth::KeyPair& xkey : keys.xkeys) {
    auth::SharedKeys shared{xkey};
    const auto text = auth::unseal_request(message.body.view(), *expected.sealed_by, shared);
    if (text) return read(text->view(), /*is_claims=*/false, expected);
    why = text.error();
  }
  return why;
}

}  // namespace

CapturedMessage read_captured_message(const std::string& file, const std::string& server_xkey) {
  const auth::SecretText text = read_file(file);
  std::string_view body = text.view();
  std::string header;
  if (body.starts_with(kHeaders)) {
    const auto end = body.find(kHeadersEnd);
    if (end == body.npos) refuse("--request: the headers of the message have no end");
    header = xkey_of(body.substr(0, end));
    body.remove_prefix(end + kHeadersEnd.size());
  }
  CapturedMessage message = message_of(body);
  message.server_xkey = server_xkey.empty() ? header : server_xkey;
  return message;
}

Opened open_captured_message(const CapturedMessage& message, const Keys& keys, auth::Time now) {
  const std::vector<auth::PublicKey> issuers = keys.expected_issuers();
  const auth::Expected expected{
      .issuers = issuers, .sealed_by = std::nullopt, .now = now, .captured = true};
  if (message.form == Form::sealed) return unseal(message, keys, expected);
  return read(message.body.view(), message.form == Form::claims, expected);
}

}  // namespace gateway::cli
