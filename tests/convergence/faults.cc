// SPDX-License-Identifier: Apache-2.0
#include "tests/convergence/faults.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/testing/postgres.h"

namespace lianqiao::convergence {

Faults::Faults(Installation* installation, const World* world, uint32_t seed, Report* report)
    : installation_(installation), world_(*world), report_(report), random_(seed), began_(absl::Now()) {}

void Faults::Tell(const std::string& what) {
  tale_.push_back(absl::StrCat(absl::ToInt64Milliseconds(absl::Now() - began_), " ms: ", what));
}

void Faults::Start() {
  if (Random(3) == 0) {
    installation_->proxy().Slow(500 + Random(2500));
    Tell("PostgreSQL is slow");
  }
  thread_ = std::thread([this] { Run(); });
}

void Faults::Heal() {
  healed_ = true;
  if (thread_.joinable()) thread_.join();
  installation_->proxy().Slow(0);
  installation_->proxy().Arm(Proxy::Cut::kRequest, false, false);
  if (installation_->followed() != nullptr && !installation_->followed()->running())
    installation_->followed()->Start();
  if (!installation_->running()) installation_->Start();
}

void Faults::Run() {
  const int count = Random(9);
  for (int i = 0; i < count && !healed_; ++i) {
    absl::SleepFor(absl::Milliseconds(Random(150)));
    if (!healed_) Break();
  }
}

// Rows that writers want, or a head, or only a snapshot, for a while.
void Faults::HoldLock() {
  const std::vector<std::string>& statements = installation_->subject().held;
  const std::string statement = statements[static_cast<size_t>(Random(static_cast<int>(statements.size())))];
  const absl::Duration length = absl::Milliseconds(20 + Random(400));
  Tell(absl::StrCat("a transaction is held open: ", statement));
  const absl::Status ignored =
      installation_->administrator().Run(absl::Now() + absl::Seconds(20), [&](postgres::Session& session) {
        return session.Transact([&](postgres::Statements& transaction) -> absl::Status {
          RETURN_IF_ERROR(transaction.Execute({"hold", statement, false}, {}).status());
          for (const absl::Time end = absl::Now() + length; absl::Now() < end && !healed_;)
            absl::SleepFor(absl::Milliseconds(5));
          return absl::OkStatus();
        });
      });
  (void)ignored;
}

// The real retention job, as if some of what was written were old enough to go: all but the newest.
void Faults::Purge() {
  const postgres::Result time = installation_->Sql(
      "SELECT time FROM change ORDER BY time DESC OFFSET 2 + floor(random() * 12) LIMIT 1");
  if (time.rows() == 0) return;
  // What has left once stays away, however much later the next limit is than what it lets go.
  const absl::Time limit = purged_ = std::max(purged_, time.Time(0, 0));
  Tell("changes leave service");
  // A day is added to what is kept.
  if (!installation_->Purge(limit + absl::Hours(48)).ok()) return;
  const postgres::Result young = installation_->Sql(absl::StrCat(
      "SELECT c.kind, c.id, c.pos FROM change c JOIN feed_head h USING (bucket) WHERE c.pos <= h.low_pos"
      " AND c.time >= to_timestamp(",
      absl::ToUnixMicros(limit), " / 1000000.0)"));
  if (young.rows() > 0)
    report_->Add({"Retained",
                  absl::StrCat(young.rows(), " changes left service and were young enough to stay"),
                  young.Text(0, 0), young.Text(0, 1)});
}

// Where the service follows: it goes on with what it has, and reads anew what was taken back.
void Faults::BreakFollowed() {
  Installation& followed = *installation_->followed();
  if (Random(2) == 0) {
    Tell("the followed service dies and is started again");
    followed.Stop();
    absl::SleepFor(absl::Milliseconds(Random(200)));
    followed.Start();
  } else if (!followed.dumped() && followed.life() == 0) {
    Tell("a dump of the followed service is made");
    followed_dump_began_ = absl::Now();
    followed.Dump();
  } else if (followed.dumped()) {
    Tell("the followed service goes back to its dump");
    followed.Stop();
    on_followed_restore_();
    followed.Restore();
  }
}

void Faults::Break() {
  if (installation_->followed() != nullptr && Random(5) == 0) return BreakFollowed();
  const int draw = Random(100);
  if (draw < 40) {
    const bool answer = Random(3) > 0, commit = Random(2) == 0;
    Tell(absl::StrCat("a connection breaks ", answer ? "behind" : "before",
                      commit ? " a COMMIT" : " a statement"));
    installation_->proxy().Arm(answer ? Proxy::Cut::kAnswer : Proxy::Cut::kRequest, commit, true);
  } else if (draw < 46) {
    Tell("all backends of the service are terminated");
    installation_->Sql(absl::StrCat(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND"
        " usename = '",
        installation_->subject().schema, "'"));
  } else if (draw < 50) {
    Tell("the gateway dies and is started again");
    installation_->StopGateway();
    absl::SleepFor(absl::Milliseconds(Random(100)));
    installation_->StartGateway();
  } else if (draw < 56) {
    Tell("the service dies and is started again");
    installation_->Stop();
    absl::SleepFor(absl::Milliseconds(Random(50)));
    installation_->Start();
  } else if (draw < 58) {
    Tell("PostgreSQL dies and is started again");
    testing::TestDatabase::StopServer();
    testing::TestDatabase::StartServer();
  } else if (draw < 69) {
    HoldLock();
  } else if (draw < 77) {
    for (int i = 0; i < 3 && !healed_; ++i) {
      Purge();
      absl::SleepFor(absl::Milliseconds(20));
    }
  } else if (draw < 87) {
    Tell("grants change");
    on_grant_();
  } else if (draw < 90) {
    Tell("a day passes");
    installation_->PassDay();
  } else if (!installation_->dumped()) {
    Tell("a dump is made");
    dump_began_ = absl::Now();
    installation_->Dump();
  } else if (restores_ < 1) {
    Tell("the dump is restored");
    ++restores_;
    installation_->Stop();
    on_restore_(dump_began_);
    installation_->Restore();
  }
}

}  // namespace lianqiao::convergence
