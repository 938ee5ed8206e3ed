// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/export_world.h"

#include <zlib.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/json/json.h"

namespace lianqiao::conformance {

using access::ScopeKind;
using access::testing::MakeCaller;
using access::testing::MakeGrant;
using sync::v1::CreateExportRequest;
using sync::v1::Export;

namespace {

constexpr char kService[] = "/lianqiao.sync.v1.ExportService/";

// Between two marks, the first occurrence.
std::string Between(const std::string& text, const std::string& before, const std::string& after) {
  const size_t begin = text.find(before);
  if (begin == std::string::npos) return "";
  const size_t from = begin + before.size();
  return text.substr(from, text.find(after, from) - from);
}

}  // namespace

ExportWorld::ExportWorld() {
  Grant("near", {near_id_});
  Grant("far", {far_id_});
}

void ExportWorld::Grant(const std::string& token, const std::vector<std::string>& jurisdictions,
                        const std::vector<std::string>& permissions) {
  if (callers_.count(token) == 0) callers_[token] = MakeCaller({});
  access::Caller& caller = callers_[token];
  auto grants = std::make_shared<access::ClientGrants>(*caller.grants);
  grants->grants.clear();
  for (const std::string& id : jurisdictions) {
    for (const std::string& permission : permissions)
      grants->grants.push_back(MakeGrant(permission, ScopeKind::kJurisdiction, id));
  }
  caller.grants = std::move(grants);
  service_.AddCaller(token, caller);
}

CreateExportRequest ExportWorld::Organisations(CreateExportRequest::Format format) {
  CreateExportRequest request;
  request.add_kinds("organisation");
  request.set_format(format);
  return request;
}

absl::StatusOr<Export> ExportWorld::Create(const CreateExportRequest& request, const std::string& token) {
  return service_.Call<Export>(absl::StrCat(kService, "CreateExport"), request, token);
}

Export ExportWorld::Get(const std::string& id, const std::string& token) {
  sync::v1::GetExportRequest request;
  request.set_id(id);
  const auto exported = service_.Call<Export>(absl::StrCat(kService, "GetExport"), request, token);
  EXPECT_TRUE(exported.ok()) << exported.status();
  return exported.ok() ? *exported : Export();
}

absl::StatusOr<Export> ExportWorld::Cancel(const std::string& id, const std::string& token) {
  sync::v1::CancelExportRequest request;
  request.set_id(id);
  return service_.Call<Export>(absl::StrCat(kService, "CancelExport"), request, token);
}

std::unique_ptr<bulk::Exports> ExportWorld::Runner(int64_t file_records_max) {
  bulk::Exports::Options options;
  options.file_records_max = file_records_max;
  return std::make_unique<bulk::Exports>(&service_.feed(), options);
}

void ExportWorld::Work(bulk::Exports* runner) {
  if (runner == nullptr) runner = &service_.exports();
  for (int round = 0; round < 100; ++round) {
    const auto more = runner->RunSome(absl::Now() + absl::Seconds(60));
    ASSERT_TRUE(more.ok()) << more.status();
    if (!*more) return;
  }
  FAIL() << "the exports have no end";
}

void ExportWorld::Steps(bulk::Exports* runner, int steps) {
  const auto more = runner->RunSome(absl::Now() + absl::Seconds(60), steps);
  ASSERT_TRUE(more.ok()) << more.status();
}

Export ExportWorld::Run(const CreateExportRequest& request, const std::string& token) {
  const auto created = Create(request, token);
  EXPECT_TRUE(created.ok()) << created.status();
  if (!created.ok()) return Export();
  EXPECT_EQ(created->state(), Export::STATE_QUEUED);
  Work();
  const Export exported = Get(created->id(), token);
  EXPECT_EQ(exported.state(), Export::STATE_SUCCEEDED);
  return exported;
}

FileAnswer ExportWorld::Read(const std::string& id, const std::string& name, const std::string& token,
                             int64_t offset) {
  sync::v1::ReadExportFileRequest request;
  request.set_id(id);
  request.set_name(name);
  request.set_offset(offset);
  const auto stream =
      service_.client().Open(absl::StrCat(kService, "ReadExportFile"),
                             {{rpc::kAuthorization, "Bearer " + token}, {rpc::kAcceptLanguage, "en"}},
                             absl::Now() + absl::Seconds(60));
  EXPECT_TRUE(stream->WriteAndWait(request.SerializeAsString()));
  stream->WritesDone();
  FileAnswer answer;
  for (auto bytes = stream->ReadAndWait(); bytes.has_value(); bytes = stream->ReadAndWait()) {
    sync::v1::ReadExportFileResponse piece;
    EXPECT_TRUE(piece.ParseFromString(*bytes));
    answer.bytes += piece.content();
    answer.pieces.push_back(piece.content().size());
  }
  answer.status = stream->status();
  for (const auto& [key, value] : stream->metadata()) answer.metadata[key] = value;
  return answer;
}

std::string ExportWorld::Text(const Export& exported, const sync::v1::ExportFile& file,
                              const std::string& token) {
  const FileAnswer answer = Read(exported.id(), file.name(), token);
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(static_cast<int64_t>(answer.bytes.size()), file.size_bytes());
  EXPECT_EQ(base::Hex(base::Sha256(answer.bytes)), file.sha256());
  return Inflate(answer.bytes);
}

void ExportWorld::Load(const Export& exported, FeedCopy* copy, const std::string& token) {
  int64_t records = 0;
  for (const auto& file : exported.files()) {
    int64_t lines = 0;
    for (const auto& part : absl::StrSplit(Text(exported, file, token), '\n', absl::SkipEmpty())) {
      const std::string line(part);
      const std::string kind = Between(line, "{\"kind\":\"", "\"");
      const size_t begin = line.find("\"record\":") + 9;
      const auto* resource = service_.contract().FindKind(kind);
      ASSERT_NE(resource, nullptr) << line;
      EXPECT_EQ(kind, file.kind());
      std::unique_ptr<google::protobuf::Message> record(resource->prototype->New());
      ASSERT_TRUE(json::JsonToMessage(line.substr(begin, line.size() - begin - 1), json::ReadOptions(),
                                      record.get(), nullptr)
                      .ok())
          << line;
      google::protobuf::Any any;
      any.PackFrom(*record);
      int64_t revision = 0;
      EXPECT_TRUE(absl::SimpleAtoi(Between(line, "\"revision\":\"", "\""), &revision)) << line;
      copy->Put(Between(line, "\"id\":\"", "\""), revision, any);
      ++lines;
    }
    EXPECT_EQ(lines, file.record_count()) << file.name();
    records += lines;
  }
  EXPECT_EQ(records, exported.record_count());
  copy->SetCursor(exported.cursor());
}

std::map<std::string, int64_t> ExportWorld::Held(const std::string& jurisdiction_id) {
  const auto rows = service_.Query("SELECT id, revision FROM organisation WHERE delete_time IS NULL AND '" +
                                   jurisdiction_id + "' = ANY(scope)");
  std::map<std::string, int64_t> revisions;
  for (int i = 0; rows.ok() && i < rows->rows(); ++i) revisions[rows->Text(i, 0)] = rows->Integer(i, 1);
  return revisions;
}

void ExportWorld::Multiply(const std::string& name, int copies) {
  // In steps, each well within a statement's time; the record is made once per row, not once per column.
  constexpr int kStep = 5000;
  for (int left = copies; left > 0; left -= kStep) {
    const auto done = service_.Query(absl::StrCat(
        "INSERT INTO organisation SELECT (made.record).* FROM (SELECT jsonb_populate_record(source.o,"
        " jsonb_build_object('id', gen_random_uuid(), 'short_name', gen_random_uuid()::text)) AS record FROM"
        " (SELECT o FROM organisation o WHERE o.name = '",
        name, "' ORDER BY o.id LIMIT 1) source, generate_series(1, ", std::min(left, kStep), ")) made"));
    ASSERT_TRUE(done.ok()) << done.status();
  }
}

std::string Inflate(const std::string& gzip) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string text;
  std::string piece(1 << 16, '\0');
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(piece, 0, piece.size() - stream.avail_out);
  }
  EXPECT_EQ(result, Z_STREAM_END);
  inflateEnd(&stream);
  return text;
}

std::vector<std::vector<std::string>> ParseCsv(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row(1);
  bool quoted = false;
  const size_t begin = text.rfind("\xEF\xBB\xBF", 0) == 0 ? 3 : 0;
  for (size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      row.back().push_back(text[++i]);
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      row.emplace_back();
    } else if (!quoted && c == '\r') {
      EXPECT_EQ(text.substr(i, 2), "\r\n");
      rows.push_back(std::move(row));
      row.assign(1, "");
      ++i;
    } else {
      row.back().push_back(c);
    }
  }
  EXPECT_FALSE(quoted);
  EXPECT_EQ(row, std::vector<std::string>(1)) << "the last line ends too";
  return rows;
}

}  // namespace lianqiao::conformance
