// SPDX-License-Identifier: Apache-2.0
#include "libs/sync/feed_service.h"

#include "absl/strings/str_split.h"
#include "libs/sync/digest.h"
#include "libs/sync/feed_methods.h"
#include "libs/sync/revisions.h"
#include "libs/sync/snapshot.h"
#include "libs/sync/watch.h"

namespace lianqiao::sync {

std::string ServiceName(const std::string& package) {
  const std::vector<std::string> parts = absl::StrSplit(package, '.');
  return parts.size() > 1 ? parts[1] : package;
}

namespace {

constexpr int kWorkers = 2;

}  // namespace

struct FeedService::Core {
  Core(resource::Engine* engine, const Options& options)
      : cursors(options.service),
        tail(engine->options().contract.get()),
        workers(kWorkers),
        poller(engine->options().reads, [this](postgres::Session& session, const feed::Heads& heads) {
          return tail.Follow(session, heads);
        }) {
    parts.engine = engine;
    parts.poller = &poller;
    parts.cursors = &cursors;
    parts.tail = &tail;
    parts.workers = &workers;
    parts.consumers = &consumers;
    parts.open_turns = &open_turns;
    parts.retention_days = options.retention_days;
  }
  // The server is gone, but not yet all that was asked for in its name.
  ~Core() {
    poller.Stop();
    open_turns.Wait();
  }
  OpenTurns open_turns;
  CursorStore cursors;
  Tail tail;
  Consumers consumers;
  Parts parts;
  base::Workers workers;
  feed::HeadPoller poller;  // Last: what waits in it uses the others.
};

FeedService::FeedService(resource::Engine* engine, Options options)
    : core_(std::make_unique<Core>(engine, options)) {
  const Parts& parts = core_->parts;
  engine->AddRaw("/lianqiao.sync.v1.FeedService/GetFeed", GetFeed(parts));
  engine->AddRaw("/lianqiao.sync.v1.FeedService/ListChanges", ListChanges(parts));
  engine->AddStream("/lianqiao.sync.v1.FeedService/WatchChanges", WatchChanges(parts));
  engine->AddRaw("/lianqiao.sync.v1.FeedService/StartSnapshot", StartSnapshot(parts));
  engine->AddStream("/lianqiao.sync.v1.FeedService/ReadSnapshot", ReadSnapshot(parts));
  engine->AddRaw("/lianqiao.sync.v1.DigestService/GetDigest", GetDigest(parts));
  engine->AddRaw("/lianqiao.sync.v1.RevisionService/ListRevisions", ListRevisions(parts));
  engine->AddRaw("/lianqiao.sync.v1.RevisionService/GetRevision", GetRevision(parts));
}

FeedService::~FeedService() = default;

void FeedService::OnCommit() {
  core_->poller.Notify();
}

Consumers& FeedService::consumers() {
  return core_->consumers;
}

const Parts& FeedService::parts() const {
  return core_->parts;
}

int FeedService::watchers() const {
  return core_->poller.waiting();
}

}  // namespace lianqiao::sync
