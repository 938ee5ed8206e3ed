// SPDX-License-Identifier: Apache-2.0
// Bulk in and out over HTTP as an integrator's script uses it: files that are wrong, sent again, interrupted;
// exports that can be checked and gone on from.
#include <zlib.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/e2e/sync_fixture.h"

namespace lianqiao::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const HttpClient::Headers kCsv = {"Content-Type: text/csv"};
const HttpClient::Headers kNdjson = {"Content-Type: application/x-ndjson"};
// With the lease of a job whose worker was killed.
constexpr absl::Duration kJobLimit = absl::Seconds(150);

std::string Packed(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Unpacked(const std::string& packed) {
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, 31), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  int code = Z_OK;
  while (code == Z_OK) {
    char bytes[1 << 14];
    stream.next_out = reinterpret_cast<Bytef*>(bytes);
    stream.avail_out = sizeof(bytes);
    code = inflate(&stream, Z_NO_FLUSH);
    text.append(bytes, sizeof(bytes) - stream.avail_out);
  }
  EXPECT_EQ(code, Z_STREAM_END) << "not a whole gzip file";
  inflateEnd(&stream);
  return text;
}

class Bulk : public SyncFixture {
 protected:
  HttpAnswer Submit(const std::string& query, const std::string& content, HttpClient::Headers headers,
                    const std::string& key = "") {
    if (!key.empty()) headers.push_back("Idempotency-Key: " + key);
    return operator_.Post(absl::StrCat("/v1/imports?kind=organisation&sourceSystem=register", query), content,
                          headers);
  }
  // The job of a submission when it has ended.
  Json Finished(const std::string& id) {
    HttpAnswer answer;
    const absl::Time end = absl::Now() + kJobLimit;
    do {
      answer = operator_.Get("/v1/imports/" + id);
      if (answer.json().Has("/endTime")) return answer.json();
      absl::SleepFor(absl::Milliseconds(50));
    } while (absl::Now() < end);
    ADD_FAILURE() << "the job does not end: " << answer.body;
    return answer.json();
  }
  Json Import(const std::string& query, const std::string& content, const HttpClient::Headers& headers) {
    const HttpAnswer answer = Submit(query, content, headers);
    EXPECT_EQ(answer.status, 200) << answer.failure << answer.body;
    return Finished(answer.json().Text("/id"));
  }
  // An export when it has ended.
  Json Exported(Json manifest) {
    const std::string path = "/v1/exports/" + manifest.Text("/id");
    for (const absl::Time end = absl::Now() + kJobLimit; !manifest.Has("/endTime") && absl::Now() < end;) {
      absl::SleepFor(absl::Milliseconds(50));
      manifest = operator_.Get(path).json();
    }
    return manifest;
  }
  // "created updated unchanged deleted refused"
  static std::string Counts(const Json& job) {
    return absl::StrCat(job.Integer("/createdCount"), " ", job.Integer("/updatedCount"), " ",
                        job.Integer("/unchangedCount"), " ", job.Integer("/deletedCount"), " ",
                        job.Integer("/refusedCount"));
  }
  std::string Lines(int count) const {
    std::string lines;
    for (int i = 1; i <= count; ++i) absl::StrAppend(&lines, Line(i, absl::StrCat("第", i, "小学")));
    return lines;
  }
  std::string Line(int number, const std::string& name) const {
    return absl::StrCat(R"({"sourceId":"s)", number, R"(","name":)", Quoted(name),
                        R"(,"kind":"ORGANISATION_KIND_SCHOOL","stages":["STAGE_PRIMARY"],"jurisdictionId":")",
                        places_.near_id, "\"}\n");
  }
  int64_t SchoolsThere() {
    return operator_.Get("/v1/digest?kinds=organisation").json().Integer("/parts/0/recordCount");
  }
};

TEST_F(Bulk, ATableWithChineseHeadersIsReportedLineByLineAndItsRefusedLinesAreSentAgain) {
  const std::string header = "\xEF\xBB\xBF外部编号,名称,kind,stages,教育辖区\r\n";
  const std::string near = places_.near_id;
  const std::string table =
      absl::StrCat(header, "1,一小,SCHOOL,小学,", near, "\r\n\"2\",\"二,小\",SCHOOL,幻想,", near,
                   "\r\n3,=HYPERLINK(1),SCHOOL,小学,", near, "\r\n4,四小,SCHOOL,小学,", near, "\r\n");
  const Json dry = Import("&validateOnly=true", table, kCsv);
  EXPECT_EQ(Counts(dry), "2 0 0 0 2") << dry.Text("");
  EXPECT_EQ(SchoolsThere(), 0) << "a dry run writes nothing";
  const Json first = Import("", table, kCsv);
  EXPECT_EQ(first.Text("/state"), "STATE_FINISHED_WITH_ERRORS");
  EXPECT_EQ(Counts(first), "2 0 0 0 2") << first.Text("");
  EXPECT_EQ(SchoolsThere(), 2);
  const std::string path = "/v1/imports/" + first.Text("/id");
  const Json errors = operator_.Get(path + "/errors").json();
  ASSERT_EQ(errors.Size("/errors"), 2u);
  EXPECT_EQ(errors.Integer("/errors/0/line"), 3);
  EXPECT_EQ(errors.Text("/errors/0/problems/0/column"), "stages");
  EXPECT_EQ(errors.Integer("/errors/1/line"), 4);
  EXPECT_EQ(errors.Text("/errors/1/problems/0/column"), "名称");
  EXPECT_EQ(errors.Text("/errors/1/problems/0/reason"), "FORBIDDEN_FORMULA");
  for (const char* text : {"messageZh", "messageEn", "remedyZh", "remedyEn"})
    EXPECT_FALSE(errors.Text(absl::StrCat("/errors/1/problems/0/", text)).empty()) << text;
  const HttpAnswer refused = operator_.Get(path + "/refused-lines");
  ASSERT_EQ(refused.status, 200) << refused.body;
  EXPECT_THAT(refused.headers.at("content-type"), HasSubstr("text/csv"));
  EXPECT_THAT(refused.body, ::testing::Not(HasSubstr("一小")));
  const Json second =
      Import("", absl::StrReplaceAll(refused.body, {{"幻想", "小学"}, {"=HYPERLINK(1)", "三小"}}), kCsv);
  EXPECT_EQ(second.Text("/state"), "STATE_SUCCEEDED");
  EXPECT_EQ(Counts(second), "2 0 0 0 0") << second.Text("");
  EXPECT_EQ(SchoolsThere(), 4);
}

TEST_F(Bulk, WhatCannotBeReadIsNamedAndChangesNothing) {
  // 名称,kind / 一小,SCHOOL in GBK.
  const Json gbk = Import("", "\xC3\xFB\xB3\xC6,kind\n\xD2\xBB\xD0\xA1,SCHOOL\n", kCsv);
  EXPECT_EQ(gbk.Text("/state"), "STATE_FAILED");
  EXPECT_EQ(gbk.Text("/problem/reason"), "TEXT_NOT_UTF8");
  EXPECT_THAT(gbk.Text("/problem/messageZh"), HasSubstr("GBK"));
  HttpClient::Headers packed = kNdjson;
  packed.push_back("Content-Encoding: gzip");
  const std::string whole = Packed(Lines(200));
  const Json cut = Import("", whole.substr(0, whole.size() / 2), packed);
  EXPECT_EQ(cut.Text("/state"), "STATE_FAILED") << cut.Text("");
  EXPECT_EQ(SchoolsThere(), 0);
  const Json good = Import("", whole, packed);
  EXPECT_EQ(good.Text("/state"), "STATE_SUCCEEDED") << good.Text("");
  EXPECT_EQ(Counts(good), "200 0 0 0 0");
  EXPECT_EQ(good.Text("/contentSha256"), Sha256Hex(whole)) << "the receipt is of what was sent";
  // The same once more is the same import; under a name of its own it is another one, which changes nothing.
  const HttpAnswer again = Submit("", whole, packed);
  EXPECT_EQ(again.json().Text("/id"), good.Text("/id")) << again.body;
  EXPECT_EQ(again.json().Text("/contentSha256"), good.Text("/contentSha256"));
  const HttpAnswer renamed = Submit("", whole, packed, "another");
  ASSERT_EQ(renamed.status, 200) << renamed.body;
  EXPECT_NE(renamed.json().Text("/id"), good.Text("/id"));
  EXPECT_EQ(Counts(Finished(renamed.json().Text("/id"))), "0 0 200 0 0");
  EXPECT_EQ(Submit("", whole, packed, "another").json().Text("/id"), renamed.json().Text("/id"));
  // Somebody else's import is nobody's.
  const Guest guest = MakeGuest(platform_, operator_, "registry.*", places_.near_id);
  HttpClient other(platform_.url(), guest.token);
  ExpectError(other.Get("/v1/imports/" + good.Text("/id")), 404, "NOT_FOUND");
}

TEST_F(Bulk, AnImportWhoseServiceIsKilledTakesEffectExactlyOnce) {
  constexpr int kLines = 4000;
  const std::string lines = Lines(kLines);
  const HttpAnswer submitted = Submit("", lines, kNdjson, "year-2026");
  ASSERT_EQ(submitted.status, 200) << submitted.body;
  const std::string path = "/v1/imports/" + submitted.json().Text("/id");
  int64_t written = 0;
  for (const absl::Time end = absl::Now() + kJobLimit; written == 0 && absl::Now() < end;) {
    const Json job = operator_.Get(path).json();
    written = job.Integer("/createdCount");
    ASSERT_FALSE(job.Has("/endTime")) << "ended before it could be interrupted: " << job.Text("");
  }
  platform_.registry().Kill();
  platform_.registry().Start();
  platform_.WaitReady();
  // Whoever does not know whether the submission came through sends it again.
  EXPECT_EQ(Submit("", lines, kNdjson, "year-2026").json().Text("/id"), submitted.json().Text("/id"));
  const Json job = Finished(submitted.json().Text("/id"));
  EXPECT_EQ(job.Text("/state"), "STATE_SUCCEEDED") << job.Text("");
  EXPECT_EQ(Counts(job), absl::StrCat(kLines, " 0 0 0 0")) << "of " << written << " before the kill";
  EXPECT_EQ(job.Integer("/recordCount"), kLines);
  FeedCopy copy;
  CatchUp(operator_, &copy, "", "&kinds=organisation");
  EXPECT_EQ(copy.changes().size(), static_cast<size_t>(kLines)) << "each line is one change";
  EXPECT_EQ(copy.Held("organisation").size(), static_cast<size_t>(kLines)) << "and one record";
  const Json digest = operator_.Get("/v1/digest?kinds=organisation").json();
  EXPECT_EQ(digest.Text("/parts/0/sum"), copy.Sum("organisation"));
  EXPECT_EQ(platform_.Count("SELECT count(DISTINCT name) FROM alliance_registry.organisation"), kLines);
}

TEST_F(Bulk, WhatWasExportedGoesBackInAndChangesNothing) {
  MakeSchools(25, places_.near_id);
  for (const std::string format : {"FORMAT_NDJSON", "FORMAT_CSV"}) {
    const HttpAnswer begun =
        operator_.Post("/v1/exports", R"({"kinds":["organisation"],"format":")" + format + "\"}");
    ASSERT_EQ(begun.status, 200) << begun.body;
    const Json manifest = Exported(begun.json());
    ASSERT_EQ(manifest.Size("/files"), 1u) << manifest.Text("");
    const HttpAnswer file = operator_.Get(
        absl::StrCat("/v1/exports/", manifest.Text("/id"), "/files/", manifest.Text("/files/0/name")));
    const HttpAnswer sent = operator_.Post("/v1/imports?kind=organisation", Unpacked(file.body),
                                           format == "FORMAT_CSV" ? kCsv : kNdjson);
    ASSERT_EQ(sent.status, 200) << sent.body;
    const Json job = Finished(sent.json().Text("/id"));
    EXPECT_EQ(Counts(job), "0 0 25 0 0") << job.Text("");
  }
}

TEST_F(Bulk, AnExportCanBeCheckedAndItsCursorTellsWhatWasWrittenAfterIt) {
  const std::vector<std::string> schools = MakeSchools(25, places_.near_id);
  const HttpAnswer begun = operator_.Post("/v1/exports", R"({"requestId":"nightly"})");
  ASSERT_EQ(begun.status, 200) << begun.body;
  const std::string path = "/v1/exports/" + begun.json().Text("/id");
  EXPECT_EQ(operator_.Post("/v1/exports", R"({"requestId":"nightly"})").json().Text("/id"),
            begun.json().Text("/id"));
  const Json manifest = Exported(begun.json());
  ASSERT_EQ(manifest.Text("/state"), "STATE_SUCCEEDED") << manifest.Text("");
  // Written after it, by all means that there are.
  ASSERT_EQ(operator_.Patch("/v1/organisations/" + schools[0], R"({"shortName":"一小"})").status, 200);
  ASSERT_EQ(operator_.Delete("/v1/organisations/" + schools[1]).status, 200);
  const std::string made = MakeSchools(1, places_.far_id)[0];

  FeedCopy copy;
  ASSERT_GE(manifest.Size("/files"), 2u) << manifest.Text("");
  int64_t records = 0;
  for (size_t i = 0; i < manifest.Size("/files"); ++i) {
    const std::string entry = absl::StrCat("/files/", i);
    const std::string address = absl::StrCat(path, "/files/", manifest.Text(entry + "/name"));
    const HttpAnswer file = operator_.Get(address);
    ASSERT_EQ(file.status, 200) << file.body;
    const std::string sum = manifest.Text(entry + "/sha256");
    EXPECT_EQ(Sha256Hex(file.body), sum);
    EXPECT_EQ(static_cast<int64_t>(file.body.size()), manifest.Integer(entry + "/sizeBytes"));
    EXPECT_EQ(file.headers.at("etag"), "\"" + sum + "\"");
    const HttpAnswer known = operator_.Send("GET", address, "", {"If-None-Match: \"" + sum + "\""});
    EXPECT_EQ(known.status, 304);
    EXPECT_THAT(known.body, IsEmpty());
    const HttpAnswer rest = operator_.Send("GET", address, "", {"Range: bytes=20-"});
    EXPECT_EQ(rest.status, 206);
    EXPECT_EQ(rest.body, file.body.substr(20));
    for (const size_t behind : {file.body.size(), file.body.size() + 1}) {  // As a second `curl -C -` asks.
      const HttpAnswer none =
          operator_.Send("GET", address, "", {absl::StrCat("Range: bytes=", behind, "-")});
      EXPECT_EQ(none.status, 416) << behind;
      EXPECT_EQ(none.headers.at("content-range"), absl::StrCat("bytes */", file.body.size()));
    }
    const std::vector<std::string> lines = absl::StrSplit(Unpacked(file.body), '\n', absl::SkipEmpty());
    EXPECT_EQ(static_cast<int64_t>(lines.size()), manifest.Integer(entry + "/recordCount"));
    for (const std::string& line : lines) {
      const Json record(line);
      EXPECT_EQ(record.Text("/kind"), manifest.Text(entry + "/kind"));
      EXPECT_EQ(record.Text("/record/id"), record.Text("/id"));
      copy.Hold(record.Text("/kind"), record.Text("/id"), record.Integer("/revision"));
      ++records;
    }
  }
  EXPECT_EQ(records, manifest.Integer("/recordCount"));
  EXPECT_EQ(copy.Held("organisation").size(), 25u);
  CatchUp(operator_, &copy, manifest.Text("/cursor"));
  EXPECT_EQ(copy.changes().size(), 3u) << "exactly what was written after it";
  EXPECT_EQ(copy.LastEvent(schools[0]), "UPSERT");
  EXPECT_EQ(copy.LastEvent(schools[1]), "DELETE");
  EXPECT_EQ(copy.LastEvent(made), "ENTER");
  const Json digest = operator_.Get("/v1/digest").json();
  ASSERT_GE(digest.Size("/parts"), 2u);
  for (size_t i = 0; i < digest.Size("/parts"); ++i) {
    const std::string part = absl::StrCat("/parts/", i);
    EXPECT_EQ(copy.Sum(digest.Text(part + "/kind")), digest.Text(part + "/sum")) << digest.Text(part);
  }
}

}  // namespace
}  // namespace lianqiao::e2e
