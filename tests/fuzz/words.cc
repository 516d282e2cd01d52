#include <cstdlib>

#include "auth/base/ip_range.h"
#include "auth/base/time_format.h"
#include "auth/credential/time_windows.h"
#include "auth/nats/nkey.h"
#include "auth/nats/subject.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = auth::text_of({bytes, size});
  if (const auto key = auth::read_public_key(text); key && write_public_key(*key) != text)
    std::abort();
  if (const auto cidr = auth::read_cidr(text)) {
    if (auth::read_cidr(write_cidr(*cidr)) != cidr) std::abort();
  }
  if (const auto at = auth::read_time(text); at && auth::read_time(auth::write_time(*at)) != at)
    std::abort();
  if (const auto range = auth::read_time_range(text)) {
    if (auth::read_time_range(write_time_range(*range)) != range) std::abort();
  }
  if (auth::valid_subject(text) && !auth::covers(">", text)) std::abort();
  static_cast<void>(auth::read_seed(text));
  static_cast<void>(auth::read_duration(text));
  return 0;
}
