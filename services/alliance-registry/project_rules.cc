// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/project_rules.h"

#include <map>

#include "lianqiao/options/v1/options.pb.h"
#include "libs/resource/date_order.h"
#include "services/alliance-registry/organisation_rules.h"

namespace lianqiao::registry {

using base::ErrorReason;
using base::Refuse;
using resource::Facts;
using resource::Violations;

Violations CheckCooperationProject(const v1::CooperationProject* before, const v1::CooperationProject& after,
                                   const Facts& facts) {
  Violations violations;
  resource::RequireOrder("startedOn", after.started_on(), "finishedOn", after.finished_on(), &violations);
  if (facts.method() == "CompleteCooperationProject" && after.outcome().empty())
    violations.push_back(Refuse("outcome", ErrorReason::FIELD_REQUIRED));
  return violations;
}

namespace {

// The level at which a place pays; unspecified: none.
v1::PayerLevel LevelOfPlace(const std::string& level) {
  static const std::map<std::string, v1::PayerLevel> kLevels = {
      {"JURISDICTION_LEVEL_NATION", v1::PAYER_LEVEL_CENTRAL},
      {"JURISDICTION_LEVEL_PROVINCE", v1::PAYER_LEVEL_PROVINCE},
      {"JURISDICTION_LEVEL_CITY", v1::PAYER_LEVEL_CITY},
      {"JURISDICTION_LEVEL_COUNTY", v1::PAYER_LEVEL_COUNTY},
      {"JURISDICTION_LEVEL_TOWNSHIP", v1::PAYER_LEVEL_TOWNSHIP}};
  const auto found = kLevels.find(level);
  return found == kLevels.end() ? v1::PAYER_LEVEL_UNSPECIFIED : found->second;
}

// A school pays as a school, a township's post as the township, an authority as the place that it serves, a
// partner from outside; a university or an institute may be anybody's.
v1::PayerLevel LevelOfPayer(const resource::FactRow& payer) {
  v1::OrganisationKind kind = v1::ORGANISATION_KIND_UNSPECIFIED;
  v1::OrganisationKind_Parse(payer.Text("kind"), &kind);
  const std::string partner = payer.Text("partner_kind");
  if (IsTeaching(kind)) return v1::PAYER_LEVEL_SCHOOL;
  if (kind == v1::ORGANISATION_KIND_TOWNSHIP_EDUCATION_POST) return v1::PAYER_LEVEL_TOWNSHIP;
  if (kind != v1::ORGANISATION_KIND_PARTNER) return LevelOfPlace(payer.Text("level"));
  const bool anybodys = partner == "PARTNER_KIND_UNIVERSITY" || partner == "PARTNER_KIND_INSTITUTE";
  return anybodys ? v1::PAYER_LEVEL_UNSPECIFIED : v1::PAYER_LEVEL_OUTSIDE;
}

void CheckPayerLevel(const v1::Funding& funding, const Facts& facts, Violations* violations) {
  const auto& payers = facts.rows("payer");
  if (payers.size() != 1) return;  // None is named, or one too many.
  const v1::PayerLevel level = LevelOfPayer(payers.front());
  if (level == v1::PAYER_LEVEL_UNSPECIFIED || level == funding.payer_level()) return;
  const auto& label =
      v1::PayerLevel_descriptor()->FindValueByNumber(level)->options().GetExtension(options::v1::label);
  violations->push_back(base::RefuseRule("payerLevel", "与承担者的层级(" + label.zh() + ")不一致",
                                         "is not the payer's own level, which is: " + label.en()));
}

}  // namespace

resource::FactQuery FundingPayerFacts() {
  return {"payer",
          "SELECT o.kind, o.partner_kind, j.level FROM organisation o"
          " LEFT JOIN jurisdiction j ON j.id = o.jurisdiction_id WHERE o.id = $1::uuid"
          " UNION ALL SELECT NULL, NULL, level FROM jurisdiction WHERE id = $2::uuid",
          {"payer_organisation_id", "payer_jurisdiction_id"},
          {},
          true};
}

Violations CheckFunding(const v1::Funding* before, const v1::Funding& after, const Facts& facts) {
  Violations violations;
  resource::RequireOrder("allocatedOn", after.allocated_on(), "paidOn", after.paid_on(), &violations);
  if (!after.payer_organisation_id().empty() && !after.payer_jurisdiction_id().empty())
    violations.push_back(
        Refuse("payerJurisdictionId", ErrorReason::FIELD_CONFLICT, {{"other", "payerOrganisationId"}}));
  const bool said_before = before != nullptr && before->payer_level() == after.payer_level() &&
                           before->payer_organisation_id() == after.payer_organisation_id() &&
                           before->payer_jurisdiction_id() == after.payer_jurisdiction_id();
  if (!said_before) CheckPayerLevel(after, facts, &violations);
  return violations;
}

}  // namespace lianqiao::registry
