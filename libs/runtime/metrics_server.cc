// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/metrics_server.h"

#include <CivetServer.h>
#include <prometheus/text_serializer.h>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"

namespace lianqiao::runtime {
namespace {

void Answer(mg_connection* connection, int code, const char* type, const std::string& body) {
  const std::string head =
      absl::StrCat("HTTP/1.1 ", code, code == 200 ? " OK" : " Service Unavailable",
                   "\r\nContent-Type: ", type, "\r\nContent-Length: ", body.size(), "\r\n\r\n");
  mg_write(connection, head.data(), head.size());
  mg_write(connection, body.data(), body.size());
}

class Handler final : public CivetHandler {
 public:
  explicit Handler(std::function<void(mg_connection*)> run) : run_(std::move(run)) {}
  bool handleGet(CivetServer*, mg_connection* connection) override {
    run_(connection);
    return true;
  }

 private:
  std::function<void(mg_connection*)> run_;
};

}  // namespace

class MetricsServer::Core {
 public:
  Core(const std::string& address, Collect collect, std::vector<Check> checks)
      : collect_(std::move(collect)),
        checks_(std::move(checks)),
        metrics_([this](mg_connection* connection) {
          Answer(connection, 200, "text/plain; version=0.0.4",
                 prometheus::TextSerializer().Serialize(collect_()));
        }),
        health_([](mg_connection* connection) {
          Answer(connection, 200, "application/json", "{\"status\":\"ok\"}");
        }),
        ready_([this](mg_connection* connection) { Ready(connection); }),
        server_(std::vector<std::string>{"listening_ports", address, "num_threads", "2", "request_timeout_ms",
                                         "5000"}) {
    server_.addHandler("/metrics", metrics_);
    server_.addHandler("/healthz", health_);
    server_.addHandler("/readyz", ready_);
  }

 private:
  void Ready(mg_connection* connection) {
    bool all = true;
    std::string body = "{";
    for (const auto& [name, check] : checks_) {
      const bool there = check();
      all = all && there;
      absl::StrAppend(&body, body.size() > 1 ? "," : "", base::JsonQuote(name), ":",
                      there ? "true" : "false");
    }
    Answer(connection, all ? 200 : 503, "application/json", body + "}");
  }

  Collect collect_;
  std::vector<Check> checks_;
  Handler metrics_;
  Handler health_;
  Handler ready_;
  CivetServer server_;
};

MetricsServer::MetricsServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
MetricsServer::~MetricsServer() = default;

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const std::string& address,
                                                                    Collect collect,
                                                                    std::vector<Check> checks) {
  // The library reports a taken port by an exception; it ends here.
  try {
    return std::unique_ptr<MetricsServer>(
        new MetricsServer(std::make_unique<Core>(address, std::move(collect), std::move(checks))));
  } catch (const CivetException& error) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", error.what()));
  }
}

}  // namespace lianqiao::runtime
