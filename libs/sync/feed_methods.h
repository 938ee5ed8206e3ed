// SPDX-License-Identifier: Apache-2.0
// GetFeed and ListChanges of one service.
#pragma once

#include <memory>

#include "libs/base/workers.h"
#include "libs/feed/head_poller.h"
#include "libs/resource/engine.h"
#include "libs/sync/changes.h"
#include "libs/sync/consumers.h"
#include "libs/sync/open_turns.h"
#include "libs/sync/tail.h"

namespace lianqiao::sync {

// What every method of the feed works with; outlives all calls.
struct Parts {
  resource::Engine* engine = nullptr;
  feed::HeadPoller* poller = nullptr;
  CursorStore* cursors = nullptr;
  Tail* tail = nullptr;
  base::Workers* workers = nullptr;
  Consumers* consumers = nullptr;
  OpenTurns* open_turns = nullptr;
  int retention_days = 400;

  const contract::Contract& contract() const { return *engine->options().contract; }
  postgres::Database& reads() const { return *engine->options().reads; }
  absl::Time now() const { return engine->options().clock->Now(); }
};

// The request's kinds and jurisdictions.
template <typename Request>
Filter FilterOf(const Request& request) {
  Filter filter = {{request.kinds().begin(), request.kinds().end()},
                   {request.jurisdiction_ids().begin(), request.jurisdiction_ids().end()}};
  if constexpr (requires { request.include_scopes(); }) filter.include_scopes = request.include_scopes();
  return filter;
}

// Decoded and checked as the engine does for its own requests.
absl::Status Decode(const std::string& bytes, google::protobuf::Message* request);

// A line per kind for the access log, if personal fields were shown.
void LogPersonalReads(const Parts& parts, const access::Caller& caller, const rpc::CallContext& context,
                      const PersonalReads& reads);
// A refused call, for the access log.
void LogDenied(const Parts& parts, const access::Caller& caller, const rpc::CallContext& context,
               const absl::Status& status);

// A method that answers from one session: decodes, makes the caller's view, runs `answer`.
template <typename Request, typename Answer>
resource::RawMethod Unary(const Parts& parts, Answer answer) {
  return [&parts, answer](const access::Caller& caller, std::shared_ptr<const rpc::CallContext> context,
                          std::string bytes, rpc::Done done) {
    Request request;
    if (const absl::Status status = Decode(bytes, &request); !status.ok()) return done(status);
    auto view = View::Make(parts.contract(), caller, FilterOf(request), parts.now());
    LogDenied(parts, caller, *context, view.status());
    if (!view.ok()) return done(view.status());
    parts.reads().Submit(
        context->deadline,
        [answer, request = std::move(request), view = *std::move(view), done](postgres::Session& session) {
          const auto response = answer(session, view, request);
          if (!response.ok()) return done(response.status());
          done(rpc::Reply{response->SerializeAsString(), {}});
        },
        done);
  };
}

resource::RawMethod GetFeed(const Parts& parts);
resource::RawMethod ListChanges(const Parts& parts);

}  // namespace lianqiao::sync
