// SPDX-License-Identifier: Apache-2.0
// Everything of access that threads share, under ThreadSanitizer: verifier, cache, keys, grants.
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "lianqiao/identity/v1/grant_feed.pb.h"
#include "libs/access/grant_cache.h"
#include "libs/access/token.h"

using namespace lianqiao::access;  // NOLINT: a program, not a header.

namespace {

constexpr char kClient[] = "018bcfe5-6800-7000-8000-000000000001";

}  // namespace

int main() {
  const absl::Time now = absl::FromUnixSeconds(1700000000);
  const auto stays = *SigningKey::Generate();
  const auto comes_and_goes = *SigningKey::Generate();
  TokenVerifier verifier{TokenProfile(), 64};
  if (!verifier.SetKeys({stays->public_key()}).ok()) return 1;
  std::vector<std::string> tokens;
  for (int i = 0; i < 200; ++i) tokens.push_back(IssueToken(TokenProfile(), *stays, kClient, now)->token);
  const std::string other = IssueToken(TokenProfile(), *comes_and_goes, kClient, now)->token;
  std::atomic<int> refused = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 400; ++i) {
        const auto& token = tokens[(i * 7 + thread * 50) % tokens.size()];
        const auto claims = verifier.Verify(token, i % 10 == 9 ? now + absl::Seconds(1) : now);
        if (!claims.ok() || (*claims)->client_id != kClient) ++refused;
        (void)verifier.Verify(other, now);
      }
    });
  }
  // Grants change while callers read them.
  TokenVerifier grants_verifier{TokenProfile()};
  GrantCache grants(&grants_verifier);
  for (int thread = 0; thread < 2; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        const auto client = grants.Find(kClient);
        if (client != nullptr && client->grants.size() != 1) ++refused;
        if (client != nullptr && !grants.fresh()) ++refused;
      }
    });
  }
  const size_t finite = threads.size();
  threads.emplace_back([&] {
    for (int i = 0; !stop; ++i) {
      lianqiao::identity::v1::ListGrantChangesResponse changes;
      changes.set_complete(i % 2 == 0);
      changes.add_clients()->set_client_id(kClient);
      changes.mutable_clients(0)->add_grants()->set_permission(std::to_string(i));
      if (!grants.Apply(changes).ok()) ++refused;
    }
  });
  threads.emplace_back([&] {
    for (int i = 0; !stop; ++i) {
      std::vector<PublicKey> keys = {stays->public_key()};
      if (i % 2 == 0) keys.push_back(comes_and_goes->public_key());
      if (!verifier.SetKeys(keys).ok()) ++refused;
    }
  });
  for (size_t thread = 0; thread < finite; ++thread) threads[thread].join();
  stop = true;
  for (size_t thread = finite; thread < threads.size(); ++thread) threads[thread].join();
  if (!verifier.SetKeys({stays->public_key()}).ok() || verifier.Verify(other, now).ok()) ++refused;
  if (refused > 0) std::fprintf(stderr, "%d wrong answers\n", refused.load());
  return refused > 0 ? 1 : 0;
}
