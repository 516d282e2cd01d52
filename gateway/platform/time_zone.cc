#include "gateway/platform/time_zone.h"

#include <exception>
#include <string>

#include <date/tz.h>

namespace gateway {

std::optional<std::chrono::seconds> zone_offset(std::string_view zone, auth::Time at) {
  if (zone.empty()) return std::chrono::seconds{0};
  try {
    return date::locate_zone(std::string(zone))->get_info(at).offset;
  } catch (const std::exception&) {
    return std::nullopt;  // the library's only word for a zone that is not there
  }
}

}  // namespace gateway
