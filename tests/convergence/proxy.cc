// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/proxy.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace lianqiao::convergence {
namespace {

constexpr char kSocket[] = "/.s.PGSQL.5432";
constexpr size_t kChunk = 65536;

sockaddr_un Address(const std::string& folder) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string path = folder + kSocket;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

bool WriteAll(int socket, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = ::send(socket, data, size, MSG_NOSIGNAL);
    if (written <= 0) return false;
    data += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

}  // namespace

Proxy::Proxy(std::string server_folder, uint32_t seed)
    : server_folder_(std::move(server_folder)), folder_("/tmp/lianqiao-proxy-XXXXXX"), random_(seed) {
  if (::mkdtemp(folder_.data()) == nullptr) std::abort();
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = Address(folder_);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener_, 64) != 0 || ::pipe2(wake_, O_CLOEXEC) != 0) {
    std::perror("proxy");
    std::abort();
  }
  thread_ = std::thread([this] { Run(); });
}

Proxy::~Proxy() {
  // Not by its end alone: a server that was started meanwhile may hold the pipe too.
  (void)!::write(wake_[1], "x", 1);
  thread_.join();
  ::close(wake_[1]);
  for (const Link& link : links_) ::close(link.client), ::close(link.server);
  ::close(listener_);
  ::close(wake_[0]);
  for (const char* socket : {kSocket, "/service", "/sync"}) ::unlink((folder_ + socket).c_str());
  ::rmdir(folder_.c_str());
}

void Proxy::Arm(Cut cut, bool at_commit, bool on) {
  armed_ = !on ? 0 : 1 + static_cast<int>(cut) + (at_commit ? 2 : 0);
}

void Proxy::Accept() {
  Link link;
  link.client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (link.client < 0) return;
  link.server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = Address(server_folder_);
  if (::connect(link.server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(link.client);
    ::close(link.server);
    return;
  }
  links_.push_back(link);
}

bool Proxy::Pass(Link* link, bool from_client) {
  static thread_local std::string buffer(kChunk, '\0');
  const ssize_t size = ::read(from_client ? link->client : link->server, buffer.data(), kChunk);
  if (size <= 0 || link->mute) return false;
  if (const int slow = slow_microseconds_; slow > 0 && from_client)
    ::usleep(static_cast<useconds_t>(random_() % static_cast<unsigned>(slow)));
  if (const int armed = armed_; from_client && armed != 0) {
    const bool at_commit = armed > 2;
    const bool commits =
        std::string_view(buffer.data(), static_cast<size_t>(size)).find("COMMIT") != std::string_view::npos;
    if (!at_commit || commits) {
      armed_ = 0;
      ++cuts_;
      if ((armed - 1) % 2 == static_cast<int>(Cut::kRequest)) return false;
      link->mute = true;
    }
  }
  return WriteAll(from_client ? link->server : link->client, buffer.data(), static_cast<size_t>(size));
}

void Proxy::Run() {
  while (true) {
    std::vector<pollfd> waits = {{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Link& link : links_) {
      waits.push_back({link.client, POLLIN, 0});
      waits.push_back({link.server, POLLIN, 0});
    }
    if (::poll(waits.data(), waits.size(), -1) < 0) continue;
    if (waits[0].revents != 0) return;
    std::vector<Link> kept;
    for (size_t i = 0; i < links_.size(); ++i) {
      bool open = true;
      if (waits[2 + 2 * i].revents != 0) open = Pass(&links_[i], true);
      if (open && waits[3 + 2 * i].revents != 0) open = Pass(&links_[i], false);
      if (open) {
        kept.push_back(links_[i]);
      } else {
        ::close(links_[i].client);
        ::close(links_[i].server);
      }
    }
    links_ = std::move(kept);
    if (waits[1].revents != 0) Accept();
  }
}

}  // namespace lianqiao::convergence
