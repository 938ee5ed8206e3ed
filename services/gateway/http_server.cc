// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/http_server.h"

#include <sys/stat.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "services/gateway/http_connection.h"

namespace lianqiao::gateway {
namespace {

namespace net = boost::asio;
using net::ip::tcp;

constexpr auto kSweepEvery = std::chrono::milliseconds(250);

absl::StatusOr<tcp::endpoint> ParseListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  boost::system::error_code error;
  std::string host = colon == std::string::npos ? "" : listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto address = net::ip::make_address(host, error);
  const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() < 6 && port.find_first_not_of("0123456789") == std::string::npos;
  if (error || !digits || std::stoi(port) > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("\"", listen, "\" is no address:port"));
  }
  return tcp::endpoint(address, static_cast<unsigned short>(std::stoi(port)));
}

int64_t ModifiedAt(const std::string& file) {
  struct stat info;
  return stat(file.c_str(), &info) == 0 ? info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec : 0;
}

// How many connections each address has. Thread-safe.
class Places : public std::enable_shared_from_this<Places> {
 public:
  // Null if the address has `max` already.
  std::shared_ptr<void> Take(const std::string& address, int max) {
    const std::lock_guard lock(mutex_);
    int& taken = taken_[address];
    if (taken >= max) return nullptr;
    ++taken;
    return std::shared_ptr<void>(this, [self = shared_from_this(), address](void*) { self->Leave(address); });
  }

 private:
  void Leave(const std::string& address) {
    const std::lock_guard lock(mutex_);
    const auto found = taken_.find(address);
    if (--found->second == 0) taken_.erase(found);
  }

  std::mutex mutex_;
  std::unordered_map<std::string, int> taken_;
};

}  // namespace

class HttpServer::Core {
 public:
  Core(Options options, HttpHandler* handler) : options_(std::move(options)), handler_(handler) {}
  ~Core() { Drain(absl::ZeroDuration()); }

  absl::Status Start();
  void Drain(absl::Duration limit);
  int port() const { return port_; }
  Counts counts() const { return {open_.load(), accepted_.load(), refused_.load(), buffered_.load()}; }

 private:
  absl::Status LoadTls();
  void ReloadTls();
  void Accept();
  void OnAccept(tcp::socket socket, Worker* worker);
  void Sweep(Worker* worker, net::steady_timer* timer);

  const Options options_;
  HttpHandler* handler_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<net::steady_timer>> timers_;
  std::vector<std::thread> threads_;
  std::unique_ptr<tcp::acceptor> acceptor_;
  size_t next_worker_ = 0;
  int port_ = 0;
  std::shared_ptr<net::ssl::context> tls_;  // Used on the accepting thread only.
  int64_t tls_modified_ = 0;
  std::atomic<int64_t> open_{0};
  std::atomic<int64_t> accepted_{0};
  std::atomic<int64_t> refused_{0};
  std::atomic<int64_t> buffered_{0};
  const std::shared_ptr<Places> places_ = std::make_shared<Places>();
  std::mutex mutex_;
  std::condition_variable closed_;
};

absl::Status HttpServer::Core::LoadTls() {
  auto context = std::make_shared<net::ssl::context>(net::ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(net::ssl::context::default_workarounds | net::ssl::context::no_tlsv1 |
                           net::ssl::context::no_tlsv1_1 | net::ssl::context::single_dh_use,
                       error);
  if (!error) context->use_certificate_chain_file(options_.tls_certificate, error);
  if (!error) context->use_private_key_file(options_.tls_key, net::ssl::context::pem, error);
  if (!error && SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return absl::InvalidArgumentError("--tls_key does not belong to --tls_cert");
  }
  if (error) return absl::InvalidArgumentError(absl::StrCat("TLS files: ", error.message()));
  tls_ = std::move(context);
  return absl::OkStatus();
}

// A renewed certificate serves the connections that come after it; a broken one is logged and the old one
// stays.
void HttpServer::Core::ReloadTls() {
  if (tls_ == nullptr) return;
  const int64_t modified = std::max(ModifiedAt(options_.tls_certificate), ModifiedAt(options_.tls_key));
  if (modified == tls_modified_) return;
  tls_modified_ = modified;
  const absl::Status status = LoadTls();
  base::Log(status.ok() ? base::Severity::kInfo : base::Severity::kError, "tls_reload",
            {{"outcome", std::string(status.message())}});
}

absl::Status HttpServer::Core::Start() {
  auto endpoint = ParseListen(options_.listen);
  if (!endpoint.ok()) return endpoint.status();
  if (!options_.tls_certificate.empty() || !options_.tls_key.empty()) {
    tls_modified_ = std::max(ModifiedAt(options_.tls_certificate), ModifiedAt(options_.tls_key));
    if (absl::Status status = LoadTls(); !status.ok()) return status;
  }
  for (int i = 0; i < std::max(options_.threads, 1); ++i) {
    workers_.push_back(std::make_unique<Worker>());
    workers_.back()->on_close = [this] {
      if (open_.fetch_sub(1) == 1) closed_.notify_all();
    };
    workers_.back()->buffered = &buffered_;
    timers_.push_back(std::make_unique<net::steady_timer>(workers_.back()->context));
  }
  acceptor_ = std::make_unique<tcp::acceptor>(workers_[0]->context);
  boost::system::error_code error;
  acceptor_->open(endpoint->protocol(), error);
  if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(*endpoint, error);
  if (!error) acceptor_->listen(1024, error);
  if (error)
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.listen, ": ", error.message()));
  port_ = acceptor_->local_endpoint(error).port();
  Accept();
  for (size_t i = 0; i < workers_.size(); ++i) {
    Sweep(workers_[i].get(), timers_[i].get());
    threads_.emplace_back([worker = workers_[i].get()] { worker->context.run(); });
  }
  return absl::OkStatus();
}

void HttpServer::Core::Accept() {
  Worker* worker = workers_[next_worker_++ % workers_.size()].get();
  acceptor_->async_accept(
      worker->context, [this, worker](boost::system::error_code error, tcp::socket socket) {
        if (error == net::error::operation_aborted || !acceptor_->is_open()) return;
        if (!error) {
          ReloadTls();
          OnAccept(std::move(socket), worker);
          return Accept();
        }
        // Out of file descriptors: try again when some may have been closed.
        auto pause = std::make_shared<net::steady_timer>(workers_[0]->context, kSweepEvery);
        pause->async_wait([this, pause](boost::system::error_code) { Accept(); });
      });
}

void HttpServer::Core::OnAccept(tcp::socket socket, Worker* worker) {
  accepted_.fetch_add(1, std::memory_order_relaxed);
  bool refuse = open_.fetch_add(1) >= options_.connections_max;
  std::shared_ptr<void> place;
  if (!refuse && options_.connections_per_address > 0) {
    boost::system::error_code gone;
    place =
        places_->Take(socket.remote_endpoint(gone).address().to_string(), options_.connections_per_address);
    refuse = place == nullptr;
  }
  if (refuse) refused_.fetch_add(1, std::memory_order_relaxed);
  auto connection = tls_ == nullptr ? Connection::Plain(std::move(socket), worker, options_, handler_)
                                    : Connection::Tls(std::move(socket), worker, options_, handler_, tls_);
  connection->SetPlace(std::move(place));
  net::post(worker->context, [worker, connection, refuse] {
    worker->connections.insert(connection);
    if (worker->draining) return connection->Close();
    refuse ? connection->RefuseConnection() : connection->Start();
  });
}

void HttpServer::Core::Sweep(Worker* worker, net::steady_timer* timer) {
  timer->expires_after(kSweepEvery);
  timer->async_wait([this, worker, timer](boost::system::error_code error) {
    if (error) return;
    const int64_t now = SteadyNow();
    const std::vector<std::shared_ptr<Connection>> all(worker->connections.begin(),
                                                       worker->connections.end());
    for (const auto& connection : all) connection->CheckTime(now);
    Sweep(worker, timer);
  });
}

void HttpServer::Core::Drain(absl::Duration limit) {
  if (threads_.empty()) return;
  net::post(workers_[0]->context, [this] {
    boost::system::error_code ignored;
    acceptor_->close(ignored);
  });
  for (auto& worker : workers_) {
    net::post(worker->context, [worker = worker.get()] {
      worker->draining = true;
      const std::vector<std::shared_ptr<Connection>> all(worker->connections.begin(),
                                                         worker->connections.end());
      for (const auto& connection : all) connection->Drain();
    });
  }
  {
    std::unique_lock lock(mutex_);
    closed_.wait_for(lock, absl::ToChronoMilliseconds(limit), [this] { return open_.load() == 0; });
  }
  for (auto& worker : workers_) {
    net::post(worker->context, [worker = worker.get()] {
      const std::vector<std::shared_ptr<Connection>> all(worker->connections.begin(),
                                                         worker->connections.end());
      for (const auto& connection : all) connection->Close();
      worker->context.stop();
    });
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  for (auto& worker : workers_) worker->Finish();
}

HttpServer::HttpServer(Options options, HttpHandler* handler)
    : core_(std::make_unique<Core>(std::move(options), handler)) {}
HttpServer::~HttpServer() = default;
absl::Status HttpServer::Start() {
  return core_->Start();
}
int HttpServer::port() const {
  return core_->port();
}
HttpServer::Counts HttpServer::counts() const {
  return core_->counts();
}
void HttpServer::Drain(absl::Duration limit) {
  core_->Drain(limit);
}

}  // namespace lianqiao::gateway
