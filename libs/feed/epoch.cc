// SPDX-License-Identifier: Apache-2.0
#include "libs/feed/epoch.h"

#include <atomic>
#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace lianqiao::feed {
namespace {

using postgres::Parameters;
using postgres::Query;

struct Origin {
  std::string system_identifier;
  std::string timeline;
  std::string object_ids;
};

Origin Decode(const postgres::Result& row) {
  return {row.Text(0, 0), row.Text(0, 1), row.Text(0, 2)};
}

bool IsNotOffered(const absl::Status& status) {
  const std::optional<postgres::DatabaseError> error = postgres::DatabaseErrorOf(status);
  // undefined_function, insufficient_privilege, feature_not_supported
  return error.has_value() &&
         (error->sqlstate == "42883" || error->sqlstate == "42501" || error->sqlstate == "0A000");
}

// nullopt: the server does not say. The timeline is that of the log being written: the one in
// pg_control_checkpoint() is older until the first checkpoint after a promotion.
absl::StatusOr<std::optional<Origin>> ReadPresent(postgres::Statements& statements) {
  static const Query kPresent{
      "feed_origin_present",
      "SELECT (SELECT system_identifier FROM pg_control_system())::text,"
      " substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),"
      " (SELECT oid FROM pg_database WHERE datname = current_database())::text || '/' ||"
      " 'feed_meta'::regclass::oid::text"};
  const absl::StatusOr<postgres::Result> row = statements.Execute(kPresent, {});
  if (!row.ok() && IsNotOffered(row.status())) {
    static std::atomic<bool> told{false};
    if (!told.exchange(true))
      base::Log(base::Severity::kWarning, "restores_not_detected", {{"status", row.status().ToString()}});
    return std::optional<Origin>();
  }
  RETURN_IF_ERROR(row.status());
  return std::optional<Origin>(Decode(*row));
}

std::string ReasonOf(const Origin& before, const Origin& present) {
  if (before.system_identifier != present.system_identifier) return "moved to another cluster";
  if (before.timeline != present.timeline) return absl::StrCat("promoted on timeline ", present.timeline);
  if (before.object_ids != present.object_ids) return "read back from a dump";
  return "";
}

absl::Status BeginEpoch(postgres::Statements& transaction, const std::string& reason, absl::Time now) {
  // Later than the last one whatever the clock says: the newest by started_at is the present epoch.
  static const Query kBegin{
      "begin_epoch",
      "INSERT INTO feed_meta (epoch, buckets, reason, token_secret, started_at, history_horizon,"
      " horizon_raised_at)"
      " SELECT gen_random_uuid(), buckets, $1::text, token_secret,"
      " greatest($2::timestamptz, started_at + interval '1 microsecond'), history_horizon, horizon_raised_at"
      " FROM feed_meta ORDER BY started_at DESC LIMIT 1"};
  ASSIGN_OR_RETURN(const postgres::Result begun,
                   transaction.Execute(kBegin, Parameters().Text(reason).Time(now)));
  if (begun.affected_rows() != 1)
    return absl::DataLossError("feed_meta is empty: the schema was not migrated");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> RenewEpoch(postgres::Session& session, absl::Time now) {
  static const Query kFirst{"feed_origin_first",
                            "INSERT INTO feed_origin (system_identifier, timeline, object_ids, seen_at)"
                            " VALUES ($1, $2, $3, $4::timestamptz) ON CONFLICT DO NOTHING"};
  static const Query kKnown{"feed_origin_known",
                            "SELECT system_identifier, timeline, object_ids FROM feed_origin FOR UPDATE"};
  static const Query kSeen{"feed_origin_seen",
                           "UPDATE feed_origin SET system_identifier = $1, timeline = $2, object_ids = $3,"
                           " seen_at = $4::timestamptz"};
  ASSIGN_OR_RETURN(const std::optional<Origin> present, ReadPresent(session));
  if (!present.has_value()) return std::string();
  // Mostly nothing has moved, and nobody has to wait for anybody to see that.
  static const Query kLook{"feed_origin_look",
                           "SELECT system_identifier, timeline, object_ids FROM feed_origin"};
  ASSIGN_OR_RETURN(const postgres::Result look, session.Execute(kLook, {}));
  if (look.rows() == 1 && ReasonOf(Decode(look), *present).empty()) return std::string();
  std::string reason;
  const auto body = [&](postgres::Statements& transaction) -> absl::Status {
    Parameters origin;
    origin.Text(present->system_identifier).Text(present->timeline).Text(present->object_ids).Time(now);
    RETURN_IF_ERROR(transaction.Execute(kFirst, origin).status());
    ASSIGN_OR_RETURN(const postgres::Result known, transaction.Execute(kKnown, {}));
    reason = ReasonOf(Decode(known), *present);
    if (!reason.empty()) RETURN_IF_ERROR(BeginEpoch(transaction, reason, now));
    return transaction.Execute(kSeen, origin).status();
  };
  RETURN_IF_ERROR(session.Transact(body));
  if (!reason.empty()) base::Log(base::Severity::kWarning, "epoch_begun", {{"reason", reason}});
  return reason;
}

}  // namespace lianqiao::feed
