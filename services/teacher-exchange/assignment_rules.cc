// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/assignment_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/resource/record_content.h"
#include "services/teacher-exchange/course_rules.h"
#include "services/teacher-exchange/ethics_veto.h"
#include "services/teacher-exchange/personal_numbers.h"
#include "services/teacher-exchange/weekly_share.h"

namespace lianqiao::exchange {

using base::ErrorReason;
using base::Refuse;
using base::RefuseRule;
using resource::FactRow;
using resource::Facts;
using resource::Violations;
using v1::Assignment;

namespace {

constexpr int kWholeWeek = 100;

bool Approves(const Facts& facts) {
  return IsStep<Assignment>(facts, "Approve");
}

bool Starts(const Facts& facts) {
  return IsStep<Assignment>(facts, "Start");
}

bool Extends(const Facts& facts) {
  return IsStep<Assignment>(facts, "Extend");
}

// A place of a quota that is taken, or was until the time was over.
bool TakesPlace(v1::AssignmentState state) {
  return state == v1::ASSIGNMENT_STATE_APPROVED || IsOnPost(state) ||
         state == v1::ASSIGNMENT_STATE_COMPLETED || state == v1::ASSIGNMENT_STATE_ASSESSED;
}

// Whether it counts already, so that nothing is taken anew: a deleted one does not.
bool Counted(const Assignment* before) {
  return before != nullptr && !before->has_delete_time();
}

v1::CadreRank RankOf(const FactRow& row, const char* column) {
  v1::CadreRank rank = v1::CADRE_RANK_UNSPECIFIED;
  v1::CadreRank_Parse(row.Text(column), &rank);
  return rank;
}

void CheckForm(const Assignment& assignment, Violations* violations) {
  const bool rotates = assignment.type() == v1::ASSIGNMENT_TYPE_ROTATION;
  const bool has_kind = assignment.rotation_kind() != v1::ROTATION_KIND_UNSPECIFIED;
  if (rotates && !has_kind) violations->push_back(Refuse("rotationKind", ErrorReason::FIELD_REQUIRED));
  if (!rotates && has_kind)
    violations->push_back(Refuse("rotationKind", ErrorReason::FIELD_CONFLICT, {{"other", "type"}}));
  if (assignment.from_school_id() == assignment.to_school_id())
    violations->push_back(
        RefuseRule("toSchoolId", "须与派出学校不同", "must differ from the sending school"));
  const v1::HostRole role = assignment.host_role();
  const bool leads = role == v1::HOST_ROLE_PRINCIPAL || role == v1::HOST_ROLE_VICE_PRINCIPAL;
  if (assignment.type() == v1::ASSIGNMENT_TYPE_CADRE_DISPATCH && !leads)
    violations->push_back(RefuseRule("hostRole", "选派干部须任校长或副校长",
                                     "must be principal or vice principal in a cadre dispatch"));
  if (assignment.type() == v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL &&
      role != v1::HOST_ROLE_VICE_PRINCIPAL)
    violations->push_back(RefuseRule("hostRole", "须为副校长", "must be vice principal"));
  if (assignment.type() == v1::ASSIGNMENT_TYPE_SHADOWING && role != v1::HOST_ROLE_TRAINEE)
    violations->push_back(RefuseRule("hostRole", "跟岗学习须为跟岗学员", "must be trainee in shadowing"));
}

// Of the team, and only in types in which people go as one.
void CheckTeam(const Assignment& assignment, const Facts& facts, Violations* violations) {
  const v1::AssignmentType type = assignment.type();
  if (assignment.support_team_id().empty()) {
    if (type == v1::ASSIGNMENT_TYPE_TEAM_SUPPORT && Approves(facts))
      violations->push_back(Refuse("supportTeamId", ErrorReason::FIELD_REQUIRED));
    return;
  }
  if (type != v1::ASSIGNMENT_TYPE_TEAM_SUPPORT && type != v1::ASSIGNMENT_TYPE_SECONDED_TEAM &&
      type != v1::ASSIGNMENT_TYPE_ROTATION)
    violations->push_back(Refuse("supportTeamId", ErrorReason::FIELD_CONFLICT, {{"other", "type"}}));
  const auto refuse = [&](const char* zh, const char* en) {
    violations->push_back(RefuseRule("supportTeamId", zh, en));
  };
  for (const FactRow& team : facts.rows("team")) {
    if (team.Text("host_school_id") != assignment.to_school_id())
      refuse("团队进驻的是另一所学校", "is at another host school");
    if (!Approves(facts) && !Starts(facts)) continue;
    v1::AssignmentState state = v1::ASSIGNMENT_STATE_UNSPECIFIED;
    v1::AssignmentState_Parse(team.Text("state"), &state);
    if (HasEnded(state) || state == v1::ASSIGNMENT_STATE_WITHDRAWN)
      refuse("团队已结束或已撤回", "is over, or was withdrawn");
  }
  for (const FactRow& sender : facts.rows("team_sender")) {
    if (!sender.Boolean("sends")) refuse("团队由其他单位派出", "is sent by others");
  }
}

void CheckApprovedContent(const Assignment& before, const Assignment& after, const Facts& facts,
                          Violations* violations) {
  if (!resource::IsEdit(facts) || before.state() == v1::ASSIGNMENT_STATE_NOMINATED) return;
  if (before.state() == v1::ASSIGNMENT_STATE_ASSESSED)
    return RefuseIfAssessed(
        before, after,
        {"backbone", "master_teacher", "cadre_rank", "reserve_cadre", "direction", "from_tier", "to_tier"},
        violations);
  const auto refuse = [&](const char* field, bool changed) { RefuseIfApproved(field, changed, violations); };
  refuse("hostRole", before.host_role() != after.host_role());
  refuse("weeklySharePercent", before.weekly_share_percent() != after.weekly_share_percent());
  refuse("plannedFrom", before.planned_from() != after.planned_from());
  refuse("plannedUntil", before.planned_until() != after.planned_until());
  // Which quota a person fills is part of what was approved: moved later, one person would meet two.
  refuse("quotaId", before.quota_id() != after.quota_id());
  refuse("allianceId", before.alliance_id() != after.alliance_id());
  refuse("subject", before.subject() != after.subject());
  refuse("stage", before.stage() != after.stage());
  RefuseRewrittenDays(before, after, violations);
}

// Whoever fills a post stays what the post asks for (vacancy_rules.h).
void CheckFilledVacancy(const Assignment& before, const Assignment& after, const Facts& facts,
                        Violations* violations) {
  if (!resource::IsEdit(facts) || before.state() != v1::ASSIGNMENT_STATE_NOMINATED) return;
  for (const FactRow& vacancy : facts.rows("vacancy")) {
    const auto refuse = [&](const char* field, bool changed) {
      if (changed)
        violations->push_back(RefuseRule(field, "所补岗位有此要求,不得修改;请撤回后重新提名",
                                         "is asked for by the vacancy that it fills: nominate anew"));
    };
    const v1::CadreRank rank = RankOf(vacancy, "cadre_rank_min");
    const bool subject_asked =
        vacancy.Text("subject") != type::v1::Subject_Name(type::v1::SUBJECT_UNSPECIFIED);
    const bool stage_asked = vacancy.Text("stage") != type::v1::Stage_Name(type::v1::STAGE_UNSPECIFIED);
    refuse("hostRole", before.host_role() != after.host_role());
    refuse("subject", subject_asked && before.subject() != after.subject());
    refuse("stage", stage_asked && before.stage() != after.stage());
    refuse("allianceId", !vacancy.Text("alliance_id").empty() && before.alliance_id() != after.alliance_id());
    // Rank and recognition are those of the planned day.
    refuse("plannedFrom", before.planned_from() != after.planned_from() &&
                              ((vacancy.Boolean("backbone_required") && !after.backbone()) ||
                               (rank > v1::CADRE_RANK_NONE && after.cadre_rank() < rank)));
  }
}

void CheckRank(const Assignment& assignment, Violations* violations) {
  const v1::AssignmentType type = assignment.type();
  if (type == v1::ASSIGNMENT_TYPE_CADRE_DISPATCH && assignment.cadre_rank() < v1::CADRE_RANK_MID_LEVEL)
    violations->push_back(RefuseRule("teacherId", "选派干部须为中层及以上干部",
                                     "must be a cadre of mid-level or above on that day"));
  if (type == v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL &&
      assignment.cadre_rank() < v1::CADRE_RANK_VICE_PRINCIPAL)
    violations->push_back(
        RefuseRule("teacherId", "须为校级领导", "must be a vice principal or principal on that day"));
  if (type == v1::ASSIGNMENT_TYPE_RESERVE_CADRE_TRAINING && !assignment.reserve_cadre())
    violations->push_back(RefuseRule("teacherId", "须为校级后备干部", "must be a reserve cadre on that day"));
}

void CheckApproval(const Assignment& assignment, const Facts& facts, Violations* violations) {
  if (assignment.planned_from().empty())
    violations->push_back(Refuse("plannedFrom", ErrorReason::FIELD_REQUIRED));
  if (assignment.planned_until().empty() && assignment.type() == v1::ASSIGNMENT_TYPE_POST_EXCHANGE)
    violations->push_back(Refuse("plannedUntil", ErrorReason::FIELD_REQUIRED));
  CheckRank(assignment, violations);
  for (const FactRow& teacher : facts.rows("teacher")) {
    const std::string left_on = teacher.Text("left_on");
    if (!left_on.empty() && (left_on < assignment.planned_from() || left_on < facts.today()))
      violations->push_back(RefuseRule("teacherId", "教师已离任", "has left the service"));
  }
}

// Its last day moves; whoever has left by then serves no more.
void CheckExtension(const Assignment& assignment, const Facts& facts, Violations* violations) {
  for (const FactRow& teacher : facts.rows("teacher")) {
    const std::string left_on = teacher.Text("left_on");
    if (!left_on.empty() && left_on < assignment.planned_until())
      violations->push_back(RefuseRule("teacherId", "教师届时已离任", "has left the service by then"));
  }
}

// Months may lie between the approval and the first day; a start that is entered late is judged by its day.
void CheckStart(const Assignment& assignment, const Facts& facts, Violations* violations) {
  CheckRank(assignment, violations);
  for (const FactRow& teacher : facts.rows("teacher")) {
    const std::string left_on = teacher.Text("left_on");
    if (!left_on.empty() && left_on < assignment.started_on())
      violations->push_back(RefuseRule("teacherId", "教师已离任", "has left the service"));
  }
}

// By whom the teacher is sent: the school where the teacher is. An import tells of days gone by.
void CheckSender(const Assignment* before, const Assignment& after, const Facts& facts,
                 Violations* violations) {
  const bool nominates = before == nullptr && after.state() == v1::ASSIGNMENT_STATE_NOMINATED;
  if (!nominates && !Approves(facts) && !Starts(facts)) return;
  for (const FactRow& teacher : facts.rows("teacher")) {
    if (!teacher.Boolean("at_school"))
      violations->push_back(
          RefuseRule("fromSchoolId", "教师不在该校", "is not the school where the teacher is"));
  }
}

void CheckShare(const Assignment* before, const Assignment& after, const Facts& facts,
                Violations* violations) {
  Share own;
  Share was;
  const bool current = after.state() == v1::ASSIGNMENT_STATE_APPROVED || IsOnPost(after.state());
  const bool takes = TakesShare(after, facts.today(), &own);
  const bool took = Counted(before) && TakesShare(*before, facts.today(), &was);
  // What has ended is history: it is written as it was.
  if (!takes || !current) return;
  // A start asks again: others may be on post longer than was planned when it was approved.
  if (took && was == own && !Starts(facts)) return;
  const Busiest busiest = BusiestDay(own, SharesOf(facts.rows("others"), facts.today()));
  if (busiest.percent <= kWholeWeek) return;
  violations->push_back(
      RefuseRule("weeklySharePercent",
                 absl::StrCat(busiest.day, busiest.day.empty() ? "" : " 起", "各项任职合计占每周 ",
                              busiest.percent, "%,超过 100%"),
                 absl::StrCat("makes ", busiest.percent, " % of the week together with other assignments",
                              busiest.day.empty() ? "" : " from ", busiest.day)));
}

// Of what may be on several sides; an alliance without sides has none to differ in.
bool OnAnotherSide(const std::vector<std::string>& senders, const std::vector<std::string>& hosts) {
  const std::string none = "MEMBERSHIP_SIDE_UNSPECIFIED";
  for (const std::string& host : hosts) {
    for (const std::string& sender : senders) {
      if (host == none || (sender != none && sender != host)) return true;
    }
  }
  return false;
}

// As a proposal has it: from a party of the alliance to another one, on the other side where it has sides.
void CheckParties(const FactRow& quota, Violations* violations) {
  const std::vector<std::string> senders = quota.TextArray("sender_sides");
  const std::vector<std::string> hosts = quota.TextArray("host_sides");
  const auto refuse = [&](const char* zh, const char* en) {
    violations->push_back(RefuseRule("quotaId", zh, en));
  };
  std::string side = quota.Text("side");
  if (side.rfind("QUOTA_SIDE_", 0) == 0) side.replace(0, 5, "MEMBERSHIP");
  const bool of_side = side.empty() || side == "MEMBERSHIP_SIDE_UNSPECIFIED" ||
                       std::find(senders.begin(), senders.end(), side) != senders.end();
  if (senders.empty() || !of_side)
    refuse("派出学校不属于承担该名额的一方", "is not for the side of the sending school");
  if (hosts.empty())
    refuse("接收学校不属于该名额的联盟", "is of an alliance in which the host school takes no part");
  else if (!senders.empty() && of_side && !OnAnotherSide(senders, hosts))
    refuse("派出学校与接收学校属于联盟同一方", "is for exchange with the other side of the alliance");
}

// The first day on post, before that the planned one.
const std::string& BeginOf(const Assignment& assignment) {
  return assignment.started_on().empty() ? assignment.planned_from() : assignment.started_on();
}

// Else one that spans years would count for each of them.
void CheckBeginsInYear(const Assignment& assignment, const FactRow& quota, Violations* violations) {
  const std::string begin = BeginOf(assignment);
  const std::string starts_on = quota.Text("starts_on");
  const std::string ends_on = quota.Text("ends_on");
  if (begin.empty()) return;  // An approval asks for it.
  if (begin < starts_on || (!ends_on.empty() && begin > ends_on))
    violations->push_back(RefuseRule("quotaId", "任职开始日期不在名额所属学年内",
                                     "is of a school year in which the assignment does not begin"));
}

// A quota is for one kind of exchange, for one side and for who begins in its school year.
void CheckFitsQuota(const Assignment& assignment, const FactRow& quota, Violations* violations) {
  if (quota.Text("type") != v1::AssignmentType_Name(assignment.type()))
    violations->push_back(RefuseRule("quotaId", "名额的交流类型不同", "is for another type of exchange"));
  const std::string alliance_id = quota.Text("alliance_id");
  if (alliance_id.empty() && !quota.Boolean("of_this_place"))
    violations->push_back(
        RefuseRule("quotaId", "派出学校不属于承担该名额的一方", "is not for the side of the sending school"));
  if (!alliance_id.empty() && alliance_id != assignment.alliance_id())
    violations->push_back(RefuseRule("quotaId", "名额属于另一联盟", "is another alliance's"));
  else if (!alliance_id.empty())
    CheckParties(quota, violations);
  CheckBeginsInYear(assignment, quota, violations);
}

bool FitsAnew(const Assignment* before, const Assignment& after) {
  return before == nullptr || before->quota_id() != after.quota_id() ||
         before->alliance_id() != after.alliance_id();
}

void CheckQuota(const Assignment* before, const Assignment& after, const Facts& facts,
                Violations* violations) {
  const auto& rows = facts.rows("quota");
  if (rows.empty()) return;
  const bool named = FitsAnew(before, after);
  if (named || Approves(facts))
    CheckFitsQuota(after, rows[0], violations);
  else if (BeginOf(*before) != BeginOf(after))
    CheckBeginsInYear(after, rows[0], violations);
  const bool had_place = Counted(before) && TakesPlace(before->state()) && !named;
  // An import brings what was: also more than was planned.
  const bool imports =
      facts.imports() || (before == nullptr && after.state() != v1::ASSIGNMENT_STATE_NOMINATED);
  if (had_place || imports || !TakesPlace(after.state())) return;
  // A place is one person's: another post of the same teacher takes no further one.
  if (!rows[0].Boolean("has_place") && rows[0].Integer("taken") >= rows[0].Integer("planned_count"))
    violations->push_back(RefuseRule("quotaId", "名额已满", "has no place left"));
}

}  // namespace

resource::FactQuery OtherAssignmentFacts() {
  return {"others",
          absl::StrCat("SELECT ", kShareColumns,
                       " FROM assignment a WHERE a.teacher_id = $1::uuid AND a.id <> $2::uuid"
                       " AND a.delete_time IS NULL AND a.state NOT IN ('ASSIGNMENT_STATE_NOMINATED',"
                       " 'ASSIGNMENT_STATE_WITHDRAWN')"),
          {"teacher_id", "id"},
          {}};
}

resource::FactQuery QuotaFacts() {
  // Sides on which a school takes part in the alliance on the day it begins: itself, as a part, or by a place
  // that it lies in.
  const auto sides = [](const char* school) {
    return absl::StrCat(
        "(SELECT array_agg(DISTINCT m.side) FROM registry_membership m, registry_organisation o"
        " WHERE o.id = ",
        school,
        " AND m.alliance_id = q.alliance_id"
        " AND coalesce(m.joined_on, '-infinity') <= coalesce($6::date, $7::date, 'infinity')"
        " AND (m.state IN ('MEMBERSHIP_STATE_ACTIVE', 'MEMBERSHIP_STATE_SUSPENDED')"
        " OR m.state = 'MEMBERSHIP_STATE_ENDED' AND m.left_on >= coalesce($6::date, $7::date))"
        " AND (m.organisation_id IN (o.id, o.parent_organisation_id)"
        " OR m.jurisdiction_id = ANY (o.sync_scope)))");
  };
  const std::string places = absl::StrCat(
      " FROM assignment a WHERE a.quota_id = q.id AND a.id <> $4::uuid AND a.delete_time IS NULL"
      " AND a.state IN ",
      kTakesPlace);
  return {
      "quota",
      absl::StrCat("SELECT q.planned_count, q.type, q.alliance_id, q.side, y.starts_on, y.ends_on,"
                   " (SELECT count(DISTINCT a.teacher_id)",
                   places, ") AS taken, EXISTS (SELECT 1", places,
                   " AND a.teacher_id = $5::uuid) AS has_place,"
                   " EXISTS (SELECT 1 FROM registry_organisation o WHERE o.id = $2::uuid"
                   " AND o.sync_scope && ARRAY[q.jurisdiction_id]) AS of_this_place, ",
                   sides("$2::uuid"), " AS sender_sides, ", sides("$3::uuid"),
                   " AS host_sides FROM quota q LEFT JOIN registry_school_year y ON y.id = q.school_year_id"
                   " WHERE q.id = $1::uuid"),
      {"quota_id", "from_school_id", "to_school_id", "id", "teacher_id", "started_on", "planned_from"},
      {}};
}

resource::FactQuery TeamFacts() {
  return {"team",
          "SELECT s.host_school_id, s.state FROM support_team s WHERE s.id = $1::uuid FOR KEY SHARE",
          {"support_team_id"},
          {},
          true};
}

resource::FactQuery TeamSenderFacts() {
  return {
      "team_sender",
      "SELECT o.id IN (f.id, f.parent_organisation_id) OR coalesce(o.parent_organisation_id = f.id, false)"
      // A bureau forms teams of the schools of its place.
      " OR o.kind IN ('ORGANISATION_KIND_EDUCATION_BUREAU', 'ORGANISATION_KIND_BUREAU_UNIT',"
      " 'ORGANISATION_KIND_AFFILIATED_BODY', 'ORGANISATION_KIND_TOWNSHIP_EDUCATION_POST')"
      " AND f.sync_scope && ARRAY[o.jurisdiction_id] AS sends"
      " FROM support_team s, registry_organisation o, registry_organisation f"
      " WHERE s.id = $1::uuid AND o.id = s.sending_organisation_id AND f.id = $2::uuid",
      {"support_team_id", "from_school_id"},
      {"ApproveAssignment", "StartAssignment"}};
}

resource::FactQuery FilledVacancyFacts() {
  return {"vacancy",
          "SELECT v.alliance_id, v.subject, v.stage, v.backbone_required, v.cadre_rank_min FROM vacancy v"
          " WHERE v.assignment_id = $1::uuid AND v.state = 'VACANCY_STATE_FILLED' AND v.delete_time IS NULL",
          {"id"},
          {"UpdateAssignment", "BatchUpsertAssignments"}};
}

Violations CheckAssignmentDeletion(const Assignment& record, const Facts& facts) {
  return CheckCourseDeletion(record);
}

Violations CheckAssignment(const Assignment* before, const Assignment& after, const Facts& facts) {
  Violations violations;
  RefusePersonalNumbers(after, &violations);
  CheckForm(after, &violations);
  CheckCourse(before, after, facts, &violations);
  CheckTeam(after, facts, &violations);
  if (before != nullptr) {
    CheckApprovedContent(*before, after, facts, &violations);
    CheckFilledVacancy(*before, after, facts, &violations);
  }
  CheckSender(before, after, facts, &violations);
  if (Approves(facts)) CheckApproval(after, facts, &violations);
  if (Starts(facts)) CheckStart(after, facts, &violations);
  if (Extends(facts)) CheckExtension(after, facts, &violations);
  if (Approves(facts) || Extends(facts) || IsBroughtBack(before, after))
    CheckEthics("teacherId", facts, &violations);
  CheckShare(before, after, facts, &violations);
  CheckQuota(before, after, facts, &violations);
  return violations;
}

}  // namespace lianqiao::exchange
