// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/import_world.h"

#include "absl/strings/str_cat.h"
#include "libs/rpc/client.h"

namespace lianqiao::conformance {

namespace {

constexpr char kPath[] = "/lianqiao.sync.v1.ImportService/";

rpc::Client::Metadata Token(const std::string& token) {
  return {{rpc::kAuthorization, "Bearer " + token}, {rpc::kAcceptLanguage, "en"}};
}

sync::ImportRecordsRequest First(const sync::ImportOptions& options) {
  sync::ImportRecordsRequest first;
  *first.mutable_options() = options;
  return first;
}

absl::StatusOr<sync::Import> Answer(rpc::ClientStream* stream) {
  stream->WritesDone();
  sync::Import import;
  const auto answer = stream->ReadAndWait();
  if (answer.has_value() && !import.ParseFromString(*answer)) return absl::DataLossError("bad answer");
  if (answer.has_value()) stream->ReadAndWait();
  if (!stream->status().ok()) return stream->status();
  return import;
}

}  // namespace

ImportService::ImportService(runtime::Definition definition) {
  definition.packages.push_back("lianqiao.sync.v1");
  service_ = std::make_unique<testing::TestService>(definition);
  imports_ = std::make_unique<bulk::Imports>(&service_->feed());  // Its methods the service has bound.
}

ImportService::~ImportService() {
  imports_.reset();
  dead_.clear();
}

void ImportService::Restart() {
  dead_.push_back(std::move(imports_));
  imports_ = std::make_unique<bulk::Imports>(&service_->feed());
  service_->clock().Advance(absl::Minutes(1));  // The lease of the dead runs out.
}

absl::StatusOr<sync::Import> ImportService::Send(const sync::ImportOptions& options,
                                                 const std::string& content, const std::string& token,
                                                 size_t piece, int64_t offset) {
  rpc::Client client({service_->address(), 1});
  const auto stream =
      client.Open(absl::StrCat(kPath, "ImportRecords"), Token(token), absl::Now() + absl::Seconds(120));
  bool open = stream->WriteAndWait(First(options).SerializeAsString());
  for (size_t at = 0; open && at < content.size(); at += piece) {
    sync::ImportRecordsRequest next;
    next.mutable_chunk()->set_offset(offset + static_cast<int64_t>(at));
    next.mutable_chunk()->set_content(content.substr(at, piece));
    open = stream->WriteAndWait(next.SerializeAsString());
  }
  return Answer(stream.get());
}

void ImportService::SendAndBreak(const sync::ImportOptions& options, const std::string& content) {
  rpc::Client client({service_->address(), 1});
  const auto stream =
      client.Open(absl::StrCat(kPath, "ImportRecords"), Token("operator"), absl::Now() + absl::Seconds(60));
  stream->WriteAndWait(First(options).SerializeAsString());
  sync::ImportRecordsRequest next;
  next.mutable_chunk()->set_content(content);
  stream->WriteAndWait(next.SerializeAsString());
  // Until it has arrived; then the connection goes away.
  for (int i = 0; i < 200 && Value("SELECT count(*) FROM import") == "0"; ++i)
    absl::SleepFor(absl::Milliseconds(20));
  absl::SleepFor(absl::Milliseconds(200));
  stream->Cancel();
  stream->ReadAndWait();
  for (int i = 0; i < 200 && Value("SELECT coalesce(max(received_bytes), 0) FROM import") == "0"; ++i)
    absl::SleepFor(absl::Milliseconds(20));
}

absl::StatusOr<sync::Import> ImportService::SendRecords(const sync::ImportOptions& options,
                                                        const std::vector<sync::ImportRecord>& records) {
  rpc::Client client({service_->address(), 1});
  const auto stream =
      client.Open(absl::StrCat(kPath, "ImportRecords"), Token("operator"), absl::Now() + absl::Seconds(60));
  bool open = stream->WriteAndWait(First(options).SerializeAsString());
  for (size_t i = 0; open && i < records.size(); ++i) {
    sync::ImportRecordsRequest next;
    *next.mutable_record() = records[i];
    open = stream->WriteAndWait(next.SerializeAsString());
  }
  return Answer(stream.get());
}

void ImportService::Work() {
  for (bool more = true; more;) {
    const auto worked = imports_->RunSome(absl::Now() + absl::Seconds(600));
    ASSERT_TRUE(worked.ok()) << worked.status();
    more = *worked;
  }
}

void ImportService::Steps(int steps) {
  const auto worked = imports_->RunSome(absl::Now() + absl::Seconds(60), steps);
  ASSERT_TRUE(worked.ok()) << worked.status();
}

sync::Import ImportService::Get(const std::string& id, const std::string& token) {
  sync::GetImportRequest request;
  request.set_id(id);
  const auto import = service_->Call<sync::Import>(absl::StrCat(kPath, "GetImport"), request, token);
  EXPECT_TRUE(import.ok()) << import.status();
  return import.ok() ? *import : sync::Import();
}

sync::Import ImportService::Run(const sync::ImportOptions& options, const std::string& content,
                                const std::string& token) {
  const auto sent = Send(options, content, token);
  EXPECT_TRUE(sent.ok()) << sent.status();
  if (!sent.ok()) return sync::Import();
  EXPECT_EQ(sent->received_bytes(), static_cast<int64_t>(content.size()));
  Work();
  return Get(sent->id(), token);
}

std::vector<sync::ImportError> ImportService::ErrorsOf(const std::string& id, int page_size) {
  std::vector<sync::ImportError> errors;
  sync::ListImportErrorsRequest request;
  request.set_id(id);
  request.set_page_size(page_size);
  do {
    const auto page =
        service_->Call<sync::ListImportErrorsResponse>(absl::StrCat(kPath, "ListImportErrors"), request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) break;
    errors.insert(errors.end(), page->errors().begin(), page->errors().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return errors;
}

std::vector<std::string> ImportService::Errors(const std::string& id) {
  std::vector<std::string> told;
  for (const sync::ImportError& error : ErrorsOf(id)) {
    for (const sync::ImportProblem& problem : error.problems()) {
      told.push_back(absl::StrCat(error.line(), " ", problem.field(), " ", problem.reason()));
      EXPECT_NE(problem.message_zh(), "");
      EXPECT_NE(problem.message_en(), "");
      EXPECT_NE(problem.remedy_zh(), "");
      EXPECT_NE(problem.remedy_en(), "");
    }
  }
  return told;
}

std::string ImportService::RefusedLines(const std::string& id, std::string* content_type,
                                        size_t* largest_bytes) {
  rpc::Client client({service_->address(), 1});
  const auto stream = client.Open(absl::StrCat(kPath, "ReadRefusedLines"), Token("operator"),
                                  absl::Now() + absl::Seconds(60));
  sync::ReadRefusedLinesRequest request;
  request.set_id(id);
  stream->WriteAndWait(request.SerializeAsString());
  stream->WritesDone();
  std::string content;
  while (const auto bytes = stream->ReadAndWait()) {
    sync::ReadRefusedLinesResponse piece;
    EXPECT_TRUE(piece.ParseFromString(*bytes));
    content += piece.content();
    if (largest_bytes != nullptr) *largest_bytes = std::max(*largest_bytes, piece.content().size());
    if (content_type != nullptr && !piece.content_type().empty()) *content_type = piece.content_type();
  }
  EXPECT_TRUE(stream->status().ok()) << stream->status();
  return content;
}

std::string ImportService::Value(const std::string& sql) {
  const auto result = service_->Query(sql);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() && result->rows() > 0 && !result->IsNull(0, 0) ? result->Text(0, 0) : "";
}

std::string CountsOf(const sync::Import& import) {
  return absl::StrCat(import.created_count(), " ", import.updated_count(), " ", import.unchanged_count(), " ",
                      import.deleted_count(), " ", import.refused_count());
}

}  // namespace lianqiao::conformance
