// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/filing_rules.h"

#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"

namespace lianqiao::registry {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::Facts;
using resource::Violations;
using v1::Filing;

// Exactly the reference that belongs to the kind.
void CheckDocument(const Filing& filing, Violations* violations) {
  const struct {
    v1::FilingKind kind;
    const char* field;
    const std::string& id;
  } documents[] = {
      {v1::FILING_KIND_IMPLEMENTATION_PLAN, "implementationPlanId", filing.implementation_plan_id()},
      {v1::FILING_KIND_ANNUAL_PLAN, "annualPlanId", filing.annual_plan_id()},
      {v1::FILING_KIND_DEVELOPMENT_PLAN, "developmentPlanId", filing.development_plan_id()},
      {v1::FILING_KIND_AGREEMENT, "agreementId", filing.agreement_id()}};
  for (const auto& document : documents) {
    if (document.kind == filing.kind() && document.id.empty())
      violations->push_back(Refuse(document.field, ErrorReason::FIELD_REQUIRED));
    if (document.kind != filing.kind() && !document.id.empty())
      violations->push_back(Refuse(document.field, ErrorReason::FIELD_CONFLICT, {{"other", "kind"}}));
  }
}

// Each date belongs to a step that was taken, and what is on file stays as it is.
void CheckSteps(const Filing* before, const Filing& after, const Facts& facts, Violations* violations) {
  if (!after.submitted_on().empty() && after.state() == v1::FILING_STATE_DRAFT)
    violations->push_back(RefuseRule("submittedOn", "提交日期由提交操作填写", "is set by submitting"));
  if (!after.filed_on().empty() && after.state() != v1::FILING_STATE_FILED)
    violations->push_back(RefuseRule("filedOn", "备案日期由受理操作填写", "is set by accepting"));
  if (!after.returned_on().empty() && after.state() == v1::FILING_STATE_DRAFT)
    violations->push_back(RefuseRule("returnedOn", "退回日期由退回操作填写", "is set by returning"));
  const bool handed_in = before != nullptr && (before->state() == v1::FILING_STATE_SUBMITTED ||
                                               before->state() == v1::FILING_STATE_FILED);
  if (handed_in && resource::IsEdit(facts) &&
      resource::ContentDiffers(*before, after,
                               {"state", "submitted_on", "returned_on", "return_reason", "filed_on",
                                "reviewer_organisation_id", "filing_number"}))
    violations->push_back(
        RefuseRule("state", "已提交的备案内容不可更改", "what was handed in cannot be changed"));
  const bool filed = before != nullptr && before->state() == v1::FILING_STATE_FILED;
  if (filed && resource::IsEdit(facts) &&
      (before->submitted_on() != after.submitted_on() || before->filed_on() != after.filed_on()))
    violations->push_back(
        RefuseRule("filedOn", "已备案的日期不可更改", "the dates of what is on file stand"));
}

// Nobody but its author stands behind it: not agreed on, not signed, or given up before it was.
bool IsUnagreed(const std::string& state) {
  return state == "PLAN_STATE_DRAFTED" || state == "PLAN_STATE_WITHDRAWN" ||
         state == "AGREEMENT_STATE_DRAFTED" || state == "AGREEMENT_STATE_ABANDONED";
}

}  // namespace

Violations CheckFiling(const Filing* before, const Filing& after, const Facts& facts) {
  Violations violations;
  CheckDocument(after, &violations);
  CheckSteps(before, after, facts, &violations);
  resource::RequireOrder("submittedOn", after.submitted_on(), "filedOn", after.filed_on(), &violations);
  const auto& documents = facts.rows("document");
  if (!documents.empty() && documents.front().Text("alliance_id") != after.alliance_id())
    violations.push_back(
        RefuseRule("allianceId", "备案文件属于其他联盟", "the document belongs to another alliance"));
  if (before == nullptr && facts.rows("authority").empty())
    violations.push_back(RefuseRule("authorityJurisdictionId", "备案机关须为联盟管理辖区或其上级",
                                    "must be the alliance's managing jurisdiction or one above it"));
  if ((facts.method() == "SubmitFiling" || facts.method() == "AcceptFiling") && !documents.empty() &&
      IsUnagreed(documents.front().Text("state")))
    violations.push_back(RefuseRule("kind", "文件尚未共同商定或签署", "the document is still a draft"));
  return violations;
}

Violations CheckFilingDeletion(const Filing& record, const Facts& facts) {
  Violations violations;
  if (record.state() == v1::FILING_STATE_SUBMITTED || record.state() == v1::FILING_STATE_FILED)
    violations.push_back(RefuseRule("state", "已提交或已备案的记录不可删除",
                                    "what was handed in or is on file is not deleted"));
  return violations;
}

}  // namespace lianqiao::registry
