// SPDX-License-Identifier: Apache-2.0
// Client secrets: how they are made, hashed (argon2id) and checked without letting a storm of token requests
// burn the processor. Used by the token endpoint and the secret methods.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "absl/time/time.h"

namespace lianqiao::identity {

// "selector.rest": 9 and 32 random bytes, base64url.
std::string MakeSecret();
// Empty if the text is no secret of ours.
std::string SelectorOf(const std::string& secret);
// About 5 ms of one core, 8 MiB: the secret itself holds 256 bits, the cost is against a stolen table.
std::string HashSecret(const std::string& secret);
bool SecretMatches(const std::string& hash, const std::string& secret);

// One thread that checks secrets one after the other; bounded.
class SecretChecker {
 public:
  SecretChecker();
  ~SecretChecker();  // Answers false for what waits.
  // False, and `done` is not run, if too many wait. `done` runs on the checker's thread.
  bool Check(std::string hash, std::string secret, std::function<void(bool matches)> done);
  // To compare with when there is no hash: costs the same and never matches.
  const std::string& decoy() const { return decoy_; }

 private:
  struct Work {
    std::string hash;
    std::string secret;
    std::function<void(bool)> done;
  };
  void Run();

  const std::string decoy_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> queue_;
  bool stopped_ = false;
  std::thread thread_;
};

// Remembers for some seconds which secret was right, by a keyed digest of its text.
class RecentSecrets {
 public:
  RecentSecrets();
  // The id that was remembered with this secret; empty if none.
  std::string Find(const std::string& secret, absl::Time now);
  void Remember(const std::string& secret, const std::string& secret_id, absl::Time now);

 private:
  std::string DigestOf(const std::string& secret) const;

  struct Known {
    std::string secret_id;
    absl::Time until;
  };
  const std::string key_;
  std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;
};

}  // namespace lianqiao::identity
