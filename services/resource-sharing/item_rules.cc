// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/item_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "services/resource-sharing/file_rules.h"

namespace lianqiao::resources {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactQuery;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::ResourceItem;

namespace {

// What the platform fills while an item goes its course.
const std::vector<std::string>& Steps() {
  static const std::vector<std::string> steps = {"open_jurisdiction_id",
                                                 "open_alliance_id",
                                                 "review_cycle",
                                                 "required_round_count",
                                                 "state",
                                                 "submitted_on",
                                                 "returned_on",
                                                 "return_reason",
                                                 "reviewed_on",
                                                 "published_on",
                                                 "featured_on",
                                                 "retired_on",
                                                 "retire_reason",
                                                 "reviewing_organisation_id"};
  return steps;
}

// What may still be said better or otherwise once it has been reviewed.
std::vector<std::string> OpenToChange() {
  std::vector<std::string> fields = Steps();
  fields.insert(fields.end(), {"summary", "keywords", "audience", "alliance_id", "consent_basis"});
  return fields;
}

std::string LevelName(v1::ResourceAudience audience) {
  switch (audience) {
    case v1::RESOURCE_AUDIENCE_COUNTY:
      return "JURISDICTION_LEVEL_COUNTY";
    case v1::RESOURCE_AUDIENCE_CITY:
      return "JURISDICTION_LEVEL_CITY";
    case v1::RESOURCE_AUDIENCE_PROVINCE:
      return "JURISDICTION_LEVEL_PROVINCE";
    default:
      return "";
  }
}

// The place of the audience's level in which the author organisation lies; empty: none.
std::string PlaceOf(v1::ResourceAudience audience, const Facts& facts) {
  const std::string level = LevelName(audience);
  for (const FactRow& place : facts.rows("places"))
    if (!level.empty() && place.Text("level") == level) return place.Text("id");
  return "";
}

// The least level whose review opens so far.
v1::ResourceLevel LevelFor(v1::ResourceAudience audience) {
  switch (audience) {
    case v1::RESOURCE_AUDIENCE_COUNTY:
      return v1::RESOURCE_LEVEL_COUNTY;
    case v1::RESOURCE_AUDIENCE_CITY:
      return v1::RESOURCE_LEVEL_CITY;
    case v1::RESOURCE_AUDIENCE_PROVINCE:
      return v1::RESOURCE_LEVEL_PROVINCE;
    default:
      return v1::RESOURCE_LEVEL_SCHOOL;
  }
}

bool AsksForReview(const std::string& method) {
  return method == "SubmitResourceItem";
}

void CheckAudience(const ResourceItem& after, const Facts& facts, Violations* violations) {
  const bool alliance = after.audience() == v1::RESOURCE_AUDIENCE_ALLIANCE;
  if (alliance && after.alliance_id().empty())
    violations->push_back(Refuse("allianceId", ErrorReason::FIELD_REQUIRED));
  if (!after.alliance_id().empty() && facts.rows("membership").empty())
    violations->push_back(RefuseRule("allianceId", "作者单位不在该联盟中",
                                     "names an alliance in which the author organisation has no part"));
  if (LevelFor(after.audience()) > after.level())
    violations->push_back(RefuseRule("audience", "开放范围不得超出评审级别",
                                     "reaches further than the level at which the item is reviewed"));
  if (!LevelName(after.audience()).empty() && PlaceOf(after.audience(), facts).empty())
    violations->push_back(RefuseRule("audience", "作者单位不在这一级的任何辖区内",
                                     "names a level at which the author organisation lies in no place"));
  const bool stays = after.shows_minors() && after.consent_basis().empty();
  // Bureaus above the school and who reviews read the item, and would follow its link.
  if (stays && (after.audience() != v1::RESOURCE_AUDIENCE_OWN_SCHOOL || !after.url().empty()))
    violations->push_back(RefuseRule("consentBasis", "出现未成年人且未取得同意的资源不得离开本校",
                                     "is missing: what shows minors without consent stays in its school"));
}

// Else it would be open, and its files to nobody.
void CheckSaysWhatFilesSay(const ResourceItem& item, const Facts& facts, Violations* violations) {
  const auto& files = facts.rows("files");
  if (files.empty()) return;
  const bool stays = item.shows_minors() && item.consent_basis().empty();
  if (files[0].Boolean("show_minors") && !item.shows_minors())
    violations->push_back(RefuseRule("showsMinors", "有文件出现未成年人,条目须如实填报",
                                     "is not said, though a file of it shows minors"));
  else if (files[0].Boolean("stay") && !stays)
    violations->push_back(RefuseRule("consentBasis", "有文件出现未成年人且未取得同意",
                                     "covers not every file: one shows minors without consent"));
}

// A source system keeps its own papers; whoever edits keeps to what was handed in.
void CheckEdit(const ResourceItem& before, const ResourceItem& after, Violations* violations) {
  const auto refuse = [&](const char* zh, const char* en) {
    violations->push_back(RefuseRule("state", zh, en));
  };
  switch (before.state()) {
    case v1::RESOURCE_STATE_SUBMITTED:
      if (resource::ContentDiffers(before, after, Steps()))
        refuse("送审期间内容不得改动,请先撤回", "keeps the content as it was submitted: withdraw it first");
      break;
    case v1::RESOURCE_STATE_REVIEWED:
    case v1::RESOURCE_STATE_PUBLISHED:
    case v1::RESOURCE_STATE_FEATURED:
      if (resource::ContentDiffers(before, after, OpenToChange()))
        refuse("评审后只能改摘要、关键词、开放范围和同意依据,其他请先重新打开",
               "lets only summary, keywords, audience and consent be changed after the review: reopen it");
      break;
    case v1::RESOURCE_STATE_RETIRED:
      if (resource::ContentDiffers(before, after, Steps()))
        refuse("已下架的资源不得改动,请先重新打开", "is retired: reopen it first");
      break;
    default:
      break;
  }
}

// 1 county, 2 city, 3 province and what is above it; 0: below a county, or unknown.
int RankOf(const std::string& jurisdiction_level) {
  if (jurisdiction_level == "JURISDICTION_LEVEL_COUNTY") return 1;
  if (jurisdiction_level == "JURISDICTION_LEVEL_CITY") return 2;
  const bool province = jurisdiction_level == "JURISDICTION_LEVEL_PROVINCE" ||
                        jurisdiction_level == "JURISDICTION_LEVEL_NATION";
  return province ? 3 : 0;
}

// A review opens an item as far as its level reaches: it is given there or above, where the author lies.
bool ReviewsAtLevel(v1::ResourceLevel level, const Facts& facts) {
  const int rank = level == v1::RESOURCE_LEVEL_COUNTY ? 1 : level == v1::RESOURCE_LEVEL_CITY ? 2 : 3;
  const auto& reviewer = facts.rows("reviewer");
  if (reviewer.empty()) return false;
  for (const FactRow& place : facts.rows("places"))
    if (place.Text("id") == reviewer[0].Text("jurisdiction_id")) return RankOf(place.Text("level")) >= rank;
  return false;
}

void CheckReviewing(const ResourceItem* before, const ResourceItem& after, const Facts& facts,
                    Violations* violations) {
  const std::string& reviewing = after.reviewing_organisation_id();
  const bool chosen = before == nullptr || before->reviewing_organisation_id() != reviewing;
  if (!chosen || reviewing.empty()) return;
  const bool school = after.level() == v1::RESOURCE_LEVEL_SCHOOL;
  const bool own = reviewing == after.author_organisation_id();
  const bool named = absl::StartsWith(facts.method(), "Create") || resource::IsEdit(facts);
  if (named && after.state() != v1::RESOURCE_STATE_SUBMITTED)
    violations->push_back(RefuseRule("reviewingOrganisationId", "送审后才能指定评审单位",
                                     "is named once the item is submitted"));
  if (school && !own)
    violations->push_back(RefuseRule("reviewingOrganisationId", "校级资源由作者单位评审",
                                     "is the author organisation itself at the school level"));
  if (!school && own)
    violations->push_back(RefuseRule("reviewingOrganisationId", "校级以上资源不得由作者单位自行评审",
                                     "is the author organisation, which does not review above its level"));
  if (named && !school && !own && !ReviewsAtLevel(after.level(), facts))
    violations->push_back(
        RefuseRule("reviewingOrganisationId", "评审单位须属于作者单位所在的该评审级别或其上级辖区",
                   "belongs to no place of the item's level, or above it, in which the author lies"));
}

void CheckStep(const ResourceItem& after, const Facts& facts, Violations* violations) {
  if (AsksForReview(facts.method())) {
    const auto& handed = facts.rows("handed_in");
    const bool anything = !handed.empty() && handed[0].Integer("version_count") > 0;
    if (!anything && after.url().empty())
      violations->push_back(RefuseRule("state", "送审前须有至少一个带文件的版本或上游链接",
                                       "needs an edition with a file, or a link, to be submitted"));
  }
  if (facts.method() == "AcceptResourceItem") {
    const auto& rounds = facts.rows("rounds");
    const int64_t passed = rounds.empty() ? 0 : rounds[0].Integer("passed");
    const int64_t improve = rounds.empty() ? 0 : rounds[0].Integer("improve");
    if (improve > 0)
      violations->push_back(RefuseRule("state", "本次送审有退回修改的结论,请退回",
                                       "has a verdict to improve it in this cycle: return it"));
    if (passed < after.required_round_count())
      violations->push_back(RefuseRule(
          "state", absl::StrCat("评审未完成:应评", after.required_round_count(), "轮,已通过", passed, "轮"),
          absl::StrCat("needs ", after.required_round_count(), " rounds that passed and has ", passed)));
  }
  if (facts.method() == "FeatureResourceItem" && after.level() == v1::RESOURCE_LEVEL_SCHOOL)
    violations->push_back(
        RefuseRule("state", "校级资源不作推荐", "is of the school level, which is not featured"));
}

}  // namespace

int RequiredRounds(v1::ResourceLevel level) {
  switch (level) {
    case v1::RESOURCE_LEVEL_SCHOOL:
      return 1;
    case v1::RESOURCE_LEVEL_COUNTY:
      return 2;
    case v1::RESOURCE_LEVEL_CITY:
    case v1::RESOURCE_LEVEL_PROVINCE:
      return 3;
    default:
      return 0;
  }
}

bool IsOpen(v1::ResourceState state) {
  return state == v1::RESOURCE_STATE_PUBLISHED || state == v1::RESOURCE_STATE_FEATURED;
}

FactQuery AuthorPlaces() {
  return {"places",
          "SELECT j.id, j.level FROM registry_organisation o JOIN registry_jurisdiction j"
          " ON j.id = ANY(o.sync_scope) WHERE o.id = $1::uuid ORDER BY j.id",
          {"author_organisation_id"},
          {}};
}

FactQuery AuthorMembership() {
  return {"membership",
          "SELECT m.id FROM registry_organisation o JOIN registry_membership m"
          " ON m.organisation_id = ANY(o.sync_scope) OR m.jurisdiction_id = ANY(o.sync_scope)"
          " WHERE o.id = $2::uuid AND m.alliance_id = $1::uuid AND m.state IN ('MEMBERSHIP_STATE_AGREED',"
          " 'MEMBERSHIP_STATE_ACTIVE', 'MEMBERSHIP_STATE_SUSPENDED') LIMIT 1",
          {"alliance_id", "author_organisation_id"},
          {}};
}

FactQuery Reviewer() {
  return {"reviewer",
          "SELECT o.jurisdiction_id FROM registry_organisation o WHERE o.id = $1::uuid",
          {"reviewing_organisation_id"},
          {},
          true};
}

FactQuery HandedIn() {
  return {"handed_in",
          "SELECT count(*) AS version_count FROM resource_version"
          " WHERE resource_item_id = $1::uuid AND delete_time IS NULL AND file_ids <> '{}'",
          {"id"},
          {"SubmitResourceItem"}};
}

FactQuery RoundsOfCycle() {
  return {"rounds",
          "SELECT count(*) FILTER (WHERE verdict = 'REVIEW_VERDICT_PASSED') AS passed,"
          " count(*) FILTER (WHERE verdict = 'REVIEW_VERDICT_IMPROVE') AS improve FROM resource_review"
          " WHERE resource_item_id = $1::uuid AND review_cycle = $2::integer AND delete_time IS NULL",
          {"id", "review_cycle"},
          {"AcceptResourceItem"}};
}

FactQuery FilesHandedIn() {
  return {"files",
          "SELECT bool_or(coalesce(f.shows_minors, true)) AS show_minors,"
          " bool_or(coalesce(f.shows_minors, true) AND f.consent_basis = '') AS stay FROM resource_version v"
          " JOIN file f ON f.id = ANY(v.file_ids) WHERE v.resource_item_id = $1::uuid AND"
          " v.delete_time IS NULL AND f.delete_time IS NULL",
          {"id"},
          {"SubmitResourceItem"}};
}

FactQuery StateBefore() {
  return {"stored", "SELECT state FROM resource_item WHERE id = $1::uuid", {"id"}, {"ReopenResourceItem"}};
}

void DeriveResourceItem(ResourceItem* item, const Facts& facts) {
  item->set_required_round_count(RequiredRounds(item->level()));
  if (AsksForReview(facts.method())) {
    item->set_review_cycle(item->review_cycle() + 1);
    const bool school = item->level() == v1::RESOURCE_LEVEL_SCHOOL;
    item->set_reviewing_organisation_id(school ? item->author_organisation_id() : "");
  }
  // Who was asked read what was handed in, and reads no new draft.
  if (facts.method() == "WithdrawResourceItem" || facts.method() == "ReopenResourceItem")
    item->clear_reviewing_organisation_id();
  // Reopened while it was open, it closes on that day: what is used later was not.
  const auto& stored = facts.rows("stored");
  const std::string was = stored.empty() ? "" : stored[0].Text("state");
  if (was == "RESOURCE_STATE_PUBLISHED" || was == "RESOURCE_STATE_FEATURED")
    item->set_retired_on(facts.today());
  if (facts.method() == "PublishResourceItem") {  // A new life after it was retired and reopened.
    item->clear_retired_on();
    item->clear_retire_reason();
  }
  const bool open = IsOpen(item->state());
  const bool alliance = item->audience() == v1::RESOURCE_AUDIENCE_ALLIANCE;
  item->set_open_jurisdiction_id(open ? PlaceOf(item->audience(), facts) : "");
  item->set_open_alliance_id(open && alliance ? item->alliance_id() : "");
}

Violations CheckResourceItem(const ResourceItem* before, const ResourceItem& after, const Facts& facts) {
  Violations violations;
  if (after.licence() == v1::RESOURCE_LICENCE_OTHER && after.licence_note().empty())
    violations.push_back(Refuse("licenceNote", ErrorReason::FIELD_REQUIRED));
  // The newest come first wherever items are found.
  const bool brought = before == nullptr || facts.imports();
  if (brought && IsOpen(after.state()) && after.published_on().empty())
    violations.push_back(Refuse("publishedOn", ErrorReason::FIELD_REQUIRED));
  // Where its author lies, and in which alliances, may change behind it: what ends or closes it goes on.
  const bool closes = before != nullptr &&
                      (facts.method() == "RetireResourceItem" || facts.method() == "ReopenResourceItem" ||
                       facts.method() == "WithdrawResourceItem" || facts.method() == "ReturnResourceItem");
  if (!closes) CheckAudience(after, facts, &violations);
  CheckConsent(before, after, after.author_organisation_id(), facts, &violations);
  CheckSaysWhatFilesSay(after, facts, &violations);
  if (before != nullptr && resource::IsEdit(facts)) CheckEdit(*before, after, &violations);
  CheckReviewing(before, after, facts, &violations);
  CheckStep(after, facts, &violations);
  resource::RequireOrder("submittedOn", after.submitted_on(), "reviewedOn", after.reviewed_on(), &violations);
  resource::RequireOrder("publishedOn", after.published_on(), "retiredOn", after.retired_on(), &violations);
  return violations;
}

Violations CheckItemDeletion(const ResourceItem& item, const Facts& facts) {
  if (item.state() == v1::RESOURCE_STATE_DRAFT || item.state() == v1::RESOURCE_STATE_RETURNED) return {};
  return {RefuseRule("state", "只有草稿和被退回的资源可以删除;已发布的请下架",
                     "is neither a draft nor returned: retire it instead")};
}

namespace {

constexpr char kItemColumns[] =
    "SELECT i.state, i.review_cycle, i.level, i.author_organisation_id, i.reviewing_organisation_id,"
    " i.required_round_count FROM resource_item i WHERE i.id = $1::uuid";

const FactRow& ItemOf(const Facts& facts) {
  static const FactRow none;
  const auto& rows = facts.rows("item");
  return rows.empty() ? none : rows[0];
}

bool IsDraft(const FactRow& item) {
  return item.Text("state") == "RESOURCE_STATE_DRAFT" || item.Text("state") == "RESOURCE_STATE_RETURNED";
}

bool IsSubmitted(const FactRow& item) {
  return item.Text("state") == "RESOURCE_STATE_SUBMITTED";
}

// A record that was not there. An import brings history, which is not asked for what holds today.
bool IsNew(bool existed, const Facts& facts) {
  return !facts.imports() && (!existed || absl::StartsWith(facts.method(), "Undelete"));
}

}  // namespace

FactQuery ItemOfVersion() {
  return {"item", kItemColumns, {"resource_item_id"}, {}};
}

FactQuery LastVersion() {
  return {"last",
          "SELECT coalesce(max(number), 0) AS number FROM resource_version"
          " WHERE resource_item_id = $1::uuid AND id <> $2::uuid",
          {"resource_item_id", "id"},
          {}};
}

void DeriveResourceVersion(v1::ResourceVersion* version, const Facts& facts) {
  if (version->number() > 0) return;
  const auto& last = facts.rows("last");
  version->set_number(static_cast<int32_t>(last.empty() ? 1 : last[0].Integer("number") + 1));
  version->set_review_cycle(static_cast<int32_t>(ItemOf(facts).Integer("review_cycle")));
}

Violations CheckResourceVersion(const v1::ResourceVersion* before, const v1::ResourceVersion& after,
                                const Facts& facts) {
  if (!IsNew(before != nullptr, facts) || IsDraft(ItemOf(facts))) return {};
  return {RefuseRule("resourceItemId", "只能给草稿和被退回的资源加版本;已发布的请先重新打开",
                     "is an item that is no draft: withdraw or reopen it before it gets another edition")};
}

Violations CheckVersionDeletion(const v1::ResourceVersion& version, const Facts& facts) {
  if (IsDraft(ItemOf(facts))) return {};
  return {RefuseRule("resourceItemId", "送审后不得删除版本", "is an item that is no draft any more")};
}

FactQuery ItemOfReview() {
  return {"item", kItemColumns, {"resource_item_id"}, {}};
}

FactQuery GivenReviews() {
  return {"given",
          "SELECT array_agg(r.round) AS rounds,"
          " count(*) FILTER (WHERE r.verdict = 'REVIEW_VERDICT_IMPROVE') AS improve"
          " FROM resource_review r JOIN resource_item i"
          " ON i.id = r.resource_item_id AND i.review_cycle = r.review_cycle"
          " WHERE r.resource_item_id = $1::uuid AND r.id <> $2::uuid AND r.delete_time IS NULL",
          {"resource_item_id", "id"},
          {}};
}

void DeriveResourceReview(v1::ResourceReview* review, const Facts& facts) {
  if (review->round() > 0) return;
  review->set_author_organisation_id(ItemOf(facts).Text("author_organisation_id"));
  review->set_review_cycle(static_cast<int32_t>(ItemOf(facts).Integer("review_cycle")));
  // The first that is free: a verdict may have been taken back.
  const auto& given = facts.rows("given");
  const auto rounds = given.empty() ? std::vector<std::string>() : given[0].TextArray("rounds");
  int32_t round = 1;
  while (std::find(rounds.begin(), rounds.end(), std::to_string(round)) != rounds.end()) ++round;
  review->set_round(round);
}

Violations CheckResourceReview(const v1::ResourceReview* before, const v1::ResourceReview& after,
                               const Facts& facts) {
  Violations violations;
  const FactRow& item = ItemOf(facts);
  if (after.verdict() == v1::REVIEW_VERDICT_IMPROVE && after.comment().empty())
    violations.push_back(Refuse("comment", ErrorReason::FIELD_REQUIRED));
  if (after.reviewed_on() > facts.today())
    violations.push_back(RefuseRule("reviewedOn", "评审日期不得晚于今天", "lies in the future"));
  if (item.Text("level") != "RESOURCE_LEVEL_SCHOOL" &&
      after.reviewer_organisation_id() == item.Text("author_organisation_id"))
    violations.push_back(RefuseRule("reviewerOrganisationId", "校级以上资源不得由作者单位自行评审",
                                    "is the author organisation, which does not review above its level"));
  if (!IsNew(before != nullptr, facts)) return violations;
  if (!IsSubmitted(item))
    violations.push_back(RefuseRule("resourceItemId", "资源不在送审中", "is an item that is not submitted"));
  if (after.reviewer_organisation_id() != item.Text("reviewing_organisation_id"))
    violations.push_back(RefuseRule("reviewerOrganisationId", "不是该资源当前的评审单位",
                                    "is not the organisation that is asked to review now"));
  const auto& given = facts.rows("given");
  if (!given.empty() && given[0].Integer("improve") > 0)
    violations.push_back(RefuseRule("resourceItemId", "本次送审已有退回修改的结论",
                                    "has a verdict to improve it in this cycle already"));
  if (after.round() > item.Integer("required_round_count"))
    violations.push_back(
        RefuseRule("resourceItemId", "应评轮次均已评审", "has had all rounds that it needs"));
  return violations;
}

Violations CheckReviewDeletion(const v1::ResourceReview& review, const Facts& facts) {
  if (IsSubmitted(ItemOf(facts)) && review.review_cycle() == ItemOf(facts).Integer("review_cycle")) return {};
  return {RefuseRule("resourceItemId", "送审结束后评审不得删除",
                     "is an item whose review has ended: its verdicts stay on record")};
}

}  // namespace lianqiao::resources
