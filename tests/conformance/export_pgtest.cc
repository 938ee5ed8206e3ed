// SPDX-License-Identifier: Apache-2.0
// ExportService of one service: what files hold, beside writers, changes of grants and processes that die.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/bulk/export_gzip.h"
#include "libs/bulk/export_methods.h"
#include "tests/conformance/export_world.h"

namespace lianqiao::conformance {
namespace {

using sync::v1::CreateExportRequest;
using sync::v1::Export;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kList[] = "/lianqiao.sync.v1.ExportService/ListExports";

class Exports : public ExportWorld {};

TEST_F(Exports, FilesAndTheTailHoldExactlyWhatTheScopeSays) {
  for (int i = 0; i < 6; ++i) School(absl::StrCat("学校", i), i % 2 == 0 ? near_id_ : far_id_);
  const std::string school = School("一小", near_id_).id();
  const Export exported = Run(Organisations());
  EXPECT_EQ(exported.service(), "registry");
  EXPECT_EQ(exported.record_count(), 4);
  ASSERT_EQ(exported.files_size(), 1);
  EXPECT_EQ(exported.files(0).name(), "00001-organisation.ndjson.gz");
  EXPECT_EQ(exported.files(0).kind(), "organisation");
  FeedCopy copy(&service_, "near", {"organisation"});
  Load(exported, &copy);
  EXPECT_EQ(copy.Revisions(), Held(near_id_));
  EXPECT_EQ(copy.Record<registry::Organisation>(school).SerializeAsString(),
            ExportWorld::RegistryWorld::Get(school)->SerializeAsString());
  EXPECT_THAT(copy.CatchUp(), IsEmpty());
  School("二小", near_id_);
  ASSERT_TRUE(Rename(school, "一", "").ok());
  EXPECT_EQ(copy.CatchUp().size(), 2u);
  EXPECT_EQ(copy.Revisions(), Held(near_id_));
}

TEST_F(Exports, WithoutKindsEverythingComesWithWhatIsReferredToFirst) {
  School("一小", near_id_);
  const Export exported = Run(CreateExportRequest());
  std::vector<std::string> kinds;
  for (const auto& file : exported.files()) kinds.push_back(file.kind());
  EXPECT_THAT(kinds, ElementsAre("jurisdiction", "organisation"));
  FeedCopy copy(&service_, "near");
  Load(exported, &copy);
  EXPECT_THAT(copy.CatchUp(), IsEmpty());
}

TEST_F(Exports, BesideWritersFilesAndTailEndAtTheTables) {
  for (int i = 0; i < 20; ++i) School(absl::StrCat("学校", i), i % 2 == 0 ? near_id_ : far_id_);
  Multiply("学校0", 5000);
  std::atomic<bool> writing{true};
  std::vector<std::thread> writers = StartWriters(4, &writing);
  absl::SleepFor(absl::Milliseconds(200));
  const auto created = Create(Organisations());
  const auto runner = Runner(1500);
  Work(runner.get());
  absl::SleepFor(absl::Milliseconds(200));
  writing = false;
  for (std::thread& writer : writers) writer.join();
  ASSERT_TRUE(created.ok()) << created.status();
  const Export exported = Get(created->id());
  ASSERT_EQ(exported.state(), Export::STATE_SUCCEEDED);
  EXPECT_GE(exported.files_size(), 4);
  FeedCopy copy(&service_, "near", {"organisation"});
  Load(exported, &copy);
  copy.CatchUp();
  const auto expected = Held(near_id_);
  EXPECT_GT(expected.size(), 5000u);
  EXPECT_EQ(copy.Revisions(), expected);
}

TEST_F(Exports, WhatHangsOnAMoveUnderWayIsWaitedFor) {
  const std::string school = School("总校", near_id_).id();
  auto campus = NewSchool("分校", near_id_);
  campus.mutable_organisation()->set_kind(registry::ORGANISATION_KIND_CAMPUS);
  campus.mutable_organisation()->set_parent_organisation_id(school);
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", campus).ok());
  Multiply("分校", 310);
  registry::UpdateOrganisationRequest move;
  move.mutable_organisation()->set_id(school);
  move.mutable_organisation()->set_jurisdiction_id(far_id_);
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/UpdateOrganisation", move).ok());
  ASSERT_GT(Count("SELECT count(*) FROM restamp_job"), 0);
  const auto created = Create(Organisations());
  ASSERT_TRUE(created.ok()) << created.status();
  Steps(&service_.exports(), 5);
  EXPECT_EQ(Get(created->id()).state(), Export::STATE_RUNNING);
  while (*service_.engine().RestampSome(absl::Now() + absl::Seconds(30)) > 0) continue;
  Work();
  const Export exported = Get(created->id());
  ASSERT_EQ(exported.state(), Export::STATE_SUCCEEDED);
  FeedCopy copy(&service_, "near", {"organisation"});
  Load(exported, &copy);
  copy.CatchUp();
  EXPECT_EQ(copy.Revisions(), Held(near_id_));
}

TEST_F(Exports, NobodyElseHasToDoWithThem) {
  School("一小", near_id_);
  EXPECT_EQ(Create(Organisations(), "stranger").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Create(Organisations(), "reader").status().code(), absl::StatusCode::kPermissionDenied)
      << "reading changes is a right of its own";
  const Export exported = Run(Organisations());
  const Export other = Run(Organisations(), "far");
  EXPECT_EQ(other.record_count(), 0);
  EXPECT_EQ(other.files_size(), 0);
  sync::v1::GetExportRequest get;
  get.set_id(exported.id());
  EXPECT_EQ(service_.Call<Export>("/lianqiao.sync.v1.ExportService/GetExport", get, "far").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Cancel(exported.id(), "far").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Read(exported.id(), exported.files(0).name(), "far").status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Read(exported.id(), "00002-organisation.ndjson.gz").status.code(), absl::StatusCode::kNotFound);
}

TEST_F(Exports, BadRequestsAreToldOf) {
  CreateExportRequest unknown;
  unknown.add_kinds("planet");
  EXPECT_EQ(ReasonOf(Create(unknown).status()), "KIND_UNKNOWN");
  CreateExportRequest place = Organisations();
  place.add_jurisdiction_ids("here");
  EXPECT_EQ(ReasonOf(Create(place).status()), "FIELD_BAD_FORMAT");
}

TEST_F(Exports, ARepetitionIsTheSameExportForSevenDays) {
  CreateExportRequest request = Organisations();
  request.set_request_id("r-1");
  const auto first = Create(request);
  ASSERT_TRUE(first.ok()) << first.status();
  request.add_kinds("organisation");  // The same twice is the same.
  const auto second = Create(request);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->id(), first->id());
  EXPECT_EQ(Count("SELECT count(*) FROM export"), 1);
  request.set_format(CreateExportRequest::FORMAT_CSV);
  EXPECT_EQ(Create(request).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(Create(request).status()), "REQUEST_ID_REUSED");
  Grant("near-too", {near_id_});
  EXPECT_NE(Create(request, "near-too")->id(), first->id()) << "of another client";
  service_.clock().Advance(absl::Hours(7 * 24 + 1));
  const auto later = Create(request);
  ASSERT_TRUE(later.ok()) << later.status();
  EXPECT_NE(later->id(), first->id());
}

TEST_F(Exports, AClientHasFourUnderWayAndTwentyKept) {
  std::vector<std::thread> clients;
  std::atomic<int> taken{0};
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      const auto created = Create(Organisations());
      if (created.ok()) ++taken;
      EXPECT_TRUE(created.ok() ||
                  base::FailureOf(created.status()).reason() == base::ErrorReason::TOO_MANY_UNFINISHED)
          << created.status();
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(taken.load(), bulk::kUnfinishedExportsMax);
  EXPECT_TRUE(Create(Organisations(), "far").ok()) << "of another client";
  Work();
  for (int i = bulk::kUnfinishedExportsMax; i < bulk::kKeptExportsMax; ++i) Run(Organisations());
  const auto refused = Create(Organisations());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(base::FailureOf(refused.status()).reason(), base::ErrorReason::TOO_MANY_KEPT);
  EXPECT_GT(base::FailureOf(refused.status()).retry_after_milliseconds(), 6 * 24 * 3600 * 1000);
  std::vector<std::string> ids;
  sync::v1::ListExportsRequest list;
  list.set_page_size(7);
  do {
    const auto page = service_.Call<sync::v1::ListExportsResponse>(kList, list, "near");
    ASSERT_TRUE(page.ok()) << page.status();
    for (const Export& shown : page->exports()) ids.push_back(shown.id());
    list.set_page_token(page->next_page_token());
    if (ids.size() == 7) {
      EXPECT_EQ(ReasonOf(service_.Call<sync::v1::ListExportsResponse>(kList, list, "far").status()),
                "PAGE_TOKEN_INVALID");
    }
  } while (!list.page_token().empty());
  EXPECT_EQ(ids.size(), 20u);
  EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend())) << "the newest first";
  ASSERT_TRUE(Cancel(ids.back()).ok());
  EXPECT_TRUE(Create(Organisations()).ok()) << "what is cancelled makes room";
}

TEST_F(Exports, AChangeOfGrantsInTheMiddleBeginsItAnew) {
  School("近", near_id_);
  School("远", far_id_);
  Multiply("近", 50);
  Multiply("远", 40);
  const auto created = Create(Organisations());
  ASSERT_TRUE(created.ok()) << created.status();
  const auto runner = Runner(20);
  Steps(runner.get(), 1);
  ASSERT_GT(Count("SELECT count(*) FROM export_file"), 0);
  Grant("near", {far_id_});
  Work(runner.get());
  const Export exported = Get(created->id());
  ASSERT_EQ(exported.state(), Export::STATE_SUCCEEDED);
  FeedCopy copy(&service_, "near", {"organisation"});
  Load(exported, &copy);
  EXPECT_EQ(copy.Revisions(), Held(far_id_));
  EXPECT_THAT(copy.CatchUp(), IsEmpty()) << "its cursor is of the grants that it was read with";
  EXPECT_EQ(Count("SELECT count(*) FROM export_chunk c WHERE NOT EXISTS (SELECT FROM export_file f"
                  " WHERE f.export_id = c.export_id AND f.name = c.name)"),
            0);
}

TEST_F(Exports, WhoeverLosesItsRightInTheMiddleGetsNothing) {
  School("近", near_id_);
  Multiply("近", 50);
  const auto created = Create(Organisations());
  ASSERT_TRUE(created.ok()) << created.status();
  const auto runner = Runner(20);
  Steps(runner.get(), 1);
  Grant("near", {});
  Work(runner.get());
  const Export exported = Get(created->id());
  EXPECT_EQ(exported.state(), Export::STATE_FAILED);
  EXPECT_EQ(exported.problem().reason(), "PERMISSION_DENIED");
  EXPECT_THAT(exported.problem().message_en(), HasSubstr("registry.organisation.changes"));
  EXPECT_NE(exported.problem().message_zh(), "");
  EXPECT_NE(exported.problem().remedy_en(), "");
  EXPECT_TRUE(exported.has_end_time());
  EXPECT_EQ(exported.files_size(), 0);
  EXPECT_EQ(exported.cursor(), "");
  EXPECT_EQ(Count("SELECT count(*) FROM export_file"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM export_chunk"), 0);
}

TEST_F(Exports, AFileIsReadOnlyWithTheRightsThatItWasMadeWith) {
  School("近", near_id_);
  Multiply("近", 30000);
  Grant("near", {near_id_, far_id_});
  const Export exported = Run(Organisations());
  const std::string name = exported.files(0).name();
  ASSERT_GT(exported.files(0).size_bytes(), static_cast<int64_t>(2 * bulk::kExportChunkBytes));
  EXPECT_TRUE(Read(exported.id(), name).status.ok());
  Grant("near", {near_id_});
  EXPECT_EQ(Read(exported.id(), name).status.code(), absl::StatusCode::kPermissionDenied) << "it holds more";
  Grant("near", {});
  EXPECT_EQ(Read(exported.id(), name).status.code(), absl::StatusCode::kPermissionDenied);
  Grant("near", {near_id_, far_id_, city_id_});
  EXPECT_TRUE(Read(exported.id(), name).status.ok());
  // In the middle of a stream too.
  sync::v1::ReadExportFileRequest request;
  request.set_id(exported.id());
  request.set_name(name);
  const auto stream =
      service_.client().Open("/lianqiao.sync.v1.ExportService/ReadExportFile",
                             {{rpc::kAuthorization, "Bearer near"}}, absl::Now() + absl::Seconds(60));
  ASSERT_TRUE(stream->WriteAndWait(request.SerializeAsString()));
  stream->WritesDone();
  ASSERT_TRUE(stream->ReadAndWait().has_value());
  Grant("near", {});
  size_t read = bulk::kExportChunkBytes;
  while (const auto bytes = stream->ReadAndWait()) read += bytes->size();
  EXPECT_EQ(stream->status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_LT(static_cast<int64_t>(read), exported.files(0).size_bytes());
}

TEST_F(Exports, PersonalFieldsAreOnlyInFilesOfThoseWithTheRightAndLogged) {
  auto request = NewSchool("一小", near_id_);
  request.mutable_organisation()->set_legal_representative("p-7f3a");
  ASSERT_TRUE(service_.Call<registry::Organisation>("OrganisationService/CreateOrganisation", request).ok());
  Multiply("一小", 1500);
  const Export plain = Run(Organisations());
  EXPECT_EQ(Text(plain, plain.files(0)).find("p-7f3a"), std::string::npos);
  Grant("near", {near_id_}, {"registry.*.changes", "registry.organisation.personal"});
  const Export whole = Run(Organisations());
  EXPECT_NE(Text(whole, whole.files(0)).find("p-7f3a"), std::string::npos);
  EXPECT_TRUE(Read(plain.id(), plain.files(0).name()).status.ok());
  Grant("near", {near_id_});
  EXPECT_EQ(Read(whole.id(), whole.files(0).name()).status.code(), absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(service_.access_log().Flush(absl::Now() + absl::Seconds(10)));
  EXPECT_EQ(
      Count(
          "SELECT count(DISTINCT record.id) FROM access_log, unnest(record_ids) AS record (id) WHERE event ="
          " 'ACCESS_EVENT_PERSONAL_READ' AND kind = 'organisation'"),
      1501)
      << "every record, though an entry holds fewer";
  EXPECT_EQ(Count("SELECT count(*) FROM access_log WHERE event = 'ACCESS_EVENT_EXPORT' AND method LIKE"
                  " '%/CreateExport'"),
            2);
  EXPECT_EQ(Count("SELECT count(*) FROM access_log WHERE event = 'ACCESS_EVENT_EXPORT' AND method LIKE"
                  " '%/ReadExportFile' AND kind = 'organisation'"),
            3)
      << "every file that was read, once";
  EXPECT_EQ(Count("SELECT count(*) FROM access_log WHERE event = 'ACCESS_EVENT_CALL_DENIED'"), 1);
}

TEST_F(Exports, CancellingStopsTheJobAndRemovesTheFiles) {
  School("近", near_id_);
  Multiply("近", 50);
  const auto created = Create(Organisations());
  ASSERT_TRUE(created.ok()) << created.status();
  const auto runner = Runner(20);
  Steps(runner.get(), 1);
  ASSERT_GT(Count("SELECT count(*) FROM export_chunk"), 0);
  EXPECT_EQ(Read(created->id(), "00001-organisation.ndjson.gz").status.code(),
            absl::StatusCode::kFailedPrecondition)
      << "not before it has succeeded";
  const auto cancelled = Cancel(created->id());
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->state(), Export::STATE_CANCELLED);
  Work(runner.get());
  EXPECT_EQ(Get(created->id()).state(), Export::STATE_CANCELLED);
  EXPECT_EQ(Count("SELECT count(*) FROM export_chunk"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM export_file"), 0);
  const Export exported = Run(Organisations());
  ASSERT_TRUE(Cancel(exported.id()).ok());
  EXPECT_EQ(Read(exported.id(), exported.files(0).name()).status.code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Get(exported.id()).files_size(), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM export_chunk"), 0);
  EXPECT_TRUE(Cancel(exported.id()).ok()) << "once more is the same";
  CreateExportRequest repeated = Organisations();
  repeated.set_request_id("again");
  const auto first = Create(repeated);
  ASSERT_TRUE(first.ok() && Cancel(first->id()).ok());
  const auto second = Create(repeated);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_NE(second->id(), first->id()) << "a cancelled one answers no repetition";
}

TEST_F(Exports, AProcessThatDiesBetweenPiecesLosesOnlyItsFile) {
  School("近", near_id_);
  Multiply("近", 30000);
  const auto created = Create(Organisations());
  ASSERT_TRUE(created.ok()) << created.status();
  auto runner = Runner(13000);
  // Behind the first file, with pieces of the second one.
  for (int i = 0; i < 100 && Count("SELECT count(DISTINCT name) FROM export_chunk") < 2; ++i)
    Steps(runner.get(), 1);
  ASSERT_EQ(Count("SELECT count(*) FROM export_file"), 1);
  const auto first = service_.Query("SELECT name, sha256 FROM export_file");
  runner.reset();
  const auto other = Runner(13000);
  Work(other.get());
  EXPECT_EQ(Get(created->id()).state(), Export::STATE_RUNNING) << "the lease runs";
  ASSERT_TRUE(service_.Query("UPDATE export SET lease_until = now() - interval '1 second'").ok());
  Work(other.get());
  const Export exported = Get(created->id());
  ASSERT_EQ(exported.state(), Export::STATE_SUCCEEDED);
  EXPECT_EQ(Count("SELECT beginnings FROM export"), 1) << "it went on";
  EXPECT_EQ(exported.files(0).name(), first->Text(0, 0));
  EXPECT_EQ(exported.files(0).sha256(), base::Hex(first->Bytes(0, 1)));
  ASSERT_EQ(exported.files_size(), 3);
  FeedCopy copy(&service_, "near", {"organisation"});
  Load(exported, &copy);
  EXPECT_EQ(copy.Revisions(), Held(near_id_));
}

TEST_F(Exports, AProcessWhoseLeaseIsOverWritesNoMore) {
  School("近", near_id_);
  Multiply("近", 5000);
  const auto created = Create(Organisations());
  ASSERT_TRUE(created.ok()) << created.status();
  const auto late = Runner(100000);
  Steps(late.get(), 1);  // In the middle of a file.
  ASSERT_TRUE(service_.Query("UPDATE export SET lease_until = now() - interval '1 second'").ok());
  const auto other = Runner(3000);
  Steps(other.get(), 1);
  Steps(late.get(), 3);
  EXPECT_EQ(Count("SELECT count(*) FROM export_file"), 0) << "the other one's file has not ended";
  Work(other.get());
  const Export exported = Get(created->id());
  ASSERT_EQ(exported.state(), Export::STATE_SUCCEEDED);
  EXPECT_EQ(exported.files_size(), 2);
  Work(late.get());
  FeedCopy copy(&service_, "near", {"organisation"});
  Load(Get(created->id()), &copy);
  EXPECT_EQ(copy.Revisions(), Held(near_id_));
}

TEST_F(Exports, AFileIsReadFromAnyOffsetAndNamesItsChecksumAndSize) {
  School("近", near_id_);
  Multiply("近", 30000);
  const Export exported = Run(Organisations());
  const auto& file = exported.files(0);
  const FileAnswer whole = Read(exported.id(), file.name());
  ASSERT_TRUE(whole.status.ok()) << whole.status;
  EXPECT_EQ(whole.metadata.at("lianqiao-etag"), file.sha256());
  EXPECT_EQ(whole.metadata.at("lianqiao-size"), absl::StrCat(file.size_bytes()));
  ASSERT_GT(whole.pieces.size(), 2u);
  for (size_t i = 0; i + 1 < whole.pieces.size(); ++i) EXPECT_EQ(whole.pieces[i], bulk::kExportChunkBytes);
  const auto chunk = static_cast<int64_t>(bulk::kExportChunkBytes);
  for (const int64_t offset :
       {int64_t{1}, chunk - 1, chunk, chunk + 7, file.size_bytes() - 1, file.size_bytes()}) {
    const FileAnswer rest = Read(exported.id(), file.name(), "near", offset);
    EXPECT_TRUE(rest.status.ok()) << offset << rest.status;
    EXPECT_TRUE(rest.bytes == whole.bytes.substr(static_cast<size_t>(offset))) << offset;
    EXPECT_EQ(rest.metadata.at("lianqiao-etag"), file.sha256()) << offset;
  }
  EXPECT_EQ(ReasonOf(Read(exported.id(), file.name(), "near", file.size_bytes() + 1).status),
            "RANGE_BEHIND_END");
}

TEST_F(Exports, CsvReadsBackAndCalculatesNothing) {
  const std::vector<std::string> names = {"甲,乙", "他说\"好\"", "第一行\n第二行",
                                          "=1+1",  "@SUM(A1)",   "普通"};
  std::map<std::string, std::string> expected;
  for (const std::string& name : names) {
    const std::string id = School("学校", near_id_).id();
    ASSERT_TRUE(
        service_.Query(absl::StrCat("UPDATE organisation SET name = '", name, "' WHERE id = '", id, "'"))
            .ok());
    expected[id] = name[0] == '=' || name[0] == '@' ? "'" + name : name;
  }
  const Export exported = Run(Organisations(CreateExportRequest::FORMAT_CSV));
  ASSERT_EQ(exported.files_size(), 1);
  EXPECT_EQ(exported.files(0).name(), "00001-organisation.csv.gz");
  const std::string text = Text(exported, exported.files(0));
  EXPECT_EQ(text.substr(0, 3), "\xEF\xBB\xBF");
  const auto rows = ParseCsv(text);
  ASSERT_EQ(rows.size(), names.size() + 1);
  const auto column = [&](const std::string& name) {
    return static_cast<size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
  };
  ASSERT_LT(column("jurisdictionId"), rows[0].size());
  std::map<std::string, std::string> read;
  for (size_t i = 1; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].size(), rows[0].size()) << i;
    read[rows[i][column("id")]] = rows[i][column("name")];
    EXPECT_EQ(rows[i][column("jurisdictionId")], near_id_);
    EXPECT_EQ(rows[i][column("stages")], "[\"STAGE_PRIMARY\"]");
    EXPECT_EQ(rows[i][column("revision")], "1");
  }
  EXPECT_EQ(read, expected);
}

int64_t ResidentMebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    int64_t kibibytes = 0;
    if (line.rfind("VmRSS:", 0) == 0 && absl::SimpleAtoi(line.substr(6, line.size() - 9), &kibibytes))
      return kibibytes / 1024;
  }
  return 0;
}

TEST_F(Exports, FiftyThousandRowsNeedLittleMemory) {
  School("近", near_id_);
  Multiply("近", 50000);
  const auto created = Create(Organisations());
  ASSERT_TRUE(created.ok()) << created.status();
  const int64_t before = ResidentMebibytes();
  int64_t most = before;
  for (bool more = true; more;) {
    const auto worked = service_.exports().RunSome(absl::Now() + absl::Seconds(60), 5);
    ASSERT_TRUE(worked.ok()) << worked.status();
    more = *worked;
    most = std::max(most, ResidentMebibytes());
    EXPECT_LE(Count("SELECT coalesce(max(length(content)), 0) FROM export_chunk"),
              static_cast<int64_t>(bulk::kExportChunkBytes));
  }
  const Export exported = Get(created->id());
  EXPECT_EQ(exported.record_count(), 50001);
  EXPECT_EQ(exported.files_size(), 1);
  // What is freed stays in the sanitiser's hands for a while: 256 MiB of it.
  EXPECT_LT(most - before, 400);
}

TEST_F(Exports, AreGoneAfterSevenDays) {
  School("近", near_id_);
  const Export exported = Run(Organisations());
  ASSERT_TRUE(Create(Organisations()).ok());  // Never worked off.
  const auto keep = [&] { return *service_.exports().PurgeSome(absl::Now() + absl::Seconds(30)); };
  EXPECT_FALSE(keep());
  EXPECT_EQ(Count("SELECT count(*) FROM export"), 2);
  service_.clock().Advance(absl::Hours(7 * 24) + absl::Seconds(1));
  EXPECT_EQ(Read(exported.id(), exported.files(0).name()).status.code(), absl::StatusCode::kNotFound);
  sync::v1::GetExportRequest get;
  get.set_id(exported.id());
  EXPECT_EQ(service_.Call<Export>("/lianqiao.sync.v1.ExportService/GetExport", get, "near").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(keep());
  for (const char* table : {"export", "export_file", "export_chunk"})
    EXPECT_EQ(Count(absl::StrCat("SELECT count(*) FROM ", table)), 0) << table;
}

TEST_F(Exports, TheThreadWorksThemOffByItself) {
  School("近", near_id_);
  const auto created = Create(Organisations());
  ASSERT_TRUE(created.ok()) << created.status();
  service_.exports().Start();
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (Get(created->id()).state() != Export::STATE_SUCCEEDED && absl::Now() < end)
    absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(Get(created->id()).state(), Export::STATE_SUCCEEDED);
  service_.exports().Stop();
}

}  // namespace
}  // namespace lianqiao::conformance
