// SPDX-License-Identifier: Apache-2.0
#include "libs/runtime/process.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/access/access_log.h"
#include "libs/access/access_log_forwarder.h"
#include "libs/access/authenticator.h"
#include "libs/access/client_token.h"
#include "libs/access/denials.h"
#include "libs/access/grant_follower.h"
#include "libs/base/fault_point.h"
#include "libs/bulk/exports.h"
#include "libs/bulk/imports.h"
#include "libs/content/disk_store.h"
#include "libs/feed/epoch.h"
#include "libs/resource/engine.h"
#include "libs/resource/foreign_scope.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "libs/runtime/following.h"
#include "libs/runtime/jobs.h"
#include "libs/runtime/metrics_server.h"
#include "libs/runtime/service_metrics.h"
#include "libs/sync/feed_service.h"

namespace lianqiao::runtime {

// In the order of making; taken down in reverse.
class Process::Parts {
 public:
  Parts(const std::string& service, Options options) : options_(std::move(options)), metrics_(service) {}

  absl::Status Start(const Definition& definition) {
    std::vector<std::string> packages = definition.packages;
    packages.push_back(sync::kPackage);
    ASSIGN_OR_RETURN(const auto contract, contract::Contract::Load(packages));
    reads_ = Pool("read", options_.readers);
    writes_ = Pool("write", options_.writers);
    FollowIdentity();
    RETURN_IF_ERROR(FollowServices(definition, contract));
    access_log_ = std::make_unique<access::AccessLog>(
        access::AccessLog::Options{.database = writes_.get(), .forward = access::Forward::kToIdentity});
    denials_ = std::make_unique<access::Denials>(access_log_.get());
    authenticator_->SetDenied([denials = denials_.get()](const auto& context, const auto& claims) {
      denials->Record(context, claims);
    });
    forwarder_ = std::make_unique<access::AccessLogForwarder>(access::AccessLogForwarder::Options{
        .database = writes_.get(),
        .identity = identity_.get(),
        .authorization = [follower = follower_.get()] { return follower->authorization(); }});
    engine_ = std::make_unique<resource::Engine>(
        resource::Engine::Options{.contract = contract,
                                  .reads = reads_.get(),
                                  .writes = writes_.get(),
                                  .authenticator = authenticator_.get(),
                                  .access_log = access_log_.get(),
                                  .on_commit = [this] { feed_->OnCommit(); },
                                  .followed = Followed()});
    definition.add(*engine_);
    RETURN_IF_ERROR(KeepContent(definition));
    feed_ = std::make_unique<sync::FeedService>(
        engine_.get(), sync::FeedService::Options{.service = sync::ServiceName(definition.packages.front()),
                                                  .retention_days = options_.retention.feed_days});
    imports_ = std::make_unique<bulk::Imports>(feed_.get());
    imports_->Bind();
    exports_ = std::make_unique<bulk::Exports>(feed_.get(), bulk::Exports::Options());
    exports_->Bind();
    server_ = std::make_unique<rpc::Server>(rpc::Server::Options{
        .listen = {options_.listen}, .behind_gateway = true, .observe = metrics_.ObserveCalls()});
    RETURN_IF_ERROR(engine_->Bind(server_.get()));
    RETURN_IF_ERROR(feed::CheckRetention(options_.retention));
    RETURN_IF_ERROR(writes_->Run(absl::Now() + absl::Seconds(30), [](postgres::Session& session) {
      return feed::RenewEpoch(session, absl::Now()).status();
    }));
    if (options_.feed_buckets > 0)
      RETURN_IF_ERROR(engine_->SetFeedBuckets(options_.feed_buckets, absl::Now() + absl::Seconds(30)));
    metrics_.AddMethods(server_->methods());
    RETURN_IF_ERROR(server_->Start());
    imports_->Start();
    exports_->Start();
    jobs_ = std::make_unique<Jobs>(Jobs::Options{
        .engine = engine_.get(),
        .reads = reads_.get(),
        .retention = options_.retention,
        .observe_head =
            [observe = metrics_.ObserveFeed(), feed = feed_.get()](int bucket, int64_t position) {
              observe(bucket, position);
              feed->consumers().SetHead(bucket, position);
            },
        .observe_purged = metrics_.ObservePurged(),
        .purge = [this](absl::Time deadline) { return PurgeSome(deadline); }});
    return StartMetrics();
  }

  void Drain(absl::Duration limit) {
    const absl::Time end = absl::Now() + limit;
    const auto left = [end] { return std::max(end - absl::Now(), absl::ZeroDuration()); };
    server_->SetServing(false);
    jobs_->Stop();  // Calls are not taken any longer while the job under way ends.
    server_->Drain(left());
    for (const auto& following : followings_) following->Stop();
    imports_->Stop();
    exports_->Stop();
    jobs_.reset();
    access_log_->Flush(end);  // A pool that drains takes no more entries.
    forwarder_.reset();
    reads_->Drain(left());
    writes_->Drain(left());
  }

  std::string MetricsText() const { return prometheus::TextSerializer().Serialize(metrics_.Collect()); }

 private:
  absl::Status KeepContent(const Definition& definition) {
    if (!definition.content.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(content_, content::DiskStore::Make({.folder = options_.content_dir}));
    definition.content->add(*engine_, content_.get());
    collect_ = definition.content->collect;
    return absl::OkStatus();
  }

  absl::StatusOr<bool> PurgeSome(absl::Time deadline) {
    ASSIGN_OR_RETURN(bool more, imports_->PurgeSome(deadline));
    if (collect_ == nullptr) return more;
    RETURN_IF_ERROR(writes_->Run(deadline, [&](postgres::Session& session) -> absl::Status {
      ASSIGN_OR_RETURN(const bool contents,
                       collect_(content_.get(), session, absl::Now() + base::AheadForTest()));
      more = more || contents;
      return absl::OkStatus();
    }));
    return more;
  }

  std::unique_ptr<postgres::Database> Pool(const std::string& name, int workers) {
    postgres::Database::Options options;
    options.connection = options_.database;
    options.search_path = options_.schema;
    options.workers = workers;
    options.name = name;
    metrics_.ObservePool(&options);
    auto pool = std::make_unique<postgres::Database>(std::move(options));
    metrics_.WatchPool(name, pool.get());
    return pool;
  }

  void FollowIdentity() {
    identity_ = std::make_unique<rpc::Client>(rpc::Client::Options{options_.identity, 1});
    verifier_ = std::make_unique<access::TokenVerifier>(access::TokenProfile());
    grants_ = std::make_unique<access::GrantCache>(verifier_.get());
    access::GrantFollower::Options follow;
    follow.identity = identity_.get();
    follow.credentials = options_.credentials;
    follow.grants = grants_.get();
    follower_ = std::make_unique<access::GrantFollower>(follow);
    authenticator_ =
        std::make_unique<access::TokenAuthenticator>(verifier_.get(), grants_.get(), follower_->Fetch());
  }

  absl::Status FollowServices(const Definition& definition,
                              const std::shared_ptr<const contract::Contract>& contract) {
    for (const Follow& follow : definition.follows) {
      const auto address = options_.follow.find(follow.package);
      if (address == options_.follow.end())
        return absl::InvalidArgumentError(absl::StrCat("--follow must name the address of ", follow.package));
      if (token_ == nullptr)
        token_ = std::make_unique<access::ClientToken>(identity_.get(), options_.credentials);
      projections_.push_back(Pool("projection_" + follow.projection.name, Following::kWorkers));
      Following::Options options;
      options.address = address->second;
      options.authorize = [this](absl::Time deadline) { return token_->Authorization(deadline); };
      options.refused = [this](const std::string& token) { token_->Refused(token); };
      options.database = projections_.back().get();
      options.moved = resource::StampWhatHangsOn(contract, follow.package);
      ASSIGN_OR_RETURN(auto following, Following::Start(follow, std::move(options)));
      following->Watch(&metrics_);
      followings_.push_back(std::move(following));
    }
    return absl::OkStatus();
  }

  std::vector<resource::Followed> Followed() const {
    std::vector<resource::Followed> followed;
    for (const auto& following : followings_) followed.push_back(following->followed());
    return followed;
  }

  absl::Status StartMetrics() {
    metrics_.WatchGauge("grpc_server_calls_running", "Calls under way",
                        [server = server_.get()] { return static_cast<double>(server->running()); });
    metrics_.WatchGauge("grpc_server_streams_open", "Streams under way",
                        [server = server_.get()] { return static_cast<double>(server->streams()); });
    metrics_.WatchCounter("lianqiao_access_log_dropped_total",
                          "Entries of the access log that could not be kept",
                          [log = access_log_.get()] { return static_cast<double>(log->dropped()); });
    metrics_.WatchConsumers(&feed_->consumers());
    metrics_.WatchImports(&imports_->tally());
    metrics_.WatchExports(&exports_->tally());
    metrics_.WatchGauge("lianqiao_grants_fresh", "1 while identity was heard of within 30 s",
                        [grants = grants_.get()] { return grants->fresh() ? 1.0 : 0.0; });
    if (options_.metrics_listen.empty()) return absl::OkStatus();
    std::vector<MetricsServer::Check> checks = {{"database", [this] { return reads_->load().connected > 0; }},
                                                {"identity", [this] { return grants_->fresh(); }}};
    for (const auto& following : followings_)
      checks.emplace_back(following->projection().name(), [one = following.get()] { return one->IsReady(); });
    ASSIGN_OR_RETURN(metrics_server_,
                     MetricsServer::Start(
                         options_.metrics_listen, [this] { return metrics_.Collect(); }, std::move(checks)));
    return absl::OkStatus();
  }

  const Options options_;
  ServiceMetrics metrics_;
  std::unique_ptr<postgres::Database> reads_;
  std::unique_ptr<postgres::Database> writes_;
  std::unique_ptr<rpc::Client> identity_;
  std::unique_ptr<access::TokenVerifier> verifier_;
  std::unique_ptr<access::GrantCache> grants_;
  std::unique_ptr<access::GrantFollower> follower_;
  std::unique_ptr<access::TokenAuthenticator> authenticator_;
  std::unique_ptr<access::ClientToken> token_;
  std::vector<std::unique_ptr<postgres::Database>> projections_;  // One for each of those who follow.
  std::vector<std::unique_ptr<Following>> followings_;
  std::unique_ptr<access::AccessLog> access_log_;
  std::unique_ptr<access::Denials> denials_;
  std::unique_ptr<access::AccessLogForwarder> forwarder_;
  std::unique_ptr<content::Store> content_;
  decltype(KeepsContent::collect) collect_;
  std::unique_ptr<resource::Engine> engine_;
  std::unique_ptr<sync::FeedService> feed_;
  std::unique_ptr<bulk::Imports> imports_;
  std::unique_ptr<bulk::Exports> exports_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<Jobs> jobs_;
  std::unique_ptr<MetricsServer> metrics_server_;
};

Process::Process(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Process::~Process() = default;

absl::StatusOr<std::unique_ptr<Process>> Process::Start(const Definition& definition, Options options) {
  auto parts = std::make_unique<Parts>(definition.name, std::move(options));
  RETURN_IF_ERROR(parts->Start(definition));
  return std::unique_ptr<Process>(new Process(std::move(parts)));
}

std::string Process::MetricsText() const {
  return parts_->MetricsText();
}
void Process::Drain(absl::Duration limit) {
  parts_->Drain(limit);
}

}  // namespace lianqiao::runtime
