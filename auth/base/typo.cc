#include "auth/base/typo.h"

#include <algorithm>

namespace auth {

bool similar(std::string_view a, std::string_view b) {
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head])
    ++head;
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
    ++tail;
  }
  return std::max(a.size(), b.size()) - head - tail <= 2 && head + tail > 0;
}

}  // namespace auth
