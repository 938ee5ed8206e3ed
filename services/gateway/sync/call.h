// SPDX-License-Identifier: Apache-2.0
// One call of the merged feed under way, and how the services are asked for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lianqiao/sync/v1/feed.pb.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "services/gateway/sync/loop.h"
#include "services/gateway/sync/services.h"

namespace lianqiao::gateway::sync {

namespace v1 = ::lianqiao::sync::v1;

// How long things may take; tests have less patience.
struct Timing {
  SteadyDuration heartbeat = std::chrono::seconds(15);
  SteadyDuration slow_reader = std::chrono::seconds(30);  // A message that is not taken for so long.
  // Services send a sign of life every 15 s; after this one is given up as hung.
  SteadyDuration silent_service = std::chrono::seconds(40);
  SteadyDuration silent_caller = std::chrono::seconds(60);  // In the middle of an upload.
  SteadyDuration backoff_min = std::chrono::milliseconds(100);
  SteadyDuration backoff_max = std::chrono::seconds(2);
  // How often a service is asked again that had nothing for the caller's grants.
  SteadyDuration denied_again = std::chrono::minutes(1);
  SteadyDuration sweep = std::chrono::milliseconds(250);
  // One question to a service, if the caller's own deadline is not nearer.
  absl::Duration question = absl::Seconds(15);
};

class JobGroups;

// Everything that calls share. Outlives them.
struct Hub {
  std::shared_ptr<Loop> loop;
  JobGroups* groups = nullptr;  // Null without a database.
  std::unique_ptr<Services> services;
  Timing timing;
  size_t turn = 0;  // On the loop: whose answers are taken first.
};

// Used on the loop only.
struct Call {
  std::shared_ptr<Hub> hub;
  std::shared_ptr<const rpc::CallContext> context;
  std::string client_id;
  bool cancelled = false;                      // The caller has gone.
  std::vector<std::function<void()>> cancels;  // Of the questions under way; harmless when they have ended.

  const Services& services() const { return *hub->services; }
  // What services learn of the caller.
  rpc::Client::Metadata Metadata() const;
  // Until when a service may take for one question: early enough to answer the caller then.
  absl::Time QuestionDeadline() const;
  void Cancel();
};
using CallPointer = std::shared_ptr<Call>;

struct Question {
  size_t service = 0;
  std::string request;
};
struct Told {
  size_t service = 0;
  rpc::Answer answer;
};

// Asks one service; `then` runs on the loop.
void Ask(const CallPointer& call, const std::string& path, Question question, absl::Time deadline,
         std::function<void(Told)> then);
// Asks all at once; `then` runs on the loop with the answers in the order of the questions.
void AskAll(const CallPointer& call, const std::string& path, std::vector<Question> questions,
            absl::Time deadline, std::function<void(std::vector<Told>)> then);

enum class Verdict {
  kOk,
  kAway,    // Could not be asked: its part stays as it is.
  kDenied,  // Nothing there for the grants of this caller.
  kFailed
};
Verdict Judge(const rpc::Answer& answer);

// The failure of one service as the caller gets it: details and all, with the service's name, and with its
// cursor (`oldest_cursor`) in the place of its part of `cursor`.
absl::Status FailureOf(const Call& call, size_t service, const rpc::Answer& answer,
                       const std::map<std::string, std::string>& cursor);
absl::Status Away(const std::vector<std::string>& services);
absl::Status BadAnswer(const Call& call, size_t service);

// The field rules of the contract over a request: what is wrong is added.
void Check(const google::protobuf::Message& request, std::vector<base::Violation>* violations);
absl::Status NotA(const google::protobuf::Message& request);

template <typename Items>
std::vector<std::string> Strings(const Items& items) {
  return {items.begin(), items.end()};
}

}  // namespace lianqiao::gateway::sync
