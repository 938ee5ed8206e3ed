// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/identity/guess_limiter.h"

#include <algorithm>
#include <iterator>

namespace lianqiao::identity {

namespace {

constexpr double kBurst = 20;  // Wrong guesses in a row; then one per kLeak.
constexpr absl::Duration kLeak = absl::Seconds(2);
constexpr absl::Duration kTrusted = absl::Hours(24);
constexpr size_t kAccountsMax = 100000;

double LeakedUntil(double guesses, absl::Duration passed) {
  return std::max(0.0, guesses - absl::FDivDuration(passed, kLeak));
}

}  // namespace

std::string GuessLimiter::ClientKey(const std::string& client_id, const std::string& address,
                                    absl::Time now) const {
  const auto trusted = trusted_.find(client_id + " " + address);
  const bool known = trusted != trusted_.end() && now - trusted->second < kTrusted;
  return known ? "pair " + trusted->first : "client " + client_id;
}

GuessLimiter::Account& GuessLimiter::Current(const std::string& key, absl::Time now) {
  Account& account = accounts_[key];
  account.guesses = LeakedUntil(account.guesses, now - account.at);
  account.at = now;
  return account;
}

void GuessLimiter::Prune(absl::Time now) {
  if (accounts_.size() < kAccountsMax && trusted_.size() < kAccountsMax) return;
  for (auto it = accounts_.begin(); it != accounts_.end();) {
    it = LeakedUntil(it->second.guesses, now - it->second.at) == 0 ? accounts_.erase(it) : std::next(it);
  }
  for (auto it = trusted_.begin(); it != trusted_.end();) {
    it = now - it->second >= kTrusted ? trusted_.erase(it) : std::next(it);
  }
  // Still full: a flood of made-up names. Forgetting the names is harmless, the address's own account stays
  // slow only as long as it is remembered, so those are kept.
  for (auto it = accounts_.begin(); accounts_.size() >= kAccountsMax && it != accounts_.end();) {
    it = it->first.rfind("client ", 0) == 0 ? accounts_.erase(it) : std::next(it);
  }
}

absl::Duration GuessLimiter::Charge(const std::string& client_id, const std::string& address,
                                    absl::Time now) {
  const std::lock_guard lock(mutex_);
  Prune(now);
  const std::string client_key = ClientKey(client_id, address, now);
  // References stay valid: an unordered_map never moves its elements.
  Account& client = Current(client_key, now);
  Account& from = Current("address " + address, now);
  const double excess = std::max(client.guesses, from.guesses) - (kBurst - 1);
  if (excess > 0) return excess * kLeak;
  client.guesses += 1;
  from.guesses += 1;
  return absl::ZeroDuration();
}

void GuessLimiter::Succeed(const std::string& client_id, const std::string& address, absl::Time now) {
  const std::lock_guard lock(mutex_);
  for (const std::string& key : {ClientKey(client_id, address, now), "address " + address}) {
    Account& account = Current(key, now);
    account.guesses = std::max(0.0, account.guesses - 1);
  }
  trusted_[client_id + " " + address] = now;
}

}  // namespace lianqiao::identity
