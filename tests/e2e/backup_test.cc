// SPDX-License-Identifier: Apache-2.0
// tools/backup and tools/restore on a platform as tools/up runs it: what comes back, what is refused, and
// that what is refused or fails in the middle changes nothing.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/e2e/installation.h"
#include "tests/e2e/platform.h"

namespace lianqiao::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class BackupAndRestore : public ::testing::Test {
 protected:
  // While PostgreSQL runs; as its superuser.
  std::string Sql(const std::string& sql) {
    const CommandResult result =
        RunShell(absl::StrCat("psql -X -q -A -t -h ", installation_.folder(),
                              "/var/run -U postgres -d lianqiao <<'END'\n", sql, "\nEND"));
    EXPECT_EQ(result.exit_code, 0) << sql << result.output;
    return std::string(absl::StripAsciiWhitespace(result.output));
  }
  std::string Epoch(const std::string& schema) {
    return Sql(absl::StrCat("SELECT epoch FROM ", schema, ".feed_meta ORDER BY started_at DESC LIMIT 1"));
  }
  std::string Heads() {
    return Sql(
        "SELECT string_agg(concat_ws(' ', bucket, pos, encode(head_digest, 'hex')), ',' ORDER BY bucket)"
        " FROM alliance_registry.feed_head");
  }

  // The path of a new backup, the only one in its place.
  std::string Backup(const std::string& place, const std::string& options = "") {
    const std::string to = installation_.folder() + "/" + place;
    const CommandResult made = installation_.Tool(absl::StrCat("backup --to ", to, " ", options));
    EXPECT_EQ(made.exit_code, 0) << made.output;
    EXPECT_THAT(made.output, HasSubstr("master.key"));
    std::string folder;
    for (const auto& entry : std::filesystem::directory_iterator(to)) {
      EXPECT_EQ(folder, "") << "one backup and nothing beside it";
      folder = entry.path();
    }
    return folder;
  }

  // A copy of `folder` to which `damage` was done; its path.
  std::string Damaged(const std::string& folder, const std::string& damage) {
    const std::string copy = installation_.folder() + "/damaged";
    const CommandResult done = RunShell(
        absl::StrCat("rm -rf ", copy, "; cp -r ", folder, " ", copy, " && cd ", copy, " && ", damage));
    EXPECT_EQ(done.exit_code, 0) << done.output;
    return copy;
  }

  void ExpectRefused(const std::string& folder, const std::string& why) {
    const CommandResult refused = Restore(folder);
    EXPECT_NE(refused.exit_code, 0);
    EXPECT_THAT(refused.output, AllOf(HasSubstr(why), Not(HasSubstr("restoring")))) << folder;
  }

  void ExpectDamageIsRefused(const std::string& folder) {
    const std::string sums = "sha256sum -- *.dump manifest.json >SHA256SUMS";
    const std::string flipped = Damaged(folder, "printf X | dd of=identity.dump bs=1 seek=9000 conv=notrunc");
    ExpectRefused(flipped, "is damaged");
    const CommandResult verified = installation_.Tool("backup --verify " + flipped);
    EXPECT_NE(verified.exit_code, 0);
    EXPECT_THAT(verified.output, HasSubstr("identity.dump: FAILED"));
    ExpectRefused(Damaged(folder, "rm identity.dump"), "is damaged");
    ExpectRefused(Damaged(folder, "sed -i s/identity/Identity/ manifest.json"), "is damaged");
    ExpectRefused(Damaged(folder, "truncate -s 20000 identity.dump; " + sums), "pg_restore cannot read");
    ExpectRefused(Damaged(folder, "mv alliance_registry.dump identity.dump; " + sums),
                  "does not hold the schema identity");
  }

  CommandResult Restore(const std::string& options) { return installation_.Tool("restore " + options); }

  void Start() {
    const CommandResult up = installation_.Up("--no-sample");
    ASSERT_EQ(up.exit_code, 0) << up.output;
  }
  void Stop() { ASSERT_EQ(installation_.Down().exit_code, 0); }

  Installation installation_;
};

void ExpectPrivate(const std::string& folder) {
  struct stat info = {};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << entry.path();
  }
  ASSERT_EQ(::stat(folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

// What a service finds in the dump is what the manifest tells.
void ExpectManifest(const std::string& folder, const std::string& epoch, const std::string& heads) {
  const Json manifest(Contents(folder + "/manifest.json"));
  EXPECT_EQ(manifest.Text("/schemas/0/schema"), "identity");
  EXPECT_EQ(manifest.Text("/schemas/1/epoch"), epoch);
  std::string told;
  for (size_t i = 0; i < manifest.Size("/schemas/1/feed_heads"); ++i) {
    const std::string head = absl::StrCat("/schemas/1/feed_heads/", i);
    absl::StrAppend(&told, i > 0 ? "," : "", manifest.Integer(head + "/bucket"), " ",
                    manifest.Integer(head + "/pos"), " ", manifest.Text(head + "/digest"));
  }
  EXPECT_EQ(told, heads);
  EXPECT_THAT(manifest.Text("/not_included/0/where"), HasSubstr("/var/secrets/master.key"));
}

TEST_F(BackupAndRestore, WhatWasWrittenLaterIsGoneTheRestIsThereAndTheEpochIsNew) {
  Start();
  HttpClient client = installation_.Operator();
  const Places places = MakePlaces(client);
  const std::string kept = "/v1/organisations/" + MakeSchool(client, "渭滨区第一小学", places.near_id);
  const std::string epoch = Epoch("alliance_registry"), identity_epoch = Epoch("identity");
  const std::string folder = Backup("backups");
  ExpectPrivate(folder);
  ExpectManifest(folder, epoch, Heads());
  EXPECT_EQ(installation_.Tool("backup --verify " + folder).exit_code, 0);
  const std::string before = client.Get(kept).body;
  ASSERT_EQ(client.Patch(kept, R"({"shortName":"改名"})").status, 200);
  const std::string later = "/v1/organisations/" + MakeSchool(client, "渭滨区第二小学", places.near_id);
  const std::string heads = Heads();

  Sql("INSERT INTO alliance_registry.schema_migration VALUES ('0099_come_from_tomorrow', '')");
  const std::string tomorrow = Backup("tomorrow", "--schema alliance_registry");
  Sql("DELETE FROM alliance_registry.schema_migration WHERE name LIKE '0099%'");

  // Refused while it runs, by name.
  const CommandResult running = Restore(folder);
  EXPECT_NE(running.exit_code, 0);
  EXPECT_THAT(running.output,
              AllOf(HasSubstr("alliance-registry"), HasSubstr("gateway"), HasSubstr("Nothing was changed")));
  // Fails once, when the first schema is back already: a number that no rollback takes back.
  Sql(R"sql(CREATE SCHEMA trap; CREATE SEQUENCE trap.once;
CREATE FUNCTION trap.spring() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name = 'identity') THEN
    IF nextval('trap.once') = 1 THEN RAISE 'the disk is full'; END IF;
  END IF;
END$$;
CREATE EVENT TRIGGER trap ON ddl_command_end WHEN TAG IN ('CREATE INDEX')
  EXECUTE FUNCTION trap.spring();)sql");
  Stop();
  ExpectDamageIsRefused(folder);
  ExpectRefused(tomorrow, "0099_come_from_tomorrow");
  const CommandResult failed = Restore(folder);
  EXPECT_NE(failed.exit_code, 0) << failed.output;
  EXPECT_THAT(failed.output, AllOf(HasSubstr("the disk is full"), HasSubstr("changed nothing")));
  // Of a stopped platform: all is as it was.
  const std::string unchanged = Backup("unchanged");
  ExpectManifest(unchanged, epoch, heads);
  EXPECT_EQ(Json(Contents(unchanged + "/manifest.json")).Text("/schemas/0/epoch"), identity_epoch);

  const CommandResult restored = Restore(folder);
  ASSERT_EQ(restored.exit_code, 0) << restored.output;
  EXPECT_THAT(restored.output, AllOf(HasSubstr("2 changes after the backup were taken back"),
                                     HasSubstr("CURSOR_DIVERGED"), HasSubstr("alliance_registry_until_")));
  const CommandResult again = Restore(folder + " --schema alliance_registry --drop-old");
  ASSERT_EQ(again.exit_code, 0) << again.output;
  EXPECT_THAT(again.output,
              AllOf(HasSubstr("no change of the feed was taken back"), Not(HasSubstr("identity"))));
  Start();
  HttpClient after = installation_.Operator();
  EXPECT_EQ(after.Get(kept).body, before);
  EXPECT_EQ(after.Get(later).status, 404);
  EXPECT_NE(Epoch("alliance_registry"), epoch);
  EXPECT_NE(Epoch("identity"), identity_epoch);
  EXPECT_EQ(Sql("SELECT count(*) || ' ' || count(DISTINCT token_secret) FROM alliance_registry.feed_meta"),
            "2 1")
      << "one new epoch, cursors stay readable; the start found nothing that it was not told";
  EXPECT_THAT(Sql("SELECT reason FROM identity.feed_meta ORDER BY started_at DESC LIMIT 1"),
              HasSubstr("restored from the backup of 20"));
  EXPECT_EQ(Sql("SELECT count(*) FILTER (WHERE nspname LIKE '%until%') - count(*) FILTER (WHERE EXISTS ("
                "SELECT FROM pg_roles WHERE rolname = nspname || '_owner')) FROM pg_namespace"),
            "0")
      << "one of each from the restore that kept them";
  MakeSchool(after, "渭滨区第三小学", places.near_id);
}

}  // namespace
}  // namespace lianqiao::e2e
