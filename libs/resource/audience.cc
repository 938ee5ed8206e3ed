// SPDX-License-Identifier: Apache-2.0
#include "libs/resource/audience.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/mutant.h"
#include "libs/resource/core.h"
#include "libs/resource/foreign_scope.h"

namespace lianqiao::resource {

using postgres::Parameters;
using postgres::Query;

namespace {

constexpr absl::Duration kFindLimit = absl::Seconds(30);
// Of one kind into one record; bounds what the planner expects, which else makes a plan for millions.
constexpr int kMergedMax = 20;

// A service's own tables, or its copy of a followed service's.
struct Places {
  const contract::Contract* contract = nullptr;
  const feed::Projection* copy = nullptr;  // Null: the tables themselves.

  bool Has(const std::string& kind) const { return copy == nullptr || copy->Has(kind); }
  bool Has(const std::string& kind, const std::string& field) const {
    return copy == nullptr || copy->Copies(kind, field);
  }
  std::string Table(const std::string& kind) const {
    return absl::StrCat(copy == nullptr ? "" : copy->prefix(), kind);
  }
  std::string Living(const std::string& alias) const {
    return copy == nullptr ? absl::StrCat(" AND ", alias, ".delete_time IS NULL") : "";
  }
};

struct Parts {
  std::vector<std::string> above, alliances, merged;
};

// The kinds that are somebody's audience: "registry/jurisdiction", or "class" of this service.
std::set<std::string> AudienceKinds(const contract::Contract& contract) {
  std::set<std::string> kinds;
  for (const auto& resource : contract.resources())
    for (const std::string& name : resource->rule->scope().audience_from())
      kinds.insert(resource->Find(name)->rule->reference());
  return kinds;
}

// The alliances in which one of `above` has a part today: as Unit::AddParties has it.
absl::Status AddParties(const Places& places, const ResourcePlan& owner, Parts* parts) {
  const auto& rule = owner.rule->scope().parties();
  const ResourcePlan& party = *places.contract->FindKind(rule.kind());
  std::vector<std::string> needed = {rule.parent(), rule.state()};
  needed.insert(needed.end(), rule.party().begin(), rule.party().end());
  std::string valid;
  if (party.rule->has_validity()) {
    const auto& validity = party.rule->validity();
    needed.push_back(validity.from());
    needed.push_back(validity.to());
    valid =
        absl::StrCat(" AND (m.", validity.from(), " IS NULL OR m.", validity.from(), " <= $2::date) AND (m.",
                     validity.to(), " IS NULL OR m.", validity.to(), " >= $2::date)");
  }
  for (const std::string& field : needed)
    if (!places.Has(rule.kind(), field))
      return absl::InvalidArgumentError(absl::StrCat("what lies below ", owner.kind, " follows from ",
                                                     rule.kind(), ".", field, ", which is not projected"));
  const std::string states =
      postgres::ArrayLiteral(EnumNames(*party.Find(rule.state()), rule.current_states()));
  const std::string current =
      absl::StrCat("m.", rule.state(), " = ANY('", states, "'::text[])", valid, places.Living("m"));
  for (const std::string& name : rule.party())
    parts->alliances.push_back(absl::StrCat("SELECT a.id, m.", rule.parent(), " FROM above a JOIN ",
                                            places.Table(rule.kind()), " m ON m.", name, " = a.place WHERE ",
                                            base::Planted("party-for-ever") ? "TRUE" : current));
  return absl::OkStatus();
}

absl::Status AddPlaces(const Places& places, const std::set<std::string>& audiences, Parts* parts) {
  for (const auto& resource : places.contract->resources()) {
    const auto& scope = resource->rule->scope();
    if (!scope.self() || !places.Has(resource->kind)) continue;  // Nobody has a grant on such a record.
    const std::string table = places.Table(resource->kind);
    if (scope.has_parties()) {
      RETURN_IF_ERROR(AddParties(places, *resource, parts));
    } else {
      parts->above.push_back(absl::StrCat(
          "SELECT g.id, u.place FROM granted g JOIN ", table, " r ON r.id = g.id", places.Living("r"),
          " CROSS JOIN LATERAL unnest(r.", places.copy == nullptr ? "scope" : "sync_scope", ") u(place)"));
    }
    const std::string service = places.copy == nullptr ? "" : absl::StrCat(ServiceOf(resource->package), "/");
    if (resource->replaced_by != nullptr && places.Has(resource->kind, resource->replaced_by->name) &&
        audiences.count(service + resource->kind) > 0)
      parts->merged.push_back(absl::StrCat("(SELECT r.id FROM ", table, " r WHERE r.",
                                           resource->replaced_by->name, " = p.place ORDER BY r.id LIMIT ",
                                           kMergedMax, ")"));
  }
  return absl::OkStatus();
}

// Of the grants that hold now, and of the organisation by which those on an alliance count.
std::set<std::string> GrantedIds(const access::Caller& caller, absl::Time now) {
  std::set<std::string> ids;
  if (caller.grants == nullptr) return ids;
  for (const access::Grant& grant : caller.grants->grants) {
    if (!grant.HoldsAt(now) || grant.IsPlatformWide()) continue;
    const std::string& id =
        grant.scope_kind == access::ScopeKind::kAlliance ? caller.grants->organisation_id : grant.scope_id;
    if (base::IsId(id)) ids.insert(id);
  }
  return ids;
}

// One caller that waits for what its grants lie below.
class WaitingCaller final : public postgres::BatchItem {
 public:
  void Fail(const absl::Status& status) override { done(status); }

  const Query* query = nullptr;
  std::string today;
  std::set<std::string> ids;
  access::Caller caller;
  access::Authenticator::Done done;
};

using Below = std::map<std::string, std::vector<std::string>>;

absl::StatusOr<Below> ReadBelow(postgres::Session& session, const Query& query, const std::string& today,
                                const std::set<std::string>& ids) {
  ASSIGN_OR_RETURN(const postgres::Result rows,
                   session.Execute(query, Parameters().TextArray({ids.begin(), ids.end()}).Text(today)));
  Below below;
  for (int i = 0; i < rows.rows(); ++i) below[rows.Text(i, 0)].push_back(store::BelowId(rows.Text(i, 1)));
  return below;
}

void AnswerAll(postgres::Session& session, postgres::Batch& batch) {
  std::set<std::string> ids;
  const auto& first = static_cast<WaitingCaller&>(*batch.front());
  for (const auto& item : batch) {
    const auto& waiting = static_cast<WaitingCaller&>(*item);
    ids.insert(waiting.ids.begin(), waiting.ids.end());
  }
  const absl::StatusOr<Below> below = ReadBelow(session, *first.query, first.today, ids);
  for (auto& item : batch) {
    auto& waiting = static_cast<WaitingCaller&>(*item);
    if (!below.ok()) {
      waiting.done(below.status());
      continue;
    }
    auto own = std::make_shared<Below>();
    for (const std::string& id : waiting.ids)
      if (const auto found = below->find(id); found != below->end()) own->insert(*found);
    waiting.caller.lies_below = std::move(own);
    waiting.done(std::move(waiting.caller));
  }
}

const std::function<void(postgres::Session&, postgres::Batch&)> kAnswerAll = AnswerAll;

class Audiences final : public access::Authenticator {
 public:
  Audiences(const Engine::Options& options, Query query)
      : inner_(options.authenticator),
        reads_(options.reads),
        clock_(options.clock),
        query_(std::move(query)) {}

  void Authenticate(std::shared_ptr<const rpc::CallContext> context, Done done) override {
    const absl::Time deadline = context->deadline;
    inner_->Authenticate(std::move(context), [this, deadline, done = std::move(done)](auto caller) {
      Complete(std::move(caller), deadline, done);
    });
  }
  void Find(const std::string& client_id, Done done) override {
    inner_->Find(client_id, [this, done = std::move(done)](auto caller) {
      Complete(std::move(caller), base::Clock::System().Now() + kFindLimit, done);
    });
  }

 private:
  void Complete(absl::StatusOr<access::Caller> caller, absl::Time deadline, const Done& done) {
    if (!caller.ok()) return done(std::move(caller));
    const absl::Time now = clock_->Now();
    auto waiting = std::make_unique<WaitingCaller>();
    waiting->ids = GrantedIds(*caller, now);
    if (waiting->ids.empty()) return done(std::move(caller));
    waiting->query = &query_;
    waiting->today = base::BusinessDate(now);
    waiting->caller = *std::move(caller);
    waiting->done = done;
    waiting->deadline = deadline;
    // The day is part of the key: callers on both sides of midnight ask for different things.
    const std::string key = "lies_below_" + waiting->today;
    reads_->SubmitBatch(key, std::move(waiting), &kAnswerAll);
  }

  access::Authenticator* const inner_;
  postgres::Database* const reads_;
  const base::Clock* const clock_;
  const Query query_;
};

}  // namespace

absl::StatusOr<Query> LiesBelowQuery(const Engine::Options& options) {
  Parts parts;
  const std::set<std::string> audiences = AudienceKinds(*options.contract);
  RETURN_IF_ERROR(AddPlaces({options.contract.get(), nullptr}, audiences, &parts));
  for (const Followed& followed : options.followed)
    if (followed.projection->HasScopes())
      RETURN_IF_ERROR(AddPlaces({followed.contract.get(), followed.projection}, audiences, &parts));
  if (parts.above.empty()) return absl::InvalidArgumentError("nothing that is known lies below anything");
  std::string sql =
      absl::StrCat("WITH granted AS (SELECT u.id FROM unnest($1::text::uuid[]) u(id)), above AS (",
                   absl::StrJoin(parts.above, " UNION ALL "), "), places AS (SELECT id, place FROM above");
  for (const std::string& alliance : parts.alliances) absl::StrAppend(&sql, " UNION ", alliance);
  absl::StrAppend(&sql, ")");
  // What was merged into one of them, and what had been merged into that before.
  std::string last = "places";
  for (const char* round : {"once", "twice"}) {
    if (parts.merged.empty()) break;
    absl::StrAppend(&sql, ", ", round, " AS (SELECT p.id, r.id AS place FROM ", last,
                    " p CROSS JOIN LATERAL (", absl::StrJoin(parts.merged, " UNION ALL "), ") r)");
    last = round;
  }
  absl::StrAppend(&sql, " SELECT id, place, $2::date FROM places");
  if (!parts.merged.empty())
    absl::StrAppend(&sql, " UNION SELECT id, place, $2::date FROM once",
                    " UNION SELECT id, place, $2::date FROM twice");
  return Query{"lies_below", sql};
}

std::unique_ptr<access::Authenticator> WithAudiences(const Engine::Options& options,
                                                     std::vector<std::string>* mistakes) {
  const auto& resources = options.contract->resources();
  if (std::none_of(resources.begin(), resources.end(), [](const auto& one) { return one->opens_downwards; }))
    return nullptr;
  auto query = LiesBelowQuery(options);
  if (!query.ok()) mistakes->push_back(std::string(query.status().message()));
  if (!query.ok()) return nullptr;
  return std::make_unique<Audiences>(options, *std::move(query));
}

}  // namespace lianqiao::resource
