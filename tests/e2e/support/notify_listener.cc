// Listens at the path given as systemd does on NOTIFY_SOCKET, and prints each datagram on a line,
// its own line ends as " ".

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char** argv) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const std::string path = argc == 2 ? argv[1] : "";
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (path.empty() || path.size() >= sizeof at.sun_path || fd < 0) return 2;
  std::ranges::copy(path, at.sun_path);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
    std::perror(argv[1]);
    return 1;
  }
  std::fputs("listening\n", stderr);
  std::array<char, 4096> bytes{};
  for (ssize_t n = 0; (n = recv(fd, bytes.data(), bytes.size(), 0)) >= 0;) {
    std::string text{bytes.data(), static_cast<std::size_t>(n)};
    std::ranges::replace(text, '\n', ' ');
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  return 1;
}
