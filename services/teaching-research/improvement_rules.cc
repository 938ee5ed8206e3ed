// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/improvement_rules.h"

#include "absl/strings/match.h"
#include "libs/resource/date_order.h"
#include "libs/resource/record_content.h"
#include "services/teaching-research/improvement.h"

namespace lianqiao::research {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::ImprovementCoefficient;
using v1::ImprovementDefinition;

constexpr char kOurVersions[] = "lianqiao-";

void CheckComputed(const ImprovementCoefficient* before, const ImprovementCoefficient& after,
                   const Facts& facts, Violations* violations) {
  if (before == nullptr && facts.method() != "RecordImprovement")
    violations->push_back(RefuseRule("origin", "平台计算的系数只能由 :record 操作产生",
                                     "computed values are made by :record alone"));
  if (before != nullptr && resource::ContentDiffers(*before, after, {"note"}))
    violations->push_back(
        RefuseRule("value", "平台计算的系数不可更改", "a computed value cannot be changed"));
}

void CheckImported(const ImprovementCoefficient& coefficient, Violations* violations) {
  if (!coefficient.baseline_test_id().empty() || !coefficient.outcome_test_id().empty())
    violations->push_back(
        RefuseRule(coefficient.baseline_test_id().empty() ? "outcomeTestId" : "baselineTestId",
                   "仅平台计算的系数填写", "belongs to computed values only"));
  if (coefficient.source().empty() && coefficient.evidence().empty())
    violations->push_back(Refuse("source", ErrorReason::FIELD_REQUIRED));
}

}  // namespace

Violations CheckImprovementDefinition(const ImprovementDefinition* before, const ImprovementDefinition& after,
                                      const Facts& facts) {
  Violations violations;
  resource::RequireOrder("validFrom", after.valid_from(), "validTo", after.valid_to(), &violations);
  const bool built_in = after.origin() == v1::DEFINITION_ORIGIN_BUILT_IN;
  if (built_in && after.version() != kImprovementVersion)
    violations.push_back(
        RefuseRule("origin", "平台没有按此版本计算的程序", "the platform does not compute by this version"));
  if (!built_in && absl::StartsWith(after.version(), kOurVersions))
    violations.push_back(RefuseRule("version", "“lianqiao-”为平台内置版本专用",
                                    "\"lianqiao-\" is kept for built-in versions"));
  return violations;
}

resource::FactQuery CoefficientDefinitionFacts() {
  return {"definition",
          "SELECT d.origin FROM improvement_definition d WHERE d.id = $1::uuid",
          {"improvement_definition_id"},
          {}};
}

Violations CheckImprovementCoefficient(const ImprovementCoefficient* before,
                                       const ImprovementCoefficient& after, const Facts& facts) {
  Violations violations;
  const bool computed = after.origin() == v1::COEFFICIENT_ORIGIN_COMPUTED;
  for (const FactRow& definition : facts.rows("definition")) {
    if ((definition.Text("origin") == "DEFINITION_ORIGIN_BUILT_IN") != computed)
      violations.push_back(RefuseRule("improvementDefinitionId",
                                      "计算值须用平台内置定义,导入值须用外部定义,两者不得混用",
                                      "computed values go by a built-in definition, imported ones by an"
                                      " external one: they are never mixed"));
  }
  if (computed)
    CheckComputed(before, after, facts, &violations);
  else
    CheckImported(after, &violations);
  return violations;
}

}  // namespace lianqiao::research
