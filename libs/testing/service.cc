// SPDX-License-Identifier: Apache-2.0
#include "libs/testing/service.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/resource/foreign_scope.h"

namespace lianqiao::testing {
namespace {

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "the test service does not start: %s\n", status.ToString().c_str());
  std::abort();
}

std::unique_ptr<postgres::Database> Pool(const TestDatabase& database, const char* name, int workers,
                                         std::atomic<int64_t>* statements = nullptr) {
  postgres::Database::Options options;
  options.connection = database.connection();
  options.search_path = database.schema();
  options.workers = workers;
  options.name = name;
  if (statements != nullptr)
    options.observe_query = [statements](const std::string&, double, bool) { ++*statements; };
  return std::make_unique<postgres::Database>(options);
}

std::string Schema(const std::string& name) {
  std::string schema = name;
  for (char& c : schema) c = c == '-' ? '_' : c;
  return schema;
}

}  // namespace

absl::Time TestClock::Now() const {
  return absl::Now() + offset_;
}

TestService::TestService(const runtime::Definition& definition, const std::vector<TestService*>& followed)
    : package_(definition.packages.front()),
      database_(Schema(definition.name), resource::WithEngine(definition.migrations)),
      reads_(Pool(database_, "read", 4)),
      writes_(Pool(database_, "write", 8, write_statements_.get())) {
  std::vector<std::string> packages = definition.packages;
  packages.push_back(sync::kPackage);
  auto contract = contract::Contract::Load(packages);
  Require(contract.status());
  contract_ = *contract;
  AddCaller("operator", access::testing::MakeOperator());
  resource::Engine::Options options;
  options.contract = contract_;
  options.reads = reads_.get();
  options.writes = writes_.get();
  options.authenticator = &authenticator_;
  access::AccessLog::Options log;
  log.database = writes_.get();
  access_log_ = std::make_unique<access::AccessLog>(log);
  options.access_log = access_log_.get();
  options.clock = &clock_;
  options.on_commit = [this] { feed_->OnCommit(); };
  Follow(definition, followed);
  for (const auto& following : followings_) options.followed.push_back(following->followed());
  engine_ = std::make_unique<resource::Engine>(options);
  const std::string service = sync::ServiceName(definition.packages.front());
  feed_ = std::make_unique<sync::FeedService>(engine_.get(), sync::FeedService::Options{.service = service});
  exports_ = std::make_unique<bulk::Exports>(feed_.get(), bulk::Exports::Options());
  exports_->Bind();
  imports_ = std::make_unique<bulk::Imports>(feed_.get());
  imports_->Bind();
  definition.add(*engine_);  // A test may bind these methods to parts of its own.
  KeepContent(definition);
  rpc::Server::Options server;
  server.listen = {"127.0.0.1:0"};
  server.reflection = false;
  server_ = std::make_unique<rpc::Server>(server);
  Require(engine_->Bind(server_.get()));
  Require(server_->Start());
  client_ = std::make_unique<rpc::Client>(rpc::Client::Options{address(), 1});
}

TestService::~TestService() {
  server_->Drain(absl::Seconds(2));
  for (const auto& following : followings_) following->Stop();
}

TestService::Folder::~Folder() {
  if (!path.empty()) std::filesystem::remove_all(path);
}

void TestService::KeepContent(const runtime::Definition& definition) {
  if (!definition.content.has_value()) return;
  folder_.path = std::filesystem::temp_directory_path() / "lianqiao-content-XXXXXX";
  if (mkdtemp(folder_.path.data()) == nullptr) Require(absl::InternalError("no folder for files"));
  auto store = content::DiskStore::Make({.folder = folder_.path});
  Require(store.status());
  content_ = *std::move(store);
  collect_ = definition.content->collect;
  definition.content->add(*engine_, content_.get());
}

bool TestService::CollectContent() {
  bool more = false;
  Require(writes_->Run(absl::Now() + absl::Seconds(60), [&](postgres::Session& session) -> absl::Status {
    ASSIGN_OR_RETURN(more, collect_(content_.get(), session, clock_.Now()));
    return absl::OkStatus();
  }));
  return more;
}

void TestService::Follow(const runtime::Definition& definition, const std::vector<TestService*>& followed) {
  if (definition.follows.empty()) return;
  projections_ = Pool(database_, "projection",
                      runtime::Following::kWorkers * static_cast<int>(definition.follows.size()));
  for (const runtime::Follow& follow : definition.follows) {
    const auto service = std::find_if(followed.begin(), followed.end(),
                                      [&](const auto* one) { return one->package_ == follow.package; });
    if (service == followed.end()) Require(absl::InvalidArgumentError(follow.package + " is not there"));
    runtime::Following::Options options;
    options.address = (*service)->address();
    options.authorize = [](absl::Time) { return std::string("Bearer operator"); };
    options.database = projections_.get();
    options.moved = resource::StampWhatHangsOn(contract_, follow.package);
    auto following = runtime::Following::Start(follow, std::move(options));
    Require(following.status());
    followings_.push_back(*std::move(following));
  }
}

void TestService::CatchUp() {
  for (const auto& following : followings_) {
    const absl::Time end = absl::Now() + absl::Seconds(30);
    absl::Status status = absl::UnavailableError("has not caught up once");
    while (!status.ok() && absl::Now() < end) {
      // Whoever waits for a position waits for everything that is committed.
      status = following->projection().lag().ready
                   ? following->projection().Wait(0, std::numeric_limits<int64_t>::max(), end)
                   : status;
      if (!status.ok()) absl::SleepFor(absl::Milliseconds(20));
    }
    Require(status);
  }
}

std::string TestService::address() const {
  return absl::StrCat("127.0.0.1:", server_->port(0));
}

rpc::Answer TestService::Raw(const std::string& method, const std::string& request, const std::string& token,
                             rpc::Client::Metadata metadata) {
  const std::string path = method[0] == '/' ? method : absl::StrCat("/", package_, ".", method);
  if (!token.empty()) metadata.emplace_back(rpc::kAuthorization, "Bearer " + token);
  metadata.emplace_back(rpc::kAcceptLanguage, "en");
  return client_->CallAndWait(path, request, metadata, absl::Now() + absl::Seconds(30));
}

absl::Status TestService::Invoke(const std::string& method, const google::protobuf::Message& request,
                                 google::protobuf::Message* response, const std::string& token) {
  const rpc::Answer answer = Raw(method, request.SerializeAsString(), token);
  if (answer.status.ok() && !response->ParseFromString(answer.bytes))
    return absl::DataLossError("bad answer");
  return answer.status;
}

absl::StatusOr<postgres::Result> TestService::Query(const std::string& sql) {
  absl::StatusOr<postgres::Result> result = absl::UnavailableError("not run");
  // Only against hanging for ever: filling 100,000 rows on a busy machine is no failure.
  const absl::Status status = reads_->Run(absl::Now() + absl::Seconds(60), [&](postgres::Session& session) {
    result = session.Execute({"test_query", sql, false}, {});
    return result.status();
  });
  if (!status.ok()) return status;
  return result;
}

}  // namespace lianqiao::testing
