// SPDX-License-Identifier: Apache-2.0
#include "libs/bulk/client.h"

#include <chrono>
#include <future>
#include <memory>
#include <utility>

namespace lianqiao::bulk {

absl::StatusOr<access::Caller> FindClient(access::Authenticator* authenticator,
                                          const std::string& client_id) {
  const auto answer = std::make_shared<std::promise<absl::StatusOr<access::Caller>>>();
  auto future = answer->get_future();
  authenticator->Find(
      client_id, [answer](absl::StatusOr<access::Caller> caller) { answer->set_value(std::move(caller)); });
  if (future.wait_for(std::chrono::seconds(10)) != std::future_status::ready)
    return absl::UnavailableError("identity does not answer");
  return future.get();
}

}  // namespace lianqiao::bulk
