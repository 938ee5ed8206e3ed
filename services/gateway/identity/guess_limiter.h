// SPDX-License-Identifier: Apache-2.0
// Slows down whoever guesses secrets, by client and by address, without locking a client out: an address from
// which the client has come in before keeps its own account. Unknown clients are treated like known ones. An
// empty address is one of our own processes: it shares no account with anybody outside.
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
  size_t accounts() const;

 private:
  struct Account {
    double guesses = 0;  // Leaks away with time.
    absl::Time at;
  };
  // By digests of the names: those may be as long and as many as a stranger likes.
  using Accounts = std::unordered_map<std::string, Account>;
  // The account that this guess counts on besides the address's.
  std::string ClientKey(const std::string& client_id, const std::string& address, absl::Time now) const;
  std::string AddressKey(const std::string& address) const;
  static double Guesses(const Accounts& accounts, const std::string& key, absl::Time now);
  static void Add(Accounts* accounts, const std::string& key, double guesses, absl::Time now);
  void Prune(absl::Time now);

  mutable std::mutex mutex_;
  Accounts clients_;
  Accounts addresses_;
  std::unordered_map<std::string, absl::Time> trusted_;  // client and address -> last success
  absl::Time pruned_ = absl::InfinitePast();
};

}  // namespace lianqiao::identity
