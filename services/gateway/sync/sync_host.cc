// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/sync/sync_host.h"

#include <algorithm>
#include <future>

#include "services/gateway/sync/feed_methods.h"
#include "services/gateway/sync/job_methods.h"
#include "services/gateway/sync/list_changes.h"
#include "services/gateway/sync/snapshot.h"
#include "services/gateway/sync/upload.h"
#include "services/gateway/sync/watch.h"

namespace lianqiao::gateway::sync {

SyncHost::SyncHost(Options options)
    : options_(std::move(options)), hub_(std::make_shared<Hub>()), batches_(options_.services.size()) {
  hub_->services = std::make_unique<Services>(options_.services, options_.open);
  hub_->timing = options_.timing;
  hub_->loop = Loop::Start();
}

absl::StatusOr<std::unique_ptr<SyncHost>> SyncHost::Start(Options options) {
  std::unique_ptr<SyncHost> host(new SyncHost(std::move(options)));
  RETURN_IF_ERROR(host->Run());
  return host;
}

absl::Status SyncHost::Run() {
  rpc_ = std::make_unique<rpc::Server>(rpc::Server::Options{.listen = {options_.listen},
                                                            .behind_gateway = true,
                                                            .cancel_slots = true,
                                                            .observe = options_.observe});
  OpenDatabase();
  BindMethods();
  BindJobs();
  RETURN_IF_ERROR(rpc_->Start());
  rpc_->SetServing(true);
  hub_->loop->Post([this] { Sweep(); });
  return absl::OkStatus();
}

void SyncHost::OpenDatabase() {
  if (options_.connection.empty()) return;
  postgres::Database::Options options;
  options.connection = options_.connection;
  options.search_path = options_.schema;
  options.workers = 2;
  options.name = "sync_jobs";
  if (options_.observe_pool) options_.observe_pool(&options);
  database_ = std::make_unique<postgres::Database>(std::move(options));
  groups_ = std::make_unique<JobGroups>(database_.get());
  hub_->groups = groups_.get();
}

void SyncHost::BindJobs() {
  Bind(kGetImport, GetImport);
  Bind(kListImports, ListImports);
  Bind(kCancelImport, CancelImport);
  Bind(kListImportErrors, ListImportErrors);
  Bind(kCreateExport, CreateExport);
  Bind(kGetExport, GetExport);
  Bind(kListExports, ListExports);
  Bind(kCancelExport, CancelExport);
  BindStream(kImportRecords, false, ImportRecords);
  BindStream(kReadRefusedLines, false, ReadRefusedLines);
  BindStream(kReadExportFile, false, ReadExportFile);
}

void SyncHost::BindMethods() {
  Bind(kGetFeed, GetFeed);
  Bind(kListChanges, ListChanges);
  Bind(kStartSnapshot, StartSnapshot);
  Bind(kGetDigest, GetDigest);
  Bind(kListRevisions, ListRevisions);
  Bind(kGetRevision, GetRevision);
  BindStream(kWatchChanges, true, [this](const auto& call, const auto& bytes, auto stream) {
    return Watch(call, bytes, std::move(stream));
  });
  BindStream(kReadSnapshot, false, ReadSnapshot);
}

void SyncHost::Authenticate(const std::shared_ptr<const rpc::CallContext>& context,
                            std::function<void(absl::StatusOr<CallPointer>)> then) {
  options_.authenticator->Authenticate(
      context, [hub = hub_, context, then = std::move(then)](const absl::StatusOr<access::Caller>& caller) {
        hub->loop->Post([hub, context, then, status = caller.status(),
                         client_id = caller.ok() ? caller->client_id : std::string()] {
          if (!status.ok()) return then(status);
          auto call = std::make_shared<Call>();
          call->hub = hub;
          call->context = context;
          call->client_id = client_id;
          then(std::move(call));
        });
      });
}

void SyncHost::Bind(const char* path, Method method) {
  rpc_->Bind(path, [this, method](std::shared_ptr<const rpc::CallContext> context, std::string request,
                                  rpc::Done done) {
    Authenticate(context, [loop = hub_->loop, context, method, request = std::move(request),
                           done = std::move(done)](absl::StatusOr<CallPointer> call) {
      if (!call.ok()) return done(call.status());
      context->cancel->Set([loop, weak = std::weak_ptr<Call>(*call)] {
        loop->Post([weak] {
          if (const auto gone = weak.lock()) gone->Cancel();
        });
      });
      method(*call, request, done);
    });
  });
}

void SyncHost::BindStream(const char* path, bool watches, Begin begin) {
  rpc_->BindStream(
      path, [this, watches, begin = std::move(begin)](const std::shared_ptr<const rpc::CallContext>& context,
                                                      const std::shared_ptr<rpc::ServerStream>& stream) {
        Authenticate(context, [this, stream, watches, begin](absl::StatusOr<CallPointer> call) {
          if (!call.ok()) return stream->Finish(call.status());
          Open(*call, stream, watches, begin);
        });
      });
}

void SyncHost::Open(const CallPointer& call, const std::shared_ptr<rpc::ServerStream>& stream, bool watches,
                    const Begin& begin) {
  ReadRequest(
      hub_->loop, stream, [this, call, stream, watches, begin](const std::optional<std::string>& bytes) {
        // Without a request the caller has gone, or sends none: neither gets more than an end.
        if (!bytes.has_value())
          return stream->Finish(base::FailIfAny({base::Refuse("", base::ErrorReason::FIELD_REQUIRED)}));
        const std::shared_ptr<StreamWork> work = begin(call, *bytes, stream);
        if (work->finished()) return;
        works_.push_back({work, watches});
        if (watches) ++watchers_;
        stream->OnCancel([loop = hub_->loop, weak = std::weak_ptr<StreamWork>(work)] {
          loop->Post([weak] {
            if (const auto gone = weak.lock()) gone->Stop();
          });
        });
      });
}

std::shared_ptr<StreamWork> SyncHost::Watch(const CallPointer& call, const std::string& bytes,
                                            std::shared_ptr<rpc::ServerStream> stream) {
  const auto check = [this, context = call->context](std::function<void(const absl::Status&)> then) {
    Authenticate(context, [then = std::move(then)](const auto& again) { then(again.status()); });
  };
  return StartWatch(call, bytes, std::move(stream), check, [this](size_t service) { ++batches_[service]; });
}

void SyncHost::Sweep() {
  const SteadyTime now = std::chrono::steady_clock::now();
  for (const Work& work : works_) work.work->Sweep(now);
  const auto over = [](const Work& work) { return work.work->finished(); };
  works_.erase(std::remove_if(works_.begin(), works_.end(), over), works_.end());
  watchers_ = static_cast<int>(
      std::count_if(works_.begin(), works_.end(), [](const Work& work) { return work.watches; }));
  hub_->loop->After(hub_->timing.sweep, [this] { Sweep(); });
}

void SyncHost::Drain(absl::Duration limit) {
  if (rpc_ != nullptr) rpc_->Drain(limit);
}

SyncHost::~SyncHost() {
  Drain(absl::Seconds(2));
  rpc_.reset();
  if (database_ != nullptr) database_->Drain(absl::Seconds(2));
  // A stream and what reads it hold each other until it has ended.
  std::promise<void> ended;
  hub_->loop->Post([this, &ended] {
    for (const Work& work : works_) work.work->Stop();
    works_.clear();
    ended.set_value();
  });
  ended.get_future().wait();
  hub_->loop->Stop();
}

}  // namespace lianqiao::gateway::sync
