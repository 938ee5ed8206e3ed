// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/use_rules.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/resource-sharing/party_on_day.h"

namespace lianqiao::resources {

using base::RefuseRule;
using resource::FactQuery;
using resource::FactRow;
using resource::Facts;
using resource::Violations;

namespace {

const FactRow& RowOf(const Facts& facts, const char* query) {
  static const FactRow none;
  const auto& rows = facts.rows(query);
  return rows.empty() ? none : rows[0];
}

bool SameSchool(const Facts& facts) {
  return RowOf(facts, "item").Text("author_school_id") == RowOf(facts, "consumer").Text("school_id");
}

void CheckStays(const Facts& facts, Violations* violations) {
  if (RowOf(facts, "item").Boolean("stays") && !SameSchool(facts))
    violations->push_back(
        RefuseRule("consumerOrganisationId", "出现未成年人且未取得同意的资源不得离开本校",
                   "is another school: what shows minors without consent stays in its own"));
}

}  // namespace

FactQuery ItemUsed(const std::string& day_field) {
  return {"item",
          absl::StrCat("SELECT i.state, i.author_organisation_id, i.published_on, i.retired_on,"
                       " i.shows_minors AND i.consent_basis = '' AS stays, ",
                       SchoolSql("i.author_organisation_id", "$2::date"),
                       " AS author_school_id FROM resource_item i WHERE i.id = $1::uuid"),
          {"resource_item_id", day_field},
          {}};
}

FactQuery Consumer(const std::string& day_field) {
  return {"consumer",
          absl::StrCat("SELECT ", SchoolSql("c.id", "$2::date"),
                       " AS school_id FROM registry_organisation c WHERE c.id = $1::uuid"),
          {"consumer_organisation_id", day_field},
          {}};
}

void DeriveResourceUse(v1::ResourceUse* use, const Facts& facts) {
  // Once: which schools were one may be otherwise when somebody tells it better.
  if (!use->author_organisation_id().empty()) return;
  use->set_author_organisation_id(RowOf(facts, "item").Text("author_organisation_id"));
  use->set_cross_school(!SameSchool(facts));
}

Violations CheckResourceUse(const v1::ResourceUse* before, const v1::ResourceUse& after, const Facts& facts) {
  Violations violations;
  const FactRow& item = RowOf(facts, "item");
  const std::string state = item.Text("state");
  const std::string published = item.Text("published_on");
  const std::string retired = item.Text("retired_on");
  const bool open = state == "RESOURCE_STATE_PUBLISHED" || state == "RESOURCE_STATE_FEATURED";
  if (after.used_on() > facts.today())
    violations.push_back(RefuseRule("usedOn", "使用日期不得晚于今天", "lies in the future"));
  // It was open then, whatever has become of it: only what is told of the use changes.
  const bool same_day =
      before != nullptr && !before->has_delete_time() && before->used_on() == after.used_on();
  CheckStays(facts, &violations);
  if (same_day) return violations;
  if (!open && published.empty())
    violations.push_back(
        RefuseRule("resourceItemId", "资源尚未发布", "is an item that was not published yet"));
  if (!published.empty() && after.used_on() < published)
    violations.push_back(RefuseRule("usedOn", "使用日期早于发布日期", "lies before the item was published"));
  if (!open && !retired.empty() && after.used_on() > retired)
    violations.push_back(RefuseRule("usedOn", "使用日期晚于下架日期", "lies after the item was retired"));
  return violations;
}

FactQuery UsedByConsumer() {
  return {"used",
          "SELECT id FROM resource_use WHERE resource_item_id = $1::uuid"
          " AND consumer_organisation_id = $2::uuid AND delete_time IS NULL LIMIT 1",
          {"resource_item_id", "consumer_organisation_id"},
          {}};
}

Violations CheckResourceRating(const v1::ResourceRating* before, const v1::ResourceRating& after,
                               const Facts& facts) {
  Violations violations;
  if (after.rated_on() > facts.today())
    violations.push_back(RefuseRule("ratedOn", "评分日期不得晚于今天", "lies in the future"));
  if (SameSchool(facts))
    violations.push_back(
        RefuseRule("consumerOrganisationId", "不得给本校的资源评分", "is the school that gives the item"));
  if (facts.rows("used").empty())
    violations.push_back(RefuseRule("consumerOrganisationId", "尚未使用过该资源",
                                    "has not used the item: only whoever used it rates it"));
  return violations;
}

}  // namespace lianqiao::resources
