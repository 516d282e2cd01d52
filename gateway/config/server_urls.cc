#include "gateway/config/server_urls.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "auth/base/ip_range.h"
#include "auth/base/text.h"
#include "auth/nats/subject.h"

namespace gateway {
namespace {

constexpr std::string_view kPlain = "nats://";
constexpr std::string_view kTls = "tls://";
constexpr std::string_view kRight = "must be nats://host:4222 or tls://host:4222";
constexpr std::size_t kMaxUrlBytes = 300;  // a host name has at most 253

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && auth::is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && auth::is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, port);
  return error == std::errc{} && at == end && port >= 1 && port <= 65'535;
}

bool is_host(std::string_view text) {
  constexpr std::string_view kNever = " \t/\\@:[]?#,\"'";
  return !text.empty() && auth::printable(text) && text.find_first_of(kNever) == text.npos;
}

// HOST:PORT of HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT; absent for anything else.
std::optional<std::string> with_port(std::string_view text) {
  std::string_view host = text.substr(0, text.find(':'));
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos || text.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:.") !=
                                std::string_view::npos) {
      return std::nullopt;
    }
    host = text.substr(0, end + 1);
  } else if (!is_host(host)) {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(host.size());
  if (rest.empty()) return std::string{host} + ":4222";
  if (!rest.starts_with(':') || !is_port(rest.substr(1))) return std::nullopt;
  return std::string{text};
}

// A URL that is whole, without its scheme.
struct Url {
  bool tls = false;
  std::string server;  // HOST:PORT
};

auth::Result<Url, std::string> read_url(std::string_view text) {
  if (text.empty()) return "has an empty entry; each " + std::string{kRight};
  if (text.find('@') != text.npos) {
    return "must not hold a user or a password; each entry " + std::string{kRight};
  }
  const bool tls = text.starts_with(kTls);
  std::string_view rest = text;
  if (tls || text.starts_with(kPlain)) rest.remove_prefix((tls ? kTls : kPlain).size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (auto server = with_port(rest)) return Url{tls, std::move(*server)};
  // What is not printable could forge a line of the log that this goes into.
  const bool quotable = text.size() <= kMaxUrlBytes && auth::printable(text);
  return (quotable ? "\"" + std::string{text} + "\" " : "an entry ") + std::string{kRight};
}

std::string_view address_in(std::string_view url) {
  return url.substr(url.starts_with(kTls) ? kTls.size() : kPlain.size());
}

}  // namespace

auth::Result<std::vector<std::string>, std::string> read_server_urls(std::string_view list) {
  std::vector<Url> urls;
  while (true) {
    const auto comma = list.find(',');
    auto url = read_url(trimmed(list.substr(0, comma)));
    if (!url) return url.error();
    urls.push_back(std::move(*url));
    if (comma == list.npos) break;
    list.remove_prefix(comma + 1);
  }
  const bool tls = std::ranges::any_of(urls, &Url::tls);
  std::vector<std::string> whole;
  for (const Url& url : urls)
    whole.push_back(std::string{tls ? kTls : kPlain} + url.server);
  return whole;
}

std::string address_to_reach(std::string_view address) {
  const std::string_view host = address.substr(0, address.rfind(':'));
  const std::string port{address.substr(host.size())};
  if (host.empty()) return "127.0.0.1" + port;
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const auto ip = auth::read_address(bracketed ? host.substr(1, host.size() - 2) : host);
  if (ip && *ip == auth::Address{}) return "[::1]" + port;
  if (ip && auth::is_ipv4(*ip) && auth::write_address(*ip) == "0.0.0.0") return "127.0.0.1" + port;
  return std::string{address};
}

std::string urls_to_reach(const std::vector<std::string>& urls, bool tls) {
  return auth::join(urls, ",", [tls](const std::string& url) {
    const std::string_view scheme = tls || url.starts_with(kTls) ? kTls : kPlain;
    return std::string{scheme} + address_to_reach(address_in(url));
  });
}

bool lead_to_this_machine(const std::vector<std::string>& urls) {
  return std::ranges::all_of(urls, [](const std::string& url) {
    const std::string address = address_to_reach(address_in(url));
    return address.starts_with("127.") || address.starts_with("[::1]:") ||
           address.starts_with("localhost:");
  });
}

bool demands_tls(const std::vector<std::string>& urls) {
  return std::ranges::any_of(urls, [](const std::string& url) { return url.starts_with(kTls); });
}

}  // namespace gateway
