// SPDX-License-Identifier: Apache-2.0
// The command against the real registry and a real database of the consumer's.
#include "tools/cli/command.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/access/credentials.h"
#include "libs/feed/consumer.h"
#include "libs/testing/postgres.h"
#include "services/alliance-registry/places_fixture.h"
#include "tools/cli/platform.h"
#include "tools/cli/test_front.h"

namespace lianqiao::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CommandPgTest : public registry::PlacesFixture {
 protected:
  CommandPgTest() : front_(service_.address()) {
    char folder[] = "/tmp/lianqiao-cli-XXXXXX";
    folder_ = ::mkdtemp(folder);
    ::setenv("XDG_CONFIG_HOME", folder_.c_str(), 1);
    ::setenv("LC_ALL", "en_US.UTF-8", 1);
    WriteFile("secret", "secret\n");
    postgres::Database::Options options;
    options.connection = copy_.owner_connection();
    options.workers = 1;
    options.name = "looks";
    looks_ = std::make_unique<postgres::Database>(options);
  }
  ~CommandPgTest() override { std::filesystem::remove_all(folder_); }

  void WriteFile(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }

  // What it wrote to standard output goes to out_.
  int Run(const std::vector<std::string>& words) {
    std::ostringstream out, error;
    std::streambuf* const out_before = std::cout.rdbuf(out.rdbuf());
    std::streambuf* const error_before = std::cerr.rdbuf(error.rdbuf());
    const int code = RunCommandLine(words);
    std::cout.rdbuf(out_before);
    std::cerr.rdbuf(error_before);
    out_ = out.str();
    error_ = error.str();
    return code;
  }

  int Login() {
    return Run({"login", "--gateway", front_.address(), "--client-id", "operator", "--secret-file",
                folder_ + "/secret"});
  }

  int Mirror(std::vector<std::string> more) {
    std::vector<std::string> words = {"mirror", "--database", copy_.owner_connection(), "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return Run(words);
  }

  std::string Copied(const std::string& sql) {
    std::string text;
    const absl::Status status =
        looks_->Run(absl::Now() + absl::Seconds(30), [&](postgres::Session& session) -> absl::Status {
          auto rows = session.Execute({"looks", sql, false}, {});
          if (!rows.ok()) return rows.status();
          text = rows->rows() == 0 || rows->columns() == 0 ? "" : rows->Text(0, 0);
          return absl::OkStatus();
        });
    return status.ok() ? text : status.ToString();
  }

  std::string Fingerprint(const std::string& kind) {
    return absl::StrCat(
        "SELECT count(*) || ' ' || coalesce(md5(string_agg(id || ' ' || revision || name, ',' "
        "ORDER BY id)), '') FROM ",
        kind);
  }

  testing::TestDatabase copy_{"unused", {}};
  TestFront front_;
  std::string folder_, out_, error_;
  std::unique_ptr<postgres::Database> looks_;
};

TEST_F(CommandPgTest, LoginStoresWhatWorksForItsOwnerOnly) {
  EXPECT_EQ(Run({"list", "jurisdiction"}), kWrongUsage) << "nothing is stored yet";
  WriteFile("wrong", "wrong");
  EXPECT_EQ(Run({"login", "--gateway", front_.address(), "--client-id", "operator", "--secret-file",
                 folder_ + "/wrong"}),
            kDenied);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/lianqiao/credentials.json"));
  ASSERT_EQ(Login(), kSuccess) << error_;
  struct stat status = {};
  ASSERT_EQ(::stat((folder_ + "/lianqiao/credentials.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(Run({"login", "--gateway", "x", "--secret", "secret"}), kWrongUsage)
      << "a secret never stands on the command line";
}

// What the help says of --credentials: where they are, or where they are to be.
TEST_F(CommandPgTest, LoginStoresInAFileOfItsOwnWhichTheOtherCommandsTake) {
  const std::string file = folder_ + "/own/client.json";
  ASSERT_EQ(Run({"login", "--gateway", front_.address(), "--client-id", "operator", "--secret-file",
                 folder_ + "/secret", "--credentials", file}),
            kSuccess)
      << error_;
  EXPECT_THAT(error_, HasSubstr(file));
  struct stat status = {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/lianqiao")) << "nothing but the file that was asked for";
  EXPECT_EQ(Run({"list", "jurisdiction"}), kWrongUsage);
  EXPECT_EQ(Run({"list", "jurisdiction", "--credentials", file}), kSuccess) << error_;
  EXPECT_THAT(out_, HasSubstr("渭滨"));
  EXPECT_EQ(Run({"list", "jurisdiction", "--credentials", folder_ + "/none.json"}), kWrongUsage);
  // The platform's own files name its HTTP address, which is no place for gRPC.
  access::Credentials credentials = {"operator", "secret", "http://127.0.0.1:1/oauth2/token"};
  ASSERT_TRUE(access::WriteCredentials(folder_ + "/operator.json", credentials).ok());
  EXPECT_EQ(Run({"list", "jurisdiction", "--credentials", folder_ + "/operator.json"}), kWrongUsage);
  EXPECT_EQ(Run({"list", "jurisdiction", "--credentials", folder_ + "/operator.json", "--gateway",
                 front_.address()}),
            kSuccess)
      << error_;
  ASSERT_EQ(Run({"login", "--gateway", front_.address(), "--credentials", folder_ + "/operator.json"}),
            kSuccess)
      << error_;
  EXPECT_EQ(Run({"list", "jurisdiction"}), kSuccess) << error_;
  EXPECT_EQ(Run({"list", "jurisdiction", "--credentials", folder_ + "/operator.json"}), kSuccess)
      << "the address that login stored";
  EXPECT_EQ(Run({"login", "--gateway", front_.address(), "--credentials", file, "--secret-file",
                 folder_ + "/secret"}),
            kWrongUsage);
}

TEST_F(CommandPgTest, KindsOfEveryServiceAreKnown) {
  const auto contract = LoadContract();
  ASSERT_TRUE(contract.ok()) << contract.status();
  for (const char* kind : {"organisation", "jurisdiction", "client", "access_grant"})
    EXPECT_NE((*contract)->FindKind(kind), nullptr) << kind;
}

TEST_F(CommandPgTest, GetsListsCreatesAndUpdates) {
  ASSERT_EQ(Login(), kSuccess) << error_;
  WriteFile(
      "school.json",
      absl::StrCat(R"({"kind":"ORGANISATION_KIND_SCHOOL","name":"太白中学","jurisdictionId":")", weibin_.id(),
                   R"(","status":"ORGANISATION_STATUS_ACTIVE","schoolType":"SCHOOL_TYPE_PRIMARY",)"
                   R"("stages":["STAGE_PRIMARY"],"openedOn":"2001-09-01"})"));
  ASSERT_EQ(Run({"create", "organisation", "--file", folder_ + "/school.json", "-o", "json"}), kSuccess)
      << error_;
  const size_t at = out_.find("\"id\":\"");
  ASSERT_NE(at, std::string::npos) << out_;
  const std::string id = out_.substr(at + 6, 36);
  WriteFile("change.json", R"({"shortName":"太中"})");
  ASSERT_EQ(Run({"update", "organisation", id, "--file", folder_ + "/change.json"}), kSuccess) << error_;
  ASSERT_EQ(Run({"get", "organisation", id, "--lang", "zh"}), kSuccess) << error_;
  EXPECT_THAT(out_, HasSubstr("简称"));
  EXPECT_THAT(out_, HasSubstr("太中"));
  EXPECT_THAT(out_, HasSubstr("太白中学")) << "what the JSON does not name stays";
  ASSERT_EQ(Run({"list", "organisations", "--filter", "name = \"太白中学\"", "--columns", "name,kind"}),
            kSuccess)
      << error_;
  EXPECT_THAT(out_, HasSubstr("太白中学  school")) << out_;
  EXPECT_EQ(Run({"update", "organisation", id, "--file", folder_ + "/change.json", "--etag", "\"1\""}),
            kConflict);
  EXPECT_EQ(Run({"get", "organisation", "00000000-0000-7000-8000-00000000dead"}), kNotFound);
  EXPECT_EQ(Run({"get", "organisation"}), kWrongUsage);
  EXPECT_EQ(Run({"get", "nonsense", id}), kWrongUsage);
  EXPECT_THAT(error_, HasSubstr("organisation"));
  WriteFile("bad.json", R"({"name":"","kind":"ORGANISATION_KIND_SCHOOL"})");
  EXPECT_EQ(Run({"create", "organisation", "--file", folder_ + "/bad.json"}), kFailure);
  EXPECT_THAT(error_, HasSubstr("organisation.name"));
}

TEST_F(CommandPgTest, ReadsChangesAndDigests) {
  ASSERT_EQ(Login(), kSuccess) << error_;
  School("甲小学", weibin_.id());
  ASSERT_EQ(Run({"changes", "--kinds", "organisation"}), kSuccess) << error_;
  EXPECT_THAT(out_, HasSubstr("organisation"));
  EXPECT_THAT(out_, HasSubstr("cursor "));
  EXPECT_EQ(Run({"changes", "--cursor", "nonsense"}), kFailure);
  EXPECT_THAT(error_, HasSubstr("cursor"));
  ASSERT_EQ(Run({"digest", "--kinds", "organisation", "-o", "json"}), kSuccess) << error_;
  EXPECT_THAT(out_, HasSubstr("\"recordCount\":\"1\""));
}

TEST_F(CommandPgTest, MirrorsFollowsComparesAndRepairs) {
  ASSERT_EQ(Login(), kSuccess) << error_;
  const auto school = School("甲小学", weibin_.id());
  for (int i = 0; i < 40; ++i) School(absl::StrCat("第", i, "小学"), weibin_.id());
  ASSERT_EQ(Mirror({"--once"}), kSuccess) << error_;
  EXPECT_EQ(Copied(Fingerprint("lianqiao.organisation")), Value(Fingerprint("organisation")));
  EXPECT_EQ(Copied(Fingerprint("lianqiao.jurisdiction")), Value(Fingerprint("jurisdiction")));
  EXPECT_EQ(Copied("SELECT name FROM lianqiao.organisation WHERE id = '" + school.id() + "'"), "甲小学");

  registry::v1::UpdateOrganisationRequest request;
  request.mutable_organisation()->set_id(school.id());
  request.mutable_organisation()->set_short_name("甲小");
  Must<registry::v1::Organisation>("OrganisationService/UpdateOrganisation", request);
  School("新小学", weibin_.id());
  ASSERT_EQ(Mirror({"--once"}), kSuccess) << error_;
  EXPECT_EQ(Copied(Fingerprint("lianqiao.organisation")), Value(Fingerprint("organisation")));
  EXPECT_EQ(Copied("SELECT short_name FROM lianqiao.organisation WHERE id = '" + school.id() + "'"), "甲小");

  for (const char* kinds :
       {"organisation,jurisdiction", "organisation,jurisdiction", "jurisdiction,organisation"})
    EXPECT_EQ(Mirror({"--once", "--schema", "two_kinds", "--kinds", kinds}), kSuccess) << error_;
  ASSERT_EQ(Mirror({"--verify", "--dry-run"}), kSuccess) << error_ << out_;
  Copied("DELETE FROM lianqiao.organisation WHERE name = '第3小学'");
  Copied("UPDATE lianqiao.organisation SET revision = 0, name = '坏' WHERE name = '第4小学'");
  EXPECT_EQ(Mirror({"--verify", "--dry-run"}), kFailure) << out_;
  EXPECT_THAT(out_, HasSubstr("differences 2"));
  EXPECT_EQ(Mirror({"--verify", "--dry-run", "-o", "json"}), kFailure) << out_;
  EXPECT_THAT(out_, HasSubstr("\"held\":0,"));
  EXPECT_THAT(out_, HasSubstr("\"remaining\":2"));
  ASSERT_EQ(Mirror({"--verify"}), kSuccess) << error_;
  EXPECT_THAT(out_, HasSubstr("repaired 2"));
  EXPECT_EQ(Copied(Fingerprint("lianqiao.organisation")), Value(Fingerprint("organisation")));
  EXPECT_EQ(Mirror({"--once", "--kinds", "jurisdiction"}), kFailure) << "it was made for other kinds";
}

TEST_F(CommandPgTest, ATableOfTheCopyThatWasDroppedIsReadAnew) {
  ASSERT_EQ(Login(), kSuccess) << error_;
  for (int i = 0; i < 10; ++i) School(absl::StrCat("第", i, "小学"), weibin_.id());
  ASSERT_EQ(Mirror({"--once"}), kSuccess) << error_;
  Copied("DROP TABLE lianqiao.organisation");
  ASSERT_EQ(Mirror({"--once"}), kSuccess) << error_;
  EXPECT_THAT(error_, HasSubstr("organisation")) << "a person is told";
  EXPECT_EQ(Copied(Fingerprint("lianqiao.organisation")), Value(Fingerprint("organisation")));
  EXPECT_EQ(Copied(Fingerprint("lianqiao.jurisdiction")), Value(Fingerprint("jurisdiction")));
  ASSERT_EQ(Mirror({"--verify", "--dry-run"}), kSuccess) << error_ << out_;
}

TEST_F(CommandPgTest, TablesOfTheCopysStateThatWereDroppedAreNoReasonToTrustIt) {
  ASSERT_EQ(Login(), kSuccess) << error_;
  for (int i = 0; i < 10; ++i) School(absl::StrCat("第", i, "小学"), weibin_.id());
  ASSERT_EQ(Mirror({"--once"}), kSuccess) << error_;
  for (const char* table : {"consumer_partition", "consumer_replaced_bucket", "consumer_tombstone"}) {
    Copied(absl::StrCat("DROP TABLE lianqiao.", table));
    Copied("UPDATE lianqiao.organisation SET revision = 99, name = '坏' WHERE name = '第4小学'");
    ASSERT_EQ(Mirror({"--once"}), kSuccess) << table << error_;
    EXPECT_EQ(Copied(Fingerprint("lianqiao.organisation")), Value(Fingerprint("organisation"))) << table;
  }
  // The obvious way to have everything read anew.
  for (const char* how :
       {"DELETE FROM lianqiao.consumer_cursor", "DROP TABLE lianqiao.consumer_cursor CASCADE"}) {
    Copied(how);
    Copied(
        "UPDATE lianqiao.organisation SET revision = 99, name = '坏', sync_step = 1000 WHERE name = "
        "'第4小学'");
    Copied(
        "UPDATE lianqiao.organisation SET id = gen_random_uuid(), sync_step = 1000 WHERE name = '第5小学'");
    ASSERT_EQ(Mirror({"--once"}), kSuccess) << how << error_;
    EXPECT_EQ(Copied(Fingerprint("lianqiao.organisation")), Value(Fingerprint("organisation"))) << how;
  }
}

TEST_F(CommandPgTest, AnotherClientDoesNotEmptyAMirrorUnasked) {
  ASSERT_EQ(Login(), kSuccess) << error_;
  School("甲小学", weibin_.id());
  ASSERT_EQ(Mirror({"--once"}), kSuccess) << error_;
  Copied("UPDATE lianqiao.mirror_client SET client_id = 'another'");
  EXPECT_EQ(Mirror({"--once"}), kFailure);
  EXPECT_THAT(error_, HasSubstr("--take-over"));
  EXPECT_EQ(Mirror({"--once", "--take-over"}), kSuccess) << error_;
  EXPECT_EQ(Mirror({"--once"}), kSuccess) << "it is this client's now";
  const absl::Time start = absl::Now();
  EXPECT_EQ(Mirror({"--once", "--gateway", "127.0.0.1:1"}), kUnavailable) << "nobody waits for five minutes";
  EXPECT_LT(absl::Now() - start, absl::Seconds(90));
}

TEST_F(CommandPgTest, AMirrorSaysWhatIsWrongWithItsOwnDatabase) {
  ASSERT_EQ(Login(), kSuccess) << error_;
  EXPECT_EQ(Run({"mirror", "--once", "--database", "host=/nowhere dbname=copy"}), kUnavailable);
  EXPECT_THAT(error_, HasSubstr("/nowhere"));
  EXPECT_THAT(error_, HasSubstr("--database"));
  EXPECT_EQ(Run({"mirror", "--once", "--database", copy_.owner_connection() + " dbname=none"}), kFailure);
  EXPECT_THAT(error_, HasSubstr("none"));
  for (const char* string : {"postgresql://u:100%secret@127.0.0.1/x", "host=x password=my secret",
                             "postgresql://u:se/cret@127.0.0.1/x"}) {
    EXPECT_EQ(Run({"mirror", "--once", "--database", string}), kWrongUsage) << string;
    EXPECT_THAT(error_, Not(HasSubstr("cret"))) << "a password may be what is wrong";
  }
  EXPECT_EQ(Run({"mirror", "--once", "--database", "host=se@cret.invalid dbname=x"}), kUnavailable);
  EXPECT_THAT(error_, Not(HasSubstr("cret")));
  postgres::Database::Options options;
  options.connection = copy_.superuser_connection();
  options.workers = 1;
  postgres::Database superuser(options);
  const auto order = [&](const std::string& sql) {
    const absl::Status done = superuser.Run(absl::Now() + absl::Seconds(30), [&](postgres::Session& session) {
      return session.Execute({"order", sql, false}, {}).status();
    });
    EXPECT_TRUE(done.ok()) << sql << done;
  };
  order("CREATE ROLE narrow_reader LOGIN");
  const std::string narrow = absl::StrCat(copy_.owner_connection(), " user=narrow_reader");
  EXPECT_EQ(Run({"mirror", "--once", "--database", narrow}), kFailure);
  EXPECT_THAT(error_, HasSubstr("GRANT CREATE ON DATABASE"));
  order("CREATE SCHEMA lianqiao");
  EXPECT_EQ(Run({"mirror", "--once", "--database", narrow, "--lang", "zh"}), kFailure);
  EXPECT_THAT(error_, HasSubstr("GRANT USAGE, CREATE ON SCHEMA \"lianqiao\" TO \"narrow_reader\""));
  order("GRANT USAGE, CREATE ON SCHEMA lianqiao TO narrow_reader");
  EXPECT_EQ(Run({"mirror", "--once", "--database", narrow}), kSuccess) << error_;
  EXPECT_THAT(error_, HasSubstr("in step")) << "told where no terminal is";
  order("ALTER TABLE lianqiao.organisation OWNER TO CURRENT_USER");
  EXPECT_EQ(Run({"mirror", "--once", "--database", narrow}), kFailure);
  EXPECT_THAT(error_, HasSubstr("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA"));
  order("DROP OWNED BY narrow_reader");
  order("DROP ROLE narrow_reader");
}

TEST_F(CommandPgTest, ExitCodesAndTextsSayWhoseMistakeItIs) {
  ASSERT_EQ(Login(), kSuccess) << error_;
  WriteFile("table.csv", "名称\n甲\n");
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"changes", "--wait", "40"},
                                             {"changes", "--page-size", "x"},
                                             {"list", "organisation", "--limit", "0"},
                                             {"digest", "--kinds", "planet"},
                                             {"changes", "--kinds", "planet"},
                                             {"jobs", "planet"},
                                             {"cancel", "planet", "1"},
                                             {"watch", "--cursor", "x", "--from-oldest"},
                                             {"import", folder_ + "/table.csv"},
                                             {"watch", "--nonsense"}}) {
    std::vector<std::string> words = wrong;
    words.insert(words.end(), {"--lang", "zh"});
    EXPECT_EQ(Run(words), kWrongUsage) << wrong[0] << " " << wrong[1];
    EXPECT_THAT(error_, HasSubstr("→ 见 lianqiao")) << error_;
    EXPECT_THAT(error_, Not(HasSubstr("takes"))) << "in Chinese";
  }
  WriteFile("one.ndjson", "{}\n");
  EXPECT_EQ(Run({"import", folder_ + "/one.ndjson", "--kind", "planet"}), kWrongUsage);
  EXPECT_THAT(error_, HasSubstr("organisation")) << "what there is";
  EXPECT_EQ(Run({"login", "--gateway", front_.address(), "--client-id", "operator", "--secret-file",
                 folder_ + "/secret", "--credentials", folder_ + "/one.ndjson/c.json"}),
            kFailure);
  EXPECT_EQ(Run({"import", folder_ + "/none.ndjson"}), kFailure);
  EXPECT_THAT(error_, HasSubstr("none.ndjson"));
  EXPECT_EQ(Run({"list", "organisation", "--gateway", "127.0.0.1:1", "--lang", "zh"}), kUnavailable);
  EXPECT_THAT(error_, HasSubstr("请核对 --gateway"));
  WriteFile("wrong", "wrong");
  EXPECT_EQ(Run({"login", "--gateway", front_.address(), "--client-id", "operator", "--secret-file",
                 folder_ + "/wrong", "--lang", "zh"}),
            kDenied);
  EXPECT_EQ(ExitCodeOf(base::Fail(absl::StatusCode::kFailedPrecondition, base::ErrorReason::CURSOR_DIVERGED)),
            kConflict);
}

// What `mirror` does without --once, and a service's projection: a stream that lasts.
TEST_F(CommandPgTest, FollowsOverAStreamUntilItIsStopped) {
  const auto contract = LoadContract();
  ASSERT_TRUE(contract.ok()) << contract.status();
  feed::TableOptions names;
  names.consumer = "stream";
  const auto tables = feed::Tables::Make(*contract, {{"organisation", {}}}, names);
  ASSERT_TRUE(tables.ok()) << tables.status();
  const feed::StateTables state(names.consumer, names.state_prefix);
  for (const std::string& sql : state.Ddl()) Copied(sql);
  for (const std::string& sql : (*tables)->Ddl()) Copied(sql);
  postgres::Database::Options options;
  options.connection = copy_.owner_connection();
  options.workers = 4;
  options.name = "stream";
  postgres::Database database(options);
  rpc::Client client({front_.address(), 2, 32u << 20});
  access::ClientToken token(&client, {"operator", "secret", ""});
  feed::RpcSource::Options calls;
  calls.client = &client;
  calls.contract = *contract;
  calls.authorize = [&](absl::Time deadline) { return token.Authorization(deadline); };
  calls.refused = [&](const std::string& refused) { token.Refused(refused); };
  feed::RpcSource source(calls);
  feed::Consumer::Options following;
  following.source = &source;
  following.database = &database;
  following.tables = tables->get();
  following.filter.kinds = {"organisation"};
  feed::Consumer consumer(following);
  absl::Status ended = absl::UnknownError("runs");
  std::thread thread([&] { ended = consumer.Follow(); });
  for (int i = 0; i < 5; ++i) School(absl::StrCat("第", i, "小学"), weibin_.id());
  const std::string wanted = Value(Fingerprint("organisation"));
  const absl::Time limit = absl::Now() + absl::Seconds(30);
  while (Copied(Fingerprint("organisation")) != wanted && absl::Now() < limit)
    absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(Copied(Fingerprint("organisation")), wanted);
  token.Refused("Bearer operator");  // As when it ends: the next call asks for another.
  School("最后的小学", weibin_.id());
  const std::string last = Value(Fingerprint("organisation"));
  while (Copied(Fingerprint("organisation")) != last && absl::Now() < limit)
    absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(Copied(Fingerprint("organisation")), last);
  consumer.Stop();
  thread.join();
  EXPECT_TRUE(ended.ok()) << ended;
}

TEST_F(CommandPgTest, HelpStandsInBothLanguages) {
  for (const char* command : {"login", "get", "list", "create", "update", "import", "export", "jobs",
                              "cancel", "watch", "changes", "digest", "mirror"}) {
    ASSERT_EQ(Run({command, "--help", "--lang", "zh"}), kSuccess);
    EXPECT_THAT(out_, HasSubstr("选项"));
    ASSERT_EQ(Run({command, "--help", "--lang", "en"}), kSuccess);
    EXPECT_THAT(out_, HasSubstr("OPTION"));
    EXPECT_THAT(out_, Not(HasSubstr("选项")));
  }
}

}  // namespace
}  // namespace lianqiao::cli
