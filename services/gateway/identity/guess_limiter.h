// SPDX-License-Identifier: Apache-2.0
// Slows down whoever guesses secrets, by client and by address, without locking a client out: an address from
// which the client has come in before keeps its own account. Unknown clients are treated like known ones.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include "absl/time/time.h"

namespace lianqiao::identity {

class GuessLimiter {
 public:
  // Charges one guess; zero, or how long to wait, in which case nothing was charged.
  absl::Duration Charge(const std::string& client_id, const std::string& address, absl::Time now);
  // The guess was right: takes the charge back and remembers the address.
  void Succeed(const std::string& client_id, const std::string& address, absl::Time now);

 private:
  struct Account {
    double guesses = 0;  // Leaks away with time.
    absl::Time at;
  };
  // The account that this guess counts on besides the address's.
  std::string ClientKey(const std::string& client_id, const std::string& address, absl::Time now) const;
  Account& Current(const std::string& key, absl::Time now);
  void Prune(absl::Time now);

  std::mutex mutex_;
  std::unordered_map<std::string, Account> accounts_;
  std::unordered_map<std::string, absl::Time> trusted_;  // client and address -> last success
};

}  // namespace lianqiao::identity
