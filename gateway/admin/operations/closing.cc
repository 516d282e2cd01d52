#include "gateway/admin/operations/closing.h"

namespace gateway {

OrderedJson write_closing(std::uint64_t closed, std::optional<std::uint64_t> open,
                          const std::string& why) {
  OrderedJson json = {{"done", why.empty()},
                      {"closed", closed},
                      {"open", open ? OrderedJson(*open) : OrderedJson(nullptr)}};
  if (!why.empty()) json["why"] = why;
  return json;
}

OrderedJson write_closing(const ClosingReport& report) {
  if (report.is.done) return write_closing(report.is.closed, 0, "");
  // Without a connection it is what was open when that was lost.
  if (!report.connected)
    return write_closing(report.is.closed, report.is.open,
                         "the gateway is not connected to the system account");
  if (report.is.open == 0)
    return write_closing(report.is.closed, std::nullopt, "not every server has answered yet");
  return write_closing(report.is.closed, report.is.open, "their servers have not answered yet");
}

}  // namespace gateway
