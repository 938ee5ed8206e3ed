// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/ranking_rules.h"

#include <algorithm>

#include "services/teaching-research/school_facts.h"

namespace lianqiao::research {
namespace {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::RankingRecord;

// Special education serves children of compulsory age.
bool IsCompulsory(type::v1::Stage stage) {
  return stage == type::v1::STAGE_PRIMARY || stage == type::v1::STAGE_JUNIOR ||
         stage == type::v1::STAGE_SPECIAL;
}

bool AnyCompulsory(const std::vector<type::v1::Stage>& stages) {
  return std::any_of(stages.begin(), stages.end(), IsCompulsory);
}

bool UnitIsCompulsory(const Facts& facts) {
  std::vector<type::v1::Stage> stages;
  for (const FactRow& unit : facts.rows("unit")) {
    for (const std::string& name : unit.TextArray("stages")) {
      type::v1::Stage stage = type::v1::STAGE_UNSPECIFIED;
      if (type::v1::Stage_Parse(name, &stage)) stages.push_back(stage);
    }
  }
  return stages.empty() || AnyCompulsory(stages);
}

void CheckComparison(const RankingRecord& record, const Facts& facts, Violations* violations) {
  if (record.compared_with_id().empty()) return;
  if (record.compared_with_id() == record.id())
    violations->push_back(RefuseRule("comparedWithId", "不得与自身对比", "is the record itself"));
  for (const FactRow& earlier : facts.rows("earlier")) {
    const bool same_series = earlier.Text("unit_id") == record.unit_id() &&
                             earlier.Text("ranking_scope") == record.ranking_scope() &&
                             earlier.Text("measure") == v1::RankMeasure_Name(record.measure()) &&
                             earlier.Text("subject") == type::v1::Subject_Name(record.subject()) &&
                             earlier.Text("stage") == type::v1::Stage_Name(record.stage()) &&
                             earlier.Text("grade") == type::v1::Grade_Name(record.grade());
    if (!same_series)
      violations->push_back(RefuseRule("comparedWithId", "对象、范围、依据、学科或年级不同,不可比",
                                       "differs in unit, scope, measure, subject, stage or grade: they"
                                       " cannot be compared"));
    // An empty term is before all that are named.
    if (earlier.Text("term") >= record.term())
      violations->push_back(RefuseRule("comparedWithId", "须为更早的学期", "is not of an earlier term"));
  }
}

}  // namespace

resource::FactQuery RankedUnitFacts() {
  return {"unit", "SELECT o.stages FROM registry_organisation o WHERE o.id = $1::uuid", {"unit_id"}, {}};
}

resource::FactQuery EarlierRankFacts() {
  return {"earlier",
          "SELECT r.unit_id, r.ranking_scope, r.measure, r.subject, r.stage, r.grade, r.term"
          " FROM ranking_record r WHERE r.id = $1::uuid",
          {"compared_with_id"},
          {},
          true};
}

void DeriveCompulsory(RankingRecord* record, const Facts& facts) {
  if (record->stage() != type::v1::STAGE_UNSPECIFIED)
    record->set_compulsory(IsCompulsory(record->stage()));
  else if (record->grade() != type::v1::GRADE_UNSPECIFIED)
    record->set_compulsory(AnyCompulsory(StagesOf(record->grade())));
  else
    record->set_compulsory(UnitIsCompulsory(facts));
}

Violations CheckRankingRecord(const RankingRecord* before, const RankingRecord& after, const Facts& facts) {
  Violations violations;
  if (after.field_size() > 0 && after.rank() > after.field_size())
    violations.push_back(RefuseRule("rank", "名次大于参排数", "is beyond the size of the field"));
  const bool single = after.measure() == v1::RANK_MEASURE_SINGLE_SUBJECT;
  if (single && after.subject() == type::v1::SUBJECT_UNSPECIFIED)
    violations.push_back(Refuse("subject", ErrorReason::FIELD_REQUIRED));
  if (!single && after.subject() != type::v1::SUBJECT_UNSPECIFIED)
    violations.push_back(
        RefuseRule("subject", "仅单科排名填写", "belongs to ranks in a single subject only"));
  if (!StageHasGrade(after.stage(), after.grade()))
    violations.push_back(RefuseRule("grade", "不属于所填学段", "does not belong to the stage"));
  if (after.compulsory() && after.evidence().empty())
    violations.push_back(RefuseRule("evidence", "义务教育阶段排名须注明所据文件",
                                    "a rank of the compulsory stages names the document that it is from"));
  CheckComparison(after, facts, &violations);
  return violations;
}

}  // namespace lianqiao::research
