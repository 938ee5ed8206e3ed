// SPDX-License-Identifier: Apache-2.0
// Imports into the registry: places in places, schools with campuses, yearly facts.
#include <zlib.h>

#include <atomic>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lianqiao/registry/v1/organisation.pb.h"
#include "lianqiao/registry/v1/school_year_facts.pb.h"
#include "lianqiao/type/v1/standard.pb.h"
#include "libs/base/ids.h"
#include "libs/store/scope.h"
#include "services/alliance-registry/registry.h"
#include "tests/conformance/import_world.h"

namespace lianqiao::conformance {
namespace {

namespace registry = ::lianqiao::registry::v1;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string PlaceLine(const std::string& id, const std::string& level, const std::string& parent) {
  return absl::StrCat("{\"kind\":\"jurisdiction\",\"sourceId\":\"", id, "\",\"record\":{\"name\":\"地", id,
                      "\",\"kind\":\"JURISDICTION_KIND_", level, "\",\"level\":\"JURISDICTION_LEVEL_", level,
                      "\",\"parentId\":\"", parent, "\"}}\n");
}

std::string SchoolLine(const std::string& id, const std::string& place, const std::string& more = "") {
  return absl::StrCat(
      "{\"kind\":\"organisation\",\"sourceId\":\"", id, "\",\"record\":{\"name\":\"学校", id,
      "\",\"kind\":\"ORGANISATION_KIND_SCHOOL\",\"stages\":[\"STAGE_PRIMARY\"],\"jurisdictionId\":\"", place,
      "\"", more, "}}\n");
}

std::string Zip(const std::string& content) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string zip(content.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(zip.data());
  stream.avail_out = static_cast<uInt>(zip.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  zip.resize(stream.total_out);
  deflateEnd(&stream);
  return zip;
}

class Imports : public ::testing::Test {
 protected:
  Imports() : world_(::lianqiao::registry::RegistryDefinition()) {
    options_.set_source_system("register");
    access::Caller near = access::testing::MakeCaller(
        {access::testing::MakeGrant("registry.*", access::ScopeKind::kPlatform, "", {"register"})});
    near.client_id = "near";
    near_ = near;
    world_.service().AddCaller("near", near);
  }

  // A county with everything above it.
  std::string Places() {
    return absl::StrCat(PlaceLine("county", "COUNTY", "register:city"),
                        PlaceLine("province", "PROVINCE", store::kPlatformRootId),
                        PlaceLine("city", "CITY", "register:province"));
  }
  std::string Schools(int count, const std::string& prefix = "s") {
    std::string lines;
    for (int i = 0; i < count; ++i)
      absl::StrAppend(&lines, SchoolLine(absl::StrCat(prefix, i), "register:county"));
    return lines;
  }
  std::string Count(const std::string& table) {
    return world_.Value(absl::StrCat("SELECT count(*) FROM ", table, " WHERE delete_time IS NULL"));
  }
  // Blocks of the import that are still to be written.
  std::string Waiting(const std::string& id) {
    return world_.Value(
        absl::StrCat("SELECT count(*) FROM import_block WHERE NOT done AND import_id = '", id, "'"));
  }
  // One step of the job, while somebody else holds the blocks; so often the server ends its waiting for them.
  void Stall(int times) {
    std::thread step;
    const absl::Status held =
        world_.service().reads().Run(absl::Now() + absl::Seconds(30), [&](postgres::Session& session) {
          return session.Transact([&](postgres::Statements& transaction) -> absl::Status {
            RETURN_IF_ERROR(
                transaction.Execute({"hold_blocks", "SELECT 1 FROM import_block FOR UPDATE", false}, {})
                    .status());
            std::atomic<bool> ended{false};
            step = std::thread([&] {
              (void)world_.imports().RunSome(absl::Now() + absl::Seconds(60), 1);
              ended = true;
            });
            for (int i = 0; i < 1000 && times > 0 && !ended; ++i) {
              absl::SleepFor(absl::Milliseconds(10));
              if (world_.Value("SELECT pg_cancel_backend(pid)::text FROM pg_stat_activity WHERE datname ="
                               " current_database() AND wait_event_type = 'Lock'") == "true")
                --times;
            }
            for (int i = 0; i < 1000 && !ended; ++i) {
              if (times == 0) break;
              absl::SleepFor(absl::Milliseconds(10));
            }
            return absl::OkStatus();
          });
        });
    EXPECT_TRUE(held.ok()) << held;
    if (step.joinable()) step.join();
  }
  void Purge() {
    for (bool more = true; more;) {
      const auto purged = world_.imports().PurgeSome(absl::Now() + absl::Seconds(30));
      ASSERT_TRUE(purged.ok()) << purged.status();
      more = *purged;
    }
  }
  // Positions without a hole, each change with its revision.
  void ExpectWholeFeed() {
    EXPECT_EQ(
        world_.Value(
            "SELECT count(*) FROM (SELECT bucket FROM change GROUP BY bucket HAVING max(pos) <> count(*)) x"),
        "0");
    EXPECT_EQ(
        world_.Value(
            "SELECT count(*) FROM change c LEFT JOIN revision r USING (bucket, pos) WHERE r.id IS NULL"),
        "0");
    EXPECT_EQ(world_.Value("SELECT count(*) FROM feed_head h WHERE pos <> (SELECT count(*) FROM change c "
                           "WHERE c.bucket = h.bucket)"),
              "0");
  }

  ImportService world_;
  sync::ImportOptions options_;
  access::Caller near_;
};

TEST_F(Imports, WriteWhatIsReferredToFirstWhateverTheOrderOfLines) {
  const auto import = world_.Run(
      options_,
      absl::StrCat(
          SchoolLine("campus", "register:county",
                     ",\"kind\":\"ORGANISATION_KIND_CAMPUS\",\"parentOrganisationId\":\"register:school\""),
          SchoolLine("school", "register:county"), Places()));
  EXPECT_THAT(world_.Errors(import.id()), ElementsAre("1 kind FIELD_DUPLICATE"));
  const auto again = world_.Run(
      options_, absl::StrCat(absl::StrReplaceAll(SchoolLine("campus", "register:county",
                                                            ",\"parentOrganisationId\":\"register:school\""),
                                                 {{"KIND_SCHOOL", "KIND_CAMPUS"}}),
                             SchoolLine("school", "register:county"), Places()));
  EXPECT_EQ(again.state(), sync::Import::STATE_SUCCEEDED);
  EXPECT_THAT(world_.Errors(again.id()), ElementsAre());
  EXPECT_EQ(CountsOf(again), "1 0 4 0 0");
  EXPECT_EQ(again.record_count(), 5);
  EXPECT_EQ(world_.Value(
                "SELECT p.name FROM organisation c JOIN organisation p ON p.id = c.parent_organisation_id"),
            "学校school");
  EXPECT_EQ(world_.Value("SELECT id::text FROM organisation WHERE name = '学校school'"),
            base::ImportedId("organisation", "register", "school"));
  EXPECT_EQ(world_.Value("SELECT cardinality(scope) FROM organisation WHERE name = '学校school'"), "5")
      << "nation, province, city, county and itself";
  ExpectWholeFeed();
}

TEST_F(Imports, TellEachLineWhatIsWrongWithIt) {
  const auto import = world_.Run(
      options_, absl::StrCat(Places(), SchoolLine("a", "register:nowhere"), SchoolLine("b", "county"),
                             SchoolLine("c", "register:county"), SchoolLine("c", "register:county"),
                             PlaceLine("x", "COUNTY", "register:y"), PlaceLine("y", "COUNTY", "register:x"),
                             SchoolLine("d", "register:x"), "not json\n",
                             SchoolLine("e", "register:county", ",\"nmae\":1"),
                             SchoolLine("f", "register:county", ",\"remark\":\"电话13812345678\""),
                             "{\"kind\":\"organisation\",\"record\":{\"name\":\"无编号\"}}\n",
                             SchoolLine("", "register:county")));
  EXPECT_EQ(import.state(), sync::Import::STATE_FINISHED_WITH_ERRORS);
  const auto errors = world_.Errors(import.id());
  EXPECT_THAT(errors, Contains("4 jurisdictionId REFERENCE_NOT_FOUND"));
  EXPECT_THAT(errors, Contains("5 jurisdictionId REFERENCE_AMBIGUOUS"));
  EXPECT_THAT(errors, Contains("7  RECORD_DUPLICATE"));
  EXPECT_THAT(errors, Contains("8  REFERENCE_CYCLE"));
  EXPECT_THAT(errors, Contains("9  REFERENCE_CYCLE"));
  EXPECT_THAT(errors, Contains("10 jurisdictionId REFERENCE_REFUSED"));
  EXPECT_THAT(errors, Contains(HasSubstr("11  JSON_INVALID")));
  EXPECT_THAT(errors, Contains("12 nmae FIELD_UNKNOWN"));
  EXPECT_THAT(errors, Contains("14 externalIds FIELD_REQUIRED"));
  EXPECT_EQ(import.created_count(), 4);
  EXPECT_EQ(import.refused_count() + import.created_count(), import.record_count());
  EXPECT_EQ(world_.ErrorsOf(import.id(), 2).size(), static_cast<size_t>(import.refused_count()));
  const auto refused = world_.ErrorsOf(import.id());
  EXPECT_EQ(refused[0].record(), "register:a");
  EXPECT_EQ(refused[0].kind(), "organisation");
  EXPECT_EQ(refused[0].code(), "INVALID_ARGUMENT");
}

TEST_F(Imports, AreTheSameWhenTheSameIsSentAgain) {
  options_.set_request_id("r1");
  const auto first = world_.Run(options_, Places());
  const auto again = world_.Send(options_, Places());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(first.content_sha256(), base::Hex(base::Sha256(Places())));
  EXPECT_EQ(world_.Send(options_, "")->id(), first.id()) << "who only asks whether it arrived";
  EXPECT_EQ(world_.Send(options_, Schools(1)).status().code(), absl::StatusCode::kAlreadyExists);
  options_.set_mode(sync::ImportOptions::MODE_CREATE);
  EXPECT_EQ(world_.Send(options_, Places()).status().code(), absl::StatusCode::kAlreadyExists);
  options_.clear_request_id();
  const auto third = world_.Send(options_, Places(), "near");
  const auto fourth = world_.Send(options_, Places(), "near");
  EXPECT_EQ(third->id(), fourth->id()) << "the content stands for it";
  EXPECT_NE(third->id(), first.id());
  EXPECT_EQ(world_.Value("SELECT count(*) FROM import"), "2");
}

TEST_F(Imports, GoOnWhereTheConnectionBroke) {
  options_.set_request_id("r1");
  const std::string content = Places() + Schools(40);
  world_.SendAndBreak(options_, content.substr(0, 1000));
  sync::ListImportsRequest list;
  const auto imports =
      world_.service().Call<sync::ListImportsResponse>("/lianqiao.sync.v1.ImportService/ListImports", list);
  ASSERT_TRUE(imports.ok()) << imports.status();
  ASSERT_EQ(imports->imports_size(), 1);
  EXPECT_EQ(imports->imports(0).state(), sync::Import::STATE_RECEIVING);
  ASSERT_EQ(imports->imports(0).received_bytes(), 1000);
  EXPECT_EQ(world_.Send(options_, content.substr(2000), "operator", 100000, 2000).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "a hole";
  EXPECT_EQ(world_.Send(options_, Schools(40)).status().code(), absl::StatusCode::kAlreadyExists)
      << "other bytes";
  const auto sent = world_.Send(options_, content.substr(700), "operator", 100, 700);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->content_sha256(), base::Hex(base::Sha256(content)));
  world_.Work();
  EXPECT_EQ(CountsOf(world_.Get(sent->id())), "43 0 0 0 0");
}

TEST_F(Imports, SurviveTheirWorkerBetweenAnyTwoSteps) {
  const std::string content = Places() + Schools(60);
  const auto sent = world_.Send(options_, content);
  for (int i = 0; i < 60 && world_.Get(sent->id()).state() <= sync::Import::STATE_RUNNING; ++i) {
    world_.Steps(1 + i % 3);
    world_.Restart();
  }
  const auto import = world_.Get(sent->id());
  EXPECT_EQ(import.state(), sync::Import::STATE_SUCCEEDED);
  EXPECT_EQ(CountsOf(import), "63 0 0 0 0") << "each counted once";
  EXPECT_EQ(world_.Value("SELECT max(revision) FROM organisation"), "1");
  ExpectWholeFeed();
}

TEST_F(Imports, OfAWorkerThatWasGivenUpWriteNothingMore) {
  const auto sent = world_.Send(options_, Places() + Schools(60));
  world_.Steps(4);
  bulk::Imports& old = world_.imports();
  world_.Restart();
  world_.Steps(1);
  const std::string before = Count("organisation");
  EXPECT_TRUE(old.RunSome(absl::Now() + absl::Seconds(30), 1).ok());
  EXPECT_EQ(Count("organisation"), before);
  world_.Work();
  EXPECT_EQ(CountsOf(world_.Get(sent->id())), "63 0 0 0 0");
}

TEST_F(Imports, EndBehindTheChunkWhenCancelled) {
  world_.Run(options_, Places());
  const auto sent = world_.Send(options_, Schools(60));
  world_.Steps(4);
  sync::CancelImportRequest cancel;
  cancel.set_id(sent->id());
  const auto answer =
      world_.service().Call<sync::Import>("/lianqiao.sync.v1.ImportService/CancelImport", cancel);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->state(), sync::Import::STATE_RUNNING);
  world_.Work();
  const auto import = world_.Get(sent->id());
  EXPECT_EQ(import.state(), sync::Import::STATE_CANCELLED);
  EXPECT_GT(import.created_count(), 0);
  EXPECT_LT(import.created_count(), 60);
  EXPECT_EQ(Count("organisation"), absl::StrCat(import.created_count()));
  const auto queued = world_.Send(options_, Schools(5, "q"));
  cancel.set_id(queued->id());
  EXPECT_EQ(
      world_.service().Call<sync::Import>("/lianqiao.sync.v1.ImportService/CancelImport", cancel)->state(),
      sync::Import::STATE_CANCELLED);
  world_.Work();
  EXPECT_EQ(world_.Value("SELECT count(*) FROM organisation WHERE name LIKE '学校q%'"), "0");
}

TEST_F(Imports, RefuseTheRestWhenTheirClientLosesItsGrant) {
  world_.Run(options_, Places());
  const auto sent = world_.Send(options_, Schools(60), "near");
  ASSERT_TRUE(sent.ok()) << sent.status();
  world_.Steps(4);
  const int64_t before = world_.Get(sent->id(), "near").created_count();
  EXPECT_GT(before, 0);
  auto grants = std::make_shared<access::ClientGrants>(*near_.grants);
  for (access::Grant& grant : grants->grants) grant.permission = "registry.*.read";
  near_.grants = grants;
  world_.service().AddCaller("near", near_);
  world_.Work();
  const auto import = world_.Get(sent->id(), "near");
  EXPECT_EQ(import.created_count(), before);
  EXPECT_EQ(import.refused_count(), 60 - before);
  EXPECT_EQ(Count("organisation"), absl::StrCat(before));
  EXPECT_EQ(world_.Value("SELECT DISTINCT code::text FROM import_error"), "7");
  EXPECT_EQ(world_.Send(options_, Schools(1, "z"), "stranger").status().code(),
            absl::StatusCode::kUnauthenticated);
}

TEST_F(Imports, BelongToTheirClient) {
  const auto sent = world_.Send(options_, Places(), "near");
  sync::GetImportRequest get;
  get.set_id(sent->id());
  EXPECT_EQ(
      world_.service().Call<sync::Import>("/lianqiao.sync.v1.ImportService/GetImport", get).status().code(),
      absl::StatusCode::kNotFound);
  sync::CancelImportRequest cancel;
  cancel.set_id(sent->id());
  EXPECT_EQ(world_.service()
                .Call<sync::Import>("/lianqiao.sync.v1.ImportService/CancelImport", cancel)
                .status()
                .code(),
            absl::StatusCode::kNotFound);
  options_.set_source_system("other");
  EXPECT_EQ(world_.Send(options_, Places(), "near").status().code(), absl::StatusCode::kInvalidArgument);
  options_.set_source_system("register");
  options_.set_kind("nothing");
  EXPECT_EQ(world_.Send(options_, Places()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Imports, OfOneClientAreEightAtATime) {
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(world_.Send(options_, Schools(i + 1)).ok());
  const absl::Status refused = world_.Send(options_, Schools(9)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(base::FailureOf(refused).reason(), base::ErrorReason::TOO_MANY_UNFINISHED);
  EXPECT_TRUE(world_.Send(options_, Schools(9), "near").ok());
}

TEST_F(Imports, AtomicOnesWriteAllOrNothing) {
  world_.Run(options_, Places());
  options_.set_atomic(true);
  auto import =
      world_.Run(options_, Schools(3) + SchoolLine("bad", "register:nowhere") +
                               SchoolLine("c1", "register:county", ",\"schoolCode\":\"2161000001\"") +
                               SchoolLine("c2", "register:county", ",\"schoolCode\":\"2161000001\""));
  EXPECT_EQ(import.state(), sync::Import::STATE_FAILED);
  EXPECT_EQ(CountsOf(import), "0 0 0 0 6");
  EXPECT_EQ(Count("organisation"), "0");
  auto errors = world_.Errors(import.id());
  EXPECT_THAT(errors, Contains("1  ROLLED_BACK"));
  EXPECT_THAT(errors, Contains("4 jurisdictionId REFERENCE_NOT_FOUND"));
  EXPECT_THAT(errors, Contains(HasSubstr("ALREADY_EXISTS")).Times(1));
  import = world_.Run(options_, Schools(3));
  EXPECT_EQ(import.state(), sync::Import::STATE_SUCCEEDED);
  EXPECT_EQ(CountsOf(import), "3 0 0 0 0");
  std::string many;
  for (int i = 0; i < 10001; ++i)
    absl::StrAppend(&many, "{\"kind\":\"organisation\",\"sourceId\":\"m", i, "\",\"record\":{}}\n");
  import = world_.Run(options_, many);
  EXPECT_EQ(import.state(), sync::Import::STATE_FAILED);
  EXPECT_EQ(import.problem().reason(), "IMPORT_TOO_LARGE");
  ExpectWholeFeed();
}

TEST_F(Imports, CreateOnlyRefusesWhatIsThere) {
  world_.Run(options_, Places() + Schools(2));
  options_.set_mode(sync::ImportOptions::MODE_CREATE);
  const auto import =
      world_.Run(options_, Schools(3) +
                               "{\"kind\":\"organisation\",\"record\":{\"name\":\"新校\",\"kind\":"
                               "\"ORGANISATION_KIND_SCHOOL\",\"stages\":[\"STAGE_PRIMARY\"],"
                               "\"jurisdictionId\":\"register:county\"}}\n");
  EXPECT_EQ(CountsOf(import), "2 0 0 0 2");
  EXPECT_THAT(world_.Errors(import.id()), ElementsAre("1  ALREADY_EXISTS", "2  ALREADY_EXISTS"));
}

TEST_F(Imports, DeleteChildrenBeforeParentsAndBringBack) {
  const std::string all = Places() + Schools(2);
  world_.Run(options_, all);
  options_.set_mode(sync::ImportOptions::MODE_DELETE);
  auto import = world_.Run(options_, PlaceLine("county", "COUNTY", "register:city"));
  EXPECT_EQ(CountsOf(import), "0 0 0 0 1");
  EXPECT_THAT(world_.Errors(import.id()), ElementsAre("1  STILL_REFERENCED"));
  const auto line = [](const std::string& kind, const std::string& id) {
    return absl::StrCat("{\"kind\":\"", kind, "\",\"sourceId\":\"", id, "\",\"record\":{}}\n");
  };
  import = world_.Run(options_, line("jurisdiction", "city") + line("jurisdiction", "county") +
                                    line("organisation", "s0") + line("organisation", "s1") +
                                    line("organisation", "none"));
  EXPECT_EQ(CountsOf(import), "0 0 0 4 1");
  EXPECT_THAT(world_.Errors(import.id()), ElementsAre("5  RESOURCE_NOT_FOUND"));
  EXPECT_EQ(Count("organisation"), "0");
  options_.set_mode(sync::ImportOptions::MODE_UPSERT);
  import = world_.Run(options_, all);
  EXPECT_EQ(CountsOf(import), "0 4 1 0 0") << "undeleted with the next revision";
  EXPECT_EQ(world_.Value("SELECT max(revision) FROM organisation"), "3");
  EXPECT_EQ(world_.Value("SELECT count(*) FROM change WHERE operation = 'UNDELETE'"), "4");
  ExpectWholeFeed();
}

TEST_F(Imports, ADryRunChangesNothingAndTellsAll) {
  const std::string at_first = world_.Value("SELECT count(*) FROM change");
  options_.set_validate_only(true);
  auto import = world_.Run(options_, Places() + Schools(3) + SchoolLine("bad", "register:nowhere") +
                                         SchoolLine("s0", "register:county"));
  EXPECT_EQ(CountsOf(import), "6 0 0 0 2") << "lines that need each other are checked together";
  EXPECT_THAT(world_.Errors(import.id()),
              ElementsAre("7 jurisdictionId REFERENCE_NOT_FOUND", "8  RECORD_DUPLICATE"));
  EXPECT_EQ(Count("organisation"), "0");
  EXPECT_EQ(world_.Value("SELECT count(*) FROM change"), at_first);
  options_.set_validate_only(false);
  world_.Run(options_, Places());
  const std::string changes = world_.Value("SELECT count(*) FROM change");
  options_.set_validate_only(true);
  import = world_.Run(options_, Schools(30) + SchoolLine("c", "register:county", ",\"name2\":1"));
  EXPECT_EQ(CountsOf(import), "30 0 0 0 1");
  EXPECT_EQ(world_.Value("SELECT count(*) FROM change"), changes);
  EXPECT_EQ(world_.Value("SELECT count(*) FROM external_id WHERE kind = 'organisation'"), "0");
}

TEST_F(Imports, AConstraintCostsOnlyTheLineThatMeetsIt) {
  std::string lines = Places();
  for (int i = 0; i < 40; ++i)
    absl::StrAppend(&lines, SchoolLine(absl::StrCat("s", i), "register:county",
                                       absl::StrCat(",\"schoolCode\":\"21610000", i % 20 + 10, "\"")));
  const auto import = world_.Run(options_, lines);
  EXPECT_EQ(CountsOf(import), "23 0 0 0 20");
  const auto errors = world_.Errors(import.id());
  for (const std::string& error : errors) EXPECT_THAT(error, HasSubstr("ALREADY_EXISTS"));
  ExpectWholeFeed();
}

TEST_F(Imports, CsvWithChineseHeadersReportsItsColumns) {
  world_.Run(options_, Places());
  options_.set_format(sync::ImportOptions::FORMAT_CSV);
  options_.set_kind("organisation");
  const std::string header = "\xEF\xBB\xBF外部编号,名称,kind,stages,教育辖区\r\n";
  auto import = world_.Run(
      options_,
      header +
          "1,一小,SCHOOL,小学,register:county\r\n\"2\",\"二,小\",SCHOOL,小学;幻想,register:county\r\n"
          "3,=HYPERLINK(1),SCHOOL,小学,register:county\r\n4,四小,SCHOOL\r\n5,五小,SCHOOL,小学,register:"
          "none\r\n");
  EXPECT_EQ(CountsOf(import), "1 0 0 0 4") << import.problem().DebugString();
  const auto errors = world_.ErrorsOf(import.id());
  ASSERT_EQ(errors.size(), 4u);
  EXPECT_EQ(errors[0].problems(0).column(), "stages");
  EXPECT_EQ(errors[1].problems(0).reason(), "FORBIDDEN_FORMULA");
  EXPECT_EQ(errors[1].problems(0).column(), "名称");
  EXPECT_EQ(errors[3].problems(0).column(), "教育辖区");
  std::string type;
  std::string refused = world_.RefusedLines(import.id(), &type);
  EXPECT_EQ(type, "text/csv");
  EXPECT_EQ(refused,
            "外部编号,名称,kind,stages,教育辖区\n\"2\",\"二,小\",SCHOOL,小学;幻想,register:county\n"
            "3,=HYPERLINK(1),SCHOOL,小学,register:county\n4,四小,SCHOOL\n5,五小,SCHOOL,小学,register:none\n");
  refused = absl::StrReplaceAll(refused, {{";幻想", ""},
                                          {"=HYPERLINK(1)", "三小"},
                                          {"四小,SCHOOL", "四小,SCHOOL,小学,register:county"},
                                          {"register:none", "register:county"}});
  import = world_.Run(options_, refused);
  EXPECT_EQ(CountsOf(import), "4 0 0 0 0") << "refused lines alone, corrected";
  import = world_.Run(options_, "名称,nmae\nx,y\n");
  EXPECT_EQ(import.state(), sync::Import::STATE_FAILED);
  EXPECT_EQ(import.problem().reason(), "FIELD_UNKNOWN");
  EXPECT_THAT(world_.Errors(import.id()), ElementsAre("1 nmae FIELD_UNKNOWN"));
}

TEST_F(Imports, FilesThatCannotBeReadChangeNothing) {
  const std::string at_first = world_.Value("SELECT count(*) FROM change");
  options_.set_format(sync::ImportOptions::FORMAT_CSV);
  options_.set_kind("organisation");
  auto import = world_.Run(options_, "\xC3\xFB\xB3\xC6,kind\n\xD2\xBB\xD0\xA1,SCHOOL\n");
  EXPECT_EQ(import.state(), sync::Import::STATE_FAILED);
  EXPECT_EQ(import.problem().reason(), "TEXT_NOT_UTF8");
  EXPECT_THAT(import.problem().message_zh(), HasSubstr("GBK"));
  options_.set_format(sync::ImportOptions::FORMAT_NDJSON);
  options_.clear_kind();
  options_.set_gzip(true);
  const std::string zip = Zip(Places() + Schools(200));
  import = world_.Run(options_, zip.substr(0, zip.size() - 20));
  EXPECT_EQ(import.problem().reason(), "IMPORT_COMPRESSION_INVALID");
  EXPECT_EQ(Count("organisation"), "0");
  EXPECT_EQ(world_.Value("SELECT count(*) FROM change"), at_first);
  EXPECT_EQ(CountsOf(world_.Run(options_, zip)), "203 0 0 0 0");
}

// Guard rows, facts and references of a whole chunk at once, and the rules on each record all the same.
TEST_F(Imports, YearlyFactsMeetTheirRulesInChunks) {
  const auto facts = [](int number, const std::string& school, const std::string& more) {
    return absl::StrCat("{\"kind\":\"school_year_facts\",\"sourceId\":\"f", number,
                        "\",\"record\":{\"submissionId\":\"register:sub\",\"schoolYearId\":\"register:year\","
                        "\"organisationId\":\"register:",
                        school, "\",\"stage\":\"STAGE_PRIMARY\"", more, "}}\n");
  };
  std::string lines;
  for (int i = 0; i < 40; ++i)
    absl::StrAppend(&lines, facts(i, absl::StrCat("s", i), ",\"pupils\":\"100\",\"classes\":\"3\""));
  absl::StrAppend(&lines, facts(40, "s0", ""), facts(41, "s40", ",\"pupils\":\"-1\""),
                  facts(42, "s41", ",\"pupils\":\"10\",\"classes\":\"2\",\"classesOver45\":\"5\""));
  absl::StrAppend(
      &lines,
      "{\"kind\":\"fact_submission\",\"sourceId\":\"sub\",\"record\":{\"jurisdictionId\":\"register:county\","
      "\"schoolYearId\":\"register:year\"}}\n");
  absl::StrAppend(
      &lines,
      "{\"kind\":\"school_year\",\"sourceId\":\"year\",\"record\":{\"key\":\"2023-2024\",\"startsOn\":"
      "\"2023-09-01\",\"endsOn\":\"2024-08-31\",\"statisticsOn\":\"2023-09-01\",\"submissionDueOn\":\"2023-"
      "10-31\"}}\n");
  const auto import = world_.Run(options_, lines + Schools(42) + Places());
  EXPECT_EQ(CountsOf(import), "87 0 0 0 3");
  const auto errors = world_.Errors(import.id());
  EXPECT_THAT(errors, Contains(HasSubstr("ALREADY_EXISTS")).Times(1)) << "the same school twice";
  EXPECT_THAT(errors, Contains("42 pupils FIELD_OUT_OF_RANGE"));
  EXPECT_THAT(errors, Contains(HasSubstr("43 classesOver45")));
  EXPECT_EQ(Count("school_year_facts"), "40");
  ExpectWholeFeed();
  const auto again = world_.Run(options_, absl::StrReplaceAll(lines, {{"\"100\"", "\"101\""}}));
  // Which of the two lines about one school came first is the blocks' business.
  EXPECT_GE(again.updated_count(), 39);
  EXPECT_EQ(again.updated_count() + again.unchanged_count(), 42);
  EXPECT_EQ(again.refused_count(), 3) << ::testing::PrintToString(world_.Errors(again.id()));
}

// The database stalls: whoever waits for a block gives up. That says nothing about the records.
TEST_F(Imports, AStallOfTheDatabaseRefusesNothing) {
  world_.Run(options_, Places());
  for (const bool atomic : {false, true}) {
    options_.set_atomic(atomic);
    const auto sent = world_.Send(options_, Schools(1, atomic ? "a" : "b"));
    ASSERT_TRUE(sent.ok()) << sent.status();
    for (int i = 0; i < 20 && Waiting(sent->id()) == "0"; ++i) world_.Steps(1);
    ASSERT_EQ(Waiting(sent->id()), "1");
    Stall(atomic ? 2 : 1);
    EXPECT_EQ(CountsOf(world_.Get(sent->id())), "0 0 0 0 0");
    world_.service().clock().Advance(absl::Minutes(1));
    world_.Work();
    const auto import = world_.Get(sent->id());
    EXPECT_EQ(import.state(), sync::Import::STATE_SUCCEEDED);
    EXPECT_EQ(CountsOf(import), "1 0 0 0 0");
    EXPECT_THAT(world_.Errors(import.id()), ElementsAre());
  }
}

TEST_F(Imports, GivenUpInTheMiddleHaveNotFailedAltogether) {
  const auto give_up = [this](const std::string& id) {
    world_.Value(absl::StrCat("UPDATE import SET attempts = 10 WHERE import_id = '", id, "' RETURNING 1"));
    world_.Restart();
    world_.Work();
    return world_.Get(id);
  };
  auto import = give_up(world_.Send(options_, Places())->id());
  EXPECT_EQ(import.state(), sync::Import::STATE_FAILED);
  EXPECT_EQ(import.problem().reason(), "INTERNAL");
  const auto sent = world_.Send(options_, Places() + Schools(1));
  for (int i = 0; i < 20 && world_.Get(sent->id()).created_count() == 0; ++i) world_.Steps(1);
  import = give_up(sent->id());
  EXPECT_GT(import.created_count(), 0);
  EXPECT_LT(import.created_count(), 4);
  EXPECT_EQ(import.state(), sync::Import::STATE_FINISHED_WITH_ERRORS);
  EXPECT_EQ(import.problem().reason(), "INTERNAL");
  EXPECT_TRUE(import.has_end_time());
}

TEST_F(Imports, RefusedLinesComeInPiecesThatAnyoneCanHold) {
  std::string lines;
  for (int i = 0; i < 3000; ++i)
    absl::StrAppend(&lines, SchoolLine(absl::StrCat("s", i), "register:nowhere",
                                       absl::StrCat(",\"nmae\":\"", std::string(400, 'x'), "\"")));
  const std::string zip = Zip(lines);
  ASSERT_LT(zip.size(), 200000u) << "one stored piece";
  options_.set_gzip(true);
  const auto import = world_.Run(options_, zip);
  EXPECT_EQ(CountsOf(import), "0 0 0 0 3000");
  size_t largest_bytes = 0;
  EXPECT_EQ(world_.RefusedLines(import.id(), nullptr, &largest_bytes), lines);
  EXPECT_LE(largest_bytes, size_t{256} << 10);
}

TEST_F(Imports, BlocksThatHaveServedAreDeleted) {
  const auto ended = world_.Run(options_, Places() + SchoolLine("bad", "x"));
  const auto sent = world_.Send(options_, Schools(3));
  for (int i = 0; i < 20 && Waiting(sent->id()) == "0"; ++i) world_.Steps(1);
  ASSERT_NE(world_.Value("SELECT count(DISTINCT import_id) FROM import_block"), "1");
  Purge();
  EXPECT_EQ(world_.Value("SELECT min(import_id::text) || max(import_id::text) FROM import_block"),
            absl::StrCat(sent->id(), sent->id()));
  EXPECT_EQ(world_.ErrorsOf(ended.id()).size(), 1u);
  EXPECT_EQ(world_.RefusedLines(ended.id()), SchoolLine("bad", "x"));
  world_.Work();
  EXPECT_EQ(CountsOf(world_.Get(sent->id())), "3 0 0 0 0");
}

TEST_F(Imports, AreForgottenAfterAWeek) {
  const auto import = world_.Run(options_, Places() + SchoolLine("bad", "x"));
  world_.service().clock().Advance(absl::Hours(24 * 7 - 1));
  Purge();
  EXPECT_EQ(world_.Value("SELECT count(*) FROM import"), "1");
  world_.service().clock().Advance(absl::Hours(2));
  Purge();
  for (const char* table : {"import", "import_chunk", "import_block", "import_error"})
    EXPECT_EQ(world_.Value(absl::StrCat("SELECT count(*) FROM ", table)), "0") << table;
}

}  // namespace
}  // namespace lianqiao::conformance
