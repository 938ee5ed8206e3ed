// SPDX-License-Identifier: Apache-2.0
// The platform's public API over HTTP as one client: token by client credentials, renewed before it ends and
// when it is refused; what is worth a repetition is repeated after Retry-After. For the subcommands.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "tools/cli/report.h"
#include "tools/cli/sender.h"

namespace lianqiao::cli {

struct ClientCredentials {
  std::string client_id;
  std::string client_secret;
};

// The file that the platform writes: a JSON object with client_id and client_secret, readable by its owner
// only.
absl::StatusOr<ClientCredentials> ReadCredentials(const std::string& path);

class ApiClient : public Sender {
 public:
  // `server` like http://127.0.0.1:8080.
  ApiClient(std::string server, ClientCredentials credentials, Language language);
  ~ApiClient() override;

  absl::StatusOr<HttpAnswer> Post(const std::string& path, const std::string& body,
                                  const std::string& idempotency_key) override;

 private:
  struct Transfer;
  struct Reply {
    HttpAnswer answer;
    int retry_after = 0;  // Seconds; 0: not said.
  };
  absl::Status RenewToken();
  absl::StatusOr<Reply> Once(const std::string& path, const std::string& body,
                             const std::string& idempotency_key, bool token_request);
  absl::StatusOr<HttpAnswer> WithRetries(const std::string& path, const std::string& body,
                                         const std::string& idempotency_key, bool token_request);

  const std::string server_;
  const ClientCredentials credentials_;
  const Language language_;
  std::unique_ptr<Transfer> transfer_;
  std::string token_;
  std::chrono::steady_clock::time_point token_until_;
};

}  // namespace lianqiao::cli
