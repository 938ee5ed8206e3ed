// SPDX-License-Identifier: Apache-2.0
// Imports and exports of several services, over real gRPC, with the groups of jobs in a real database.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lianqiao/sync/v1/export.pb.h"
#include "lianqiao/sync/v1/import.pb.h"
#include "libs/base/ids.h"
#include "libs/testing/postgres.h"
#include "services/gateway/sync/job_methods.h"
#include "services/gateway/sync/testdata/sync_fixture.h"
#include "services/gateway/sync/upload.h"

namespace lianqiao::gateway::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A service that keeps what it is sent. A line that holds "bad" is refused.
class FakeJobs {
 public:
  FakeJobs(const std::string& name, const std::string& folder) : name_(name) {
    rpc::Server::Options options;
    options.listen = {target(folder)};
    server_ = std::make_unique<rpc::Server>(options);
    BindImports();
    BindExports();
    EXPECT_TRUE(server_->Start().ok());
  }
  ~FakeJobs() { server_->Drain(absl::Milliseconds(200)); }

  ServiceAddress address(const std::string& folder) const {
    return {name_, target(folder), {name_ + "_kind"}};
  }
  std::string target(const std::string& folder) const { return "unix:" + folder + "/" + name_ + ".sock"; }

  // By id, thread-safe enough: tests look when nothing runs.
  std::map<std::string, std::string> contents;
  std::map<std::string, v1::Import> imports;
  std::map<std::string, v1::Export> exports;
  absl::Status failure;
  std::mutex mutex;

 private:
  struct Receiving {
    v1::ImportOptions options;
    std::string content;
    std::shared_ptr<rpc::ServerStream> stream;
    bool gone = false;
  };
  static absl::Status NotFound() {
    return base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::RESOURCE_NOT_FOUND,
                      {{"kind", "import"}});
  }

  void Receive(const std::shared_ptr<Receiving>& receiving) {
    receiving->stream->Read([this, receiving](const std::optional<std::string>& bytes) {
      const std::lock_guard lock(mutex);
      if (!failure.ok()) return receiving->stream->Finish(failure);
      if (receiving->gone) return;
      if (!bytes.has_value()) return Store(receiving);
      v1::ImportRecordsRequest request;
      request.ParseFromString(*bytes);
      if (request.has_options()) receiving->options = request.options();
      if (request.has_chunk()) {
        EXPECT_EQ(request.chunk().offset(), static_cast<int64_t>(receiving->content.size()));
        EXPECT_LE(request.chunk().content().size(), size_t{1} << 20);
        receiving->content += request.chunk().content();
      }
      Receive(receiving);
    });
  }

  void Store(const std::shared_ptr<Receiving>& receiving) {
    v1::Import import;
    const std::string key =
        receiving->options.request_id().empty() ? receiving->content : receiving->options.request_id();
    import.set_id(base::ImportedId(name_, "import", key));
    import.set_state(v1::Import::STATE_QUEUED);
    *import.mutable_options() = receiving->options;
    import.set_received_bytes(static_cast<int64_t>(receiving->content.size()));
    import.mutable_create_time()->set_seconds(
        static_cast<int64_t>(100 + imports.size() * 10 + (name_ == "a")));
    imports.emplace(import.id(), import);
    contents[import.id()] = receiving->content;
    const auto stream = receiving->stream;
    stream->Write(imports[import.id()].SerializeAsString(),
                  [stream](bool) { stream->Finish(absl::OkStatus()); });
  }

  template <typename Request, typename Job>
  void BindOne(const char* path, std::map<std::string, Job>* jobs, typename Job::State state) {
    server_->Bind(path, [this, jobs, state](const auto&, const std::string& bytes, const rpc::Done& done) {
      const std::lock_guard lock(mutex);
      Request request;
      request.ParseFromString(bytes);
      const auto found = jobs->find(request.id());
      if (found == jobs->end()) return done(NotFound());
      if (state != Job::STATE_UNSPECIFIED) found->second.set_state(state);
      rpc::Reply reply;
      reply.bytes = found->second.SerializeAsString();
      done(std::move(reply));
    });
  }

  void BindImports() {
    server_->BindStream(kImportRecords, [this](const auto&, std::shared_ptr<rpc::ServerStream> stream) {
      auto receiving = std::make_shared<Receiving>();
      receiving->stream = std::move(stream);
      receiving->stream->OnCancel([this, receiving] {
        const std::lock_guard lock(mutex);
        receiving->gone = true;
      });
      Receive(receiving);
    });
    BindOne<v1::GetImportRequest>(kGetImport, &imports, v1::Import::STATE_UNSPECIFIED);
    BindOne<v1::CancelImportRequest>(kCancelImport, &imports, v1::Import::STATE_CANCELLED);
    server_->Bind(kListImports, [this](const auto&, const std::string& bytes, const rpc::Done& done) {
      const std::lock_guard lock(mutex);
      v1::ListImportsRequest request;
      request.ParseFromString(bytes);
      std::multimap<int64_t, v1::Import, std::greater<>> newest;
      for (const auto& [id, import] : imports) newest.emplace(import.create_time().seconds(), import);
      v1::ListImportsResponse response;
      int skip = request.page_token().empty() ? 0 : std::stoi(request.page_token());
      const int end = skip + request.page_size();
      int at = 0;
      for (const auto& [time, import] : newest) {
        if (at >= skip && at < end) *response.add_imports() = import;
        ++at;
      }
      if (at > end) response.set_next_page_token(std::to_string(end));
      rpc::Reply reply;
      reply.bytes = response.SerializeAsString();
      done(std::move(reply));
    });
    // Every line that holds "bad", one a page.
    server_->Bind(kListImportErrors, [this](const auto&, const std::string& bytes, const rpc::Done& done) {
      const std::lock_guard lock(mutex);
      v1::ListImportErrorsRequest request;
      request.ParseFromString(bytes);
      if (contents.count(request.id()) == 0) return done(NotFound());
      v1::ListImportErrorsResponse response;
      int64_t line = 0;
      const int64_t after = request.page_token().empty() ? 0 : std::stoll(request.page_token());
      for (const auto text : absl::StrSplit(contents[request.id()], '\n')) {
        if (++line <= after || text.find("bad") == absl::string_view::npos) continue;
        if (response.errors_size() == 1) {
          response.set_next_page_token(std::to_string(response.errors(0).line()));
          break;
        }
        response.add_errors()->set_line(line);
      }
      rpc::Reply reply;
      reply.bytes = response.SerializeAsString();
      done(std::move(reply));
    });
    server_->BindStream(
        kReadRefusedLines, [this](const auto&, const std::shared_ptr<rpc::ServerStream>& stream) {
          stream->Read([this, stream](const std::optional<std::string>& bytes) {
            const std::lock_guard lock(mutex);
            v1::ReadRefusedLinesRequest request;
            request.ParseFromString(bytes.value_or(""));
            if (contents.count(request.id()) == 0) return stream->Finish(NotFound());
            v1::ReadRefusedLinesResponse response;
            response.set_content_type("application/x-ndjson");
            for (const auto text : absl::StrSplit(contents[request.id()], '\n')) {
              if (text.find("bad") != absl::string_view::npos)
                response.set_content(absl::StrCat(response.content(), text, "\n"));
            }
            stream->Write(response.SerializeAsString(), [stream](bool) { stream->Finish(absl::OkStatus()); });
          });
        });
  }

  void BindExports() {
    server_->Bind(kCreateExport, [this](const auto&, const std::string& bytes, const rpc::Done& done) {
      const std::lock_guard lock(mutex);
      v1::CreateExportRequest request;
      request.ParseFromString(bytes);
      if (!failure.ok()) return done(failure);
      v1::Export created;
      created.set_id(base::ImportedId(name_, "export", request.request_id()));
      created.set_state(v1::Export::STATE_SUCCEEDED);
      *created.mutable_request() = request;
      created.add_files()->set_name("0001.ndjson.gz");
      created.set_cursor("cursor of " + name_);
      exports.emplace(created.id(), created);
      rpc::Reply reply;
      reply.bytes = created.SerializeAsString();
      done(std::move(reply));
    });
    BindOne<v1::GetExportRequest>(kGetExport, &exports, v1::Export::STATE_UNSPECIFIED);
    BindOne<v1::CancelExportRequest>(kCancelExport, &exports, v1::Export::STATE_CANCELLED);
    server_->BindStream(
        kReadExportFile, [this](const auto&, const std::shared_ptr<rpc::ServerStream>& stream) {
          stream->Read([this, stream](const std::optional<std::string>& bytes) {
            const std::lock_guard lock(mutex);
            v1::ReadExportFileRequest request;
            request.ParseFromString(bytes.value_or(""));
            if (exports.count(request.id()) == 0 || request.name() != "0001.ndjson.gz")
              return stream->Finish(NotFound());
            v1::ReadExportFileResponse response;
            response.set_content(absl::StrCat(name_, " from ", request.offset()));
            stream->AddMetadata(rpc::kFileEtag, "etag of " + name_);
            stream->Write(response.SerializeAsString(), [stream](bool) { stream->Finish(absl::OkStatus()); });
          });
        });
  }

  const std::string name_;
  std::unique_ptr<rpc::Server> server_;
};

// Of identity's schema only what is used here; it depends on nothing else there.
postgres::Migration OwnMigration() {
  std::stringstream sql;
  sql << std::ifstream("services/gateway/identity/migrations/0014_create_job_groups.sql").rdbuf();
  return {"0014_create_job_groups", sql.str()};
}

class JobsTest : public ::testing::Test {
 protected:
  JobsTest() : database_("identity", {OwnMigration()}) {
    std::filesystem::create_directories(folder_);
    SyncHost::Options options;
    options.listen = "unix:" + folder_ + "/sync.sock";
    options.authenticator = &authenticator_;
    options.connection = database_.connection();
    for (const char* name : {"a", "b", "c"}) {
      services_.push_back(std::make_unique<FakeJobs>(name, folder_));
      options.services.push_back(services_.back()->address(folder_));
    }
    auto host = SyncHost::Start(options);
    EXPECT_TRUE(host.ok()) << host.status();
    host_ = *std::move(host);
    client_ = std::make_unique<rpc::Client>(rpc::Client::Options{.target = options.listen});
  }
  ~JobsTest() override {
    host_.reset();
    services_.clear();
    std::filesystem::remove_all(folder_);
  }

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const char* path, const Request& request, const std::string& client = "a") {
    Response response;
    const absl::Status status =
        client_->CallAndWait(path, request, &response, {{"authorization", "Bearer good-" + client}},
                             absl::Now() + absl::Seconds(20));
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Import> Send(const v1::ImportOptions& options, const std::string& content,
                                  size_t piece = 100) {
    const auto stream =
        client_->Open(kImportRecords, {{"authorization", "Bearer good-a"}}, absl::InfiniteFuture());
    v1::ImportRecordsRequest request;
    *request.mutable_options() = options;
    bool open = stream->WriteAndWait(request.SerializeAsString());
    for (size_t at = 0; at < content.size() && open; at += piece) {
      request.mutable_chunk()->set_offset(static_cast<int64_t>(at));
      request.mutable_chunk()->set_content(content.substr(at, piece));
      open = stream->WriteAndWait(request.SerializeAsString());
    }
    if (open) stream->WritesDone();
    const auto import = Next<v1::Import>(stream.get());
    if (!import.has_value()) return stream->status();
    EXPECT_FALSE(stream->ReadAndWait().has_value());
    EXPECT_TRUE(stream->status().ok()) << stream->status();
    return *import;
  }
  absl::StatusOr<v1::Import> Get(const std::string& id, const std::string& client = "a") {
    v1::GetImportRequest request;
    request.set_id(id);
    return Call<v1::Import>(kGetImport, request, client);
  }
  template <typename Request, typename Response>
  std::pair<std::string, absl::Status> File(const char* path, const Request& request) {
    const auto stream = client_->Open(path, {{"authorization", "Bearer good-a"}}, absl::InfiniteFuture());
    if (stream->WriteAndWait(request.SerializeAsString())) stream->WritesDone();
    std::string content;
    while (const auto message = Next<Response>(stream.get())) content += message->content();
    etag_.clear();
    for (const auto& [name, value] : stream->metadata()) {
      if (name == rpc::kFileEtag) etag_ = value;
    }
    return {content, stream->status()};
  }

  testing::TestDatabase database_;
  const std::string folder_ = absl::StrCat("/tmp/syncjobs-", base::RandomId().substr(0, 8));
  std::vector<std::unique_ptr<FakeJobs>> services_;
  FakeAuthenticator authenticator_;
  std::unique_ptr<SyncHost> host_;
  std::unique_ptr<rpc::Client> client_;
  std::string etag_;  // Of the last file.
};

constexpr char kMixed[] =
    "{\"kind\":\"a_kind\",\"record\":{}}\n"
    "{\"kind\":\"b_kind\",\"record\":\"bad\"}\n"
    "{\"kind\":\"b_kind\",\"record\":{}}\n"
    "{\"kind\":\"a_kind\",\"record\":\"bad\"}\n"
    "{\"kind\":\"a_kind\",\"record\":\"bad too\"}\n";

TEST_F(JobsTest, ASubmissionOfOneKindGoesToItsOwnerAsItIs) {
  v1::ImportOptions options;
  options.set_kind("b_kind");
  options.set_gzip(true);
  const std::string content = base::RandomBytes(700'000);
  const auto import = Send(options, content, 250'000);
  ASSERT_TRUE(import.ok()) << import.status();
  EXPECT_EQ(import->service(), "b");
  EXPECT_EQ(services_[1]->contents.at(import->id()), content);
  EXPECT_TRUE(services_[1]->imports.at(import->id()).options().gzip());
  EXPECT_THAT(services_[0]->imports, IsEmpty());
  const auto got = Get(import->id());
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->service(), "b");
}

TEST_F(JobsTest, ASubmissionOfSeveralServicesIsDividedAndIsOneImport) {
  v1::ImportOptions options;
  options.set_request_id("submission 1");
  const auto import = Send(options, kMixed);
  ASSERT_TRUE(import.ok()) << import.status();
  ASSERT_EQ(import->parts_size(), 2);
  EXPECT_EQ(import->parts(0).service(), "a");
  EXPECT_EQ(import->state(), v1::Import::STATE_QUEUED);
  EXPECT_EQ(services_[1]->contents.at(import->parts(1).id()),
            "\n{\"kind\":\"b_kind\",\"record\":\"bad\"}\n{\"kind\":\"b_kind\",\"record\":{}}\n");
  EXPECT_EQ(services_[1]->imports.at(import->parts(1).id()).options().request_id(), "submission 1");
  EXPECT_THAT(services_[2]->imports, IsEmpty());
  EXPECT_EQ(Send(options, kMixed)->id(), import->id()) << "a repetition is the same one";
  services_[0]->imports.at(import->parts(0).id()).set_state(v1::Import::STATE_SUCCEEDED);
  const auto got = Get(import->id());
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->state(), v1::Import::STATE_RUNNING);
  EXPECT_EQ(got->parts_size(), 2);
  EXPECT_EQ(Get(import->parts(1).id())->service(), "b") << "each part has its own id, too";
  EXPECT_EQ(Get(import->id(), "stranger").status().code(), absl::StatusCode::kNotFound);
  v1::CancelImportRequest cancel;
  cancel.set_id(import->id());
  EXPECT_EQ(Call<v1::Import>(kCancelImport, cancel)->state(), v1::Import::STATE_CANCELLED);
  EXPECT_EQ(services_[1]->imports.at(import->parts(1).id()).state(), v1::Import::STATE_CANCELLED);
}

TEST_F(JobsTest, WhatWasRefusedComesFromAllPartsWithTheLinesOfTheFile) {
  const auto import = Send({}, kMixed, 7);
  ASSERT_TRUE(import.ok()) << import.status();
  v1::ListImportErrorsRequest request;
  request.set_id(import->id());
  std::vector<int64_t> lines;
  do {
    const auto page = Call<v1::ListImportErrorsResponse>(kListImportErrors, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& error : page->errors()) lines.push_back(error.line());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && lines.size() < 10);
  EXPECT_THAT(lines, ElementsAre(4, 5, 2));
  request.set_page_token("forged");
  EXPECT_EQ(Call<v1::ListImportErrorsResponse>(kListImportErrors, request).status().code(),
            absl::StatusCode::kInvalidArgument);
  v1::ReadRefusedLinesRequest read;
  read.set_id(import->id());
  const auto refused =
      File<v1::ReadRefusedLinesRequest, v1::ReadRefusedLinesResponse>(kReadRefusedLines, read);
  ASSERT_TRUE(refused.second.ok()) << refused.second;
  EXPECT_EQ(refused.first,
            "{\"kind\":\"a_kind\",\"record\":\"bad\"}\n{\"kind\":\"a_kind\",\"record\":\"bad too\"}\n"
            "{\"kind\":\"b_kind\",\"record\":\"bad\"}\n");
  read.set_id(import->parts(1).id());
  const auto part = File<v1::ReadRefusedLinesRequest, v1::ReadRefusedLinesResponse>(kReadRefusedLines, read);
  EXPECT_EQ(part.first, "{\"kind\":\"b_kind\",\"record\":\"bad\"}\n");
}

TEST_F(JobsTest, RefusesWhatCannotBeDivided) {
  v1::ImportOptions options;
  options.set_atomic(true);
  const auto atomic = Send(options, kMixed);
  EXPECT_EQ(atomic.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(base::FailureOf(atomic.status()).violations(0).field(), "options.atomic");
  EXPECT_TRUE(Send(options, "{\"kind\":\"b_kind\"}\n").ok()) << "of one service it can be";
  options.Clear();
  options.set_format(v1::ImportOptions::FORMAT_CSV);
  EXPECT_EQ(Send(options, "id\n1\n").status().code(), absl::StatusCode::kInvalidArgument);
  options.Clear();
  options.set_kind("nothing");
  EXPECT_EQ(base::FailureOf(Send(options, "{}").status()).violations(0).field(), "options.kind");
  EXPECT_THAT(services_[0]->imports, IsEmpty()) << "nothing has begun";
}

TEST_F(JobsTest, NothingBeginsIfOneServiceRefusesItsPart) {
  services_[1]->failure = base::Fail(absl::StatusCode::kPermissionDenied,
                                     base::ErrorReason::PERMISSION_DENIED, {{"permission", "b.write"}});
  std::string content = kMixed;
  for (int i = 0; i < 5000; ++i) content += "{\"kind\":\"a_kind\",\"record\":{\"n\":1}}\n";
  const auto import = Send({}, content, 1000);
  EXPECT_EQ(import.status().code(), absl::StatusCode::kPermissionDenied) << import.status();
  EXPECT_THAT(services_[0]->imports, IsEmpty());
}

TEST_F(JobsTest, AnUnknownImportIsNotFoundAndOneOfAServiceThatIsAwayIsUnavailable) {
  const std::string id = base::RandomId();
  EXPECT_EQ(Get(id).status().code(), absl::StatusCode::kNotFound);
  services_[2].reset();
  const auto away = Get(id);
  EXPECT_EQ(away.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(base::FailureOf(away.status()).arguments().at("service"), "c");
}

TEST_F(JobsTest, ListsAreOneWithTheNewestFirst) {
  v1::ImportOptions options;
  std::set<std::string> sent;
  for (int i = 0; i < 7; ++i) {
    options.set_kind(i % 3 == 0 ? "a_kind" : "b_kind");
    options.set_request_id(std::to_string(i));
    sent.insert(Send(options, "{}\n")->id());
  }
  for (const int page_size : {1, 2, 3, 100}) {
    v1::ListImportsRequest request;
    request.set_page_size(page_size);
    std::set<std::string> seen;
    int64_t last = 1 << 20;
    do {
      const auto page = Call<v1::ListImportsResponse>(kListImports, request);
      ASSERT_TRUE(page.ok()) << page.status();
      EXPECT_LE(page->imports_size(), page_size);
      for (const auto& import : page->imports()) {
        EXPECT_TRUE(seen.insert(import.id()).second) << "once";
        EXPECT_LE(import.create_time().seconds(), last);
        EXPECT_FALSE(import.service().empty());
        last = import.create_time().seconds();
      }
      request.set_page_token(page->next_page_token());
      ASSERT_LE(seen.size(), sent.size());
    } while (!request.page_token().empty());
    EXPECT_EQ(seen, sent) << page_size;
  }
}

TEST_F(JobsTest, WhatComesBetweenTwoPagesOfAListMovesNothing) {
  v1::ImportOptions options;
  options.set_kind("a_kind");
  std::set<std::string> sent;
  for (int i = 0; i < 6; ++i) {
    options.set_request_id(std::to_string(i));
    sent.insert(Send(options, "{}\n")->id());
  }
  v1::ListImportsRequest request;
  request.set_page_size(2);
  std::set<std::string> seen;
  do {
    const auto page = Call<v1::ListImportsResponse>(kListImports, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& import : page->imports()) EXPECT_TRUE(seen.insert(import.id()).second) << "once";
    request.set_page_token(page->next_page_token());
    options.set_request_id(absl::StrCat("later ", seen.size()));
    ASSERT_TRUE(Send(options, "{}\n").ok());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, sent);
}

TEST_F(JobsTest, AnExportOfSeveralServicesIsOneWithOneCursor) {
  v1::CreateExportRequest request;
  request.set_request_id("export 1");
  request.add_kinds("a_kind");
  request.add_kinds("c_kind");
  const auto created = Call<v1::Export>(kCreateExport, request);
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_EQ(created->parts_size(), 2);
  EXPECT_EQ(UnpackCursor(created->cursor()), (Cursor{{"a", "cursor of a"}, {"c", "cursor of c"}}));
  EXPECT_EQ(created->files(1).name(), "c-0001.ndjson.gz");
  EXPECT_THAT(created->request().kinds(), ElementsAre("a_kind", "c_kind"));
  EXPECT_EQ(Call<v1::Export>(kCreateExport, request)->id(), created->id());
  v1::GetExportRequest get;
  get.set_id(created->id());
  EXPECT_EQ(Call<v1::Export>(kGetExport, get)->files_size(), 2);
  v1::ReadExportFileRequest read;
  read.set_id(created->id());
  read.set_offset(5);
  read.set_name("c-0001.ndjson.gz");
  const auto file = File<v1::ReadExportFileRequest, v1::ReadExportFileResponse>(kReadExportFile, read);
  EXPECT_EQ(file.first, "c from 5");
  EXPECT_EQ(etag_, "etag of c");
  read.set_id(created->parts(0).id());
  read.set_name("a-0001.ndjson.gz");
  EXPECT_EQ((File<v1::ReadExportFileRequest, v1::ReadExportFileResponse>(kReadExportFile, read)).first,
            "a from 5");
  for (const char* name : {"b-0001.ndjson.gz", "0001.ndjson.gz", "x-1"}) {
    read.set_id(created->id());
    read.set_name(name);
    EXPECT_EQ(
        (File<v1::ReadExportFileRequest, v1::ReadExportFileResponse>(kReadExportFile, read)).second.code(),
        absl::StatusCode::kNotFound)
        << name;
  }
}

TEST_F(JobsTest, AnExportThatOneServiceCannotBeginIsCancelledInTheOthers) {
  services_[1]->failure = absl::UnavailableError("away");
  const auto created = Call<v1::Export>(kCreateExport, v1::CreateExportRequest());
  EXPECT_EQ(created.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(Eventually([&] {
    const std::lock_guard lock(services_[0]->mutex);
    return services_[0]->exports.size() == 1 &&
           services_[0]->exports.begin()->second.state() == v1::Export::STATE_CANCELLED;
  }));
  services_[1]->failure = base::Fail(absl::StatusCode::kPermissionDenied,
                                     base::ErrorReason::PERMISSION_DENIED, {{"permission", "b.changes"}});
  const auto without = Call<v1::Export>(kCreateExport, v1::CreateExportRequest());
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_EQ(without->parts_size(), 2) << "what the caller may not read is left out";
}

}  // namespace
}  // namespace lianqiao::gateway::sync
