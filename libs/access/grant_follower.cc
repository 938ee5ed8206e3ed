// SPDX-License-Identifier: Apache-2.0
#include "libs/access/grant_follower.h"

#include <chrono>
#include <optional>

#include "lianqiao/identity/v1/grant_feed.pb.h"
#include "libs/access/client_token.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace lianqiao::access {

namespace v1 = identity::v1;

namespace {

constexpr char kListGrantChanges[] = "/lianqiao.identity.v1.GrantFeedService/ListGrantChanges";
constexpr char kGetClientAccess[] = "/lianqiao.identity.v1.GrantFeedService/GetClientAccess";
constexpr absl::Duration kCallLimit = absl::Seconds(3);

}  // namespace

GrantFollower::GrantFollower(Options options) : options_(std::move(options)), thread_([this] { Follow(); }) {}

GrantFollower::~GrantFollower() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool GrantFollower::WaitFresh(absl::Time deadline) {
  std::unique_lock lock(mutex_);
  while (!options_.grants->fresh()) {
    if (stopped_ || absl::Now() >= deadline) return false;
    changed_.wait_for(lock, std::chrono::milliseconds(50));
  }
  return true;
}

std::string GrantFollower::authorization() const {
  const std::lock_guard lock(mutex_);
  return authorization_;
}

TokenAuthenticator::Fetch GrantFollower::Fetch() {
  return [this](const std::string& client_id, std::function<void(absl::StatusOr<ClientGrants>)> done) {
    v1::GetClientAccessRequest request;
    request.set_client_id(client_id);
    options_.identity->Call(kGetClientAccess, request.SerializeAsString(),
                            {{rpc::kAuthorization, authorization()}}, absl::Now() + kCallLimit,
                            [done = std::move(done)](rpc::Answer answer) {
                              v1::ClientAccess access;
                              if (!answer.status.ok()) return done(answer.status);
                              if (!access.ParseFromString(answer.bytes))
                                return done(absl::InternalError("identity sent a malformed client"));
                              done(FromProto(access));
                            });
  };
}

void GrantFollower::Follow() {
  bool away = false;
  do {
    while (true) {
      absl::Status status = RenewToken();
      if (status.ok()) status = Poll();
      {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
      }
      if (status.ok() == away) {
        base::Log(away ? base::Severity::kInfo : base::Severity::kWarning,
                  away ? "identity_back" : "identity_away", {{"status", status.ToString()}});
        away = !away;
      }
      if (absl::IsUnauthenticated(status)) renew_at_ = expires_ = absl::InfinitePast();
      if (!status.ok()) break;
    }
  } while (Pause());
}

bool GrantFollower::Pause() {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, absl::ToChronoNanoseconds(options_.pause), [this] { return stopped_; });
}

absl::StatusOr<std::string> GrantFollower::Call(const std::string& path, std::string request, bool with_token,
                                                absl::Time deadline) {
  // Shared with the callback, which may run after a stop.
  struct State {
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<rpc::Answer> answer;
  };
  auto state = std::make_shared<State>();
  rpc::Client::Metadata metadata;
  if (with_token) metadata.emplace_back(rpc::kAuthorization, authorization());
  const auto cancel =
      options_.identity->Call(path, std::move(request), metadata, deadline, [state](rpc::Answer answer) {
        const std::lock_guard lock(state->mutex);
        state->answer = std::move(answer);
        state->answered.notify_all();
      });
  std::unique_lock lock(state->mutex);
  bool cancelled = false;
  while (!state->answer.has_value()) {
    state->answered.wait_for(lock, std::chrono::milliseconds(50));
    if (cancelled || state->answer.has_value()) continue;
    const std::lock_guard own(mutex_);
    cancelled = stopped_;
    if (!cancelled) continue;
    lock.unlock();  // The cancel may answer on this thread.
    cancel();
    lock.lock();
  }
  RETURN_IF_ERROR(state->answer->status);
  return std::move(state->answer->bytes);
}

// While the old token runs, grants are followed with it: who keeps us from a new one must not keep us from
// the news that a right was taken away.
absl::Status GrantFollower::RenewToken() {
  if (absl::Now() < renew_at_) return absl::OkStatus();
  absl::Status status = GetToken();
  if (status.ok() || absl::Now() >= expires_) return status;
  base::Log(base::Severity::kWarning, "token_not_renewed", {{"status", status.ToString()}});
  renew_at_ = absl::Now() + options_.renew_pause;
  return absl::OkStatus();
}

absl::Status GrantFollower::GetToken() {
  ASSIGN_OR_RETURN(const std::string bytes,
                   Call(kIssueToken, TokenRequest(options_.credentials), false, absl::Now() + kCallLimit));
  ASSIGN_OR_RETURN(HeldToken token, ReadToken(bytes, absl::Now()));
  renew_at_ = token.renew_at;
  expires_ = token.expires;
  const std::lock_guard lock(mutex_);
  authorization_ = std::move(token.authorization);
  return absl::OkStatus();
}

absl::Status GrantFollower::Poll() {
  v1::ListGrantChangesRequest request;
  request.set_epoch(options_.grants->epoch());
  request.set_since_version(options_.grants->version());
  request.set_wait_milliseconds(static_cast<int32_t>(absl::ToInt64Milliseconds(options_.wait)));
  ASSIGN_OR_RETURN(const std::string bytes, Call(kListGrantChanges, request.SerializeAsString(), true,
                                                 absl::Now() + options_.wait + kCallLimit));
  v1::ListGrantChangesResponse response;
  if (!response.ParseFromString(bytes)) return absl::InternalError("identity sent malformed grants");
  RETURN_IF_ERROR(options_.grants->Apply(response));
  changed_.notify_all();
  return absl::OkStatus();
}

}  // namespace lianqiao::access
