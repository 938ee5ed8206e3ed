// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/proposal_facts.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "lianqiao/exchange/v1/quota.pb.h"
#include "lianqiao/exchange/v1/teacher.pb.h"

namespace lianqiao::exchange {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Writing;
using v1::AssignmentProposal;

namespace {

constexpr int kWholeWeek = 100;
// Who is elsewhere for so much of the week is none of those that a school has left.
constexpr int kAwayPercent = 50;

// States in which a quota has a place less to give: a nomination as well (README).
constexpr char kHoldsPlace[] =
    "('ASSIGNMENT_STATE_NOMINATED', 'ASSIGNMENT_STATE_APPROVED', 'ASSIGNMENT_STATE_ON_POST',"
    " 'ASSIGNMENT_STATE_EXTENDED', 'ASSIGNMENT_STATE_COMPLETED', 'ASSIGNMENT_STATE_ASSESSED')";

// The share of the week that teacher t gives to others on some day between two days, all of them together, as
// SQL. On post a teacher stays as planned; once that day is over, until somebody says so.
std::string ShareElsewhere(const char* first, const char* last, const char* without, const char* today) {
  return absl::StrCat(
      "(SELECT coalesce(sum(a.weekly_share_percent), 0) FROM assignment a WHERE a.teacher_id = t.id"
      " AND a.delete_time IS NULL AND a.state IN ('ASSIGNMENT_STATE_NOMINATED', 'ASSIGNMENT_STATE_APPROVED',"
      " 'ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED')"
      " AND coalesce(a.started_on, a.planned_from, '-infinity') <= ",
      last, " AND (coalesce(a.planned_until, 'infinity') >= ", first,
      " OR a.state IN ('ASSIGNMENT_STATE_ON_POST', 'ASSIGNMENT_STATE_EXTENDED') AND a.planned_until < ",
      today, ") AND a.id <> ALL (", without, "))");
}

// Of teacher t, on the planned first day ($2).
std::string HeldOnFirstDay(const std::string& name) {
  return absl::StrCat("coalesce(t.", name, "_from, '-infinity') <= $2::date AND coalesce(t.", name,
                      "_until, 'infinity') >= $2::date");
}

// $3: how many years there have to be. Who has no date of arrival has none.
constexpr char kTooFewYears[] =
    "($3::integer > 0 AND coalesce(t.at_school_since, 'infinity')"
    " > $2::date - make_interval(years => $3::integer))";

const NamedQuery& TeachersQuery() {
  static const NamedQuery query{
      "proposal_teachers",
      absl::StrCat(
          "SELECT t.id, t.school_id, t.subjects, t.stages, t.backbone_level <> "
          "'RECOGNITION_LEVEL_UNSPECIFIED'"
          " AND ",
          HeldOnFirstDay("backbone"), ", CASE WHEN ", HeldOnFirstDay("cadre_rank"),
          " THEN t.cadre_rank END,"
          " t.at_school_since, ",
          ShareElsewhere("$2::date", "$3::date", "$7::uuid[]", "$8::date"),
          ", EXISTS (SELECT 1 FROM assignment a WHERE a.teacher_id = t.id AND a.quota_id = ANY ($9::uuid[])"
          " AND a.delete_time IS NULL AND a.state IN ",
          kHoldsPlace,
          " AND a.id <> ALL ($7::uuid[]))"
          " FROM {visible:teacher t} JOIN registry_organisation o ON o.id = t.school_id"
          " WHERE o.sync_scope && ARRAY[$1::uuid] AND coalesce(t.left_on, 'infinity') >= $2::date"
          " AND ($4::integer = 0 OR t.at_school_since <= $2::date - make_interval(years => $4::integer))"
          " AND ($5::uuid[] = '{}' OR t.id = ANY ($5::uuid[]))"
          " AND ($6::text <> 'ASSIGNMENT_TYPE_RESERVE_CADRE_TRAINING' OR t.reserve_cadre AND ",
          HeldOnFirstDay("reserve_cadre"), ") ORDER BY t.id LIMIT ", kProposalTeachersMax + 1)};
  return query;
}

// Whom the limits on persons leave out, and the first one that does. Who has left by today, or never was a
// reserve cadre, is told only where the question names the teacher: it would be nearly everybody.
const NamedQuery& LeftOutTeachersQuery() {
  static const NamedQuery query{
      "proposal_left_out_teachers",
      absl::StrCat(
          "SELECT t.id, t.school_id, CASE WHEN t.left_on < $2::date THEN 'PROPOSAL_REASON_LEAVES_SERVICE'"
          " WHEN ",
          kTooFewYears,
          " THEN 'PROPOSAL_REASON_SCHOOL_YEARS' ELSE 'PROPOSAL_REASON_NO_RESERVE_CADRE' END"
          " FROM {visible:teacher t} JOIN registry_organisation o ON o.id = t.school_id"
          " WHERE o.sync_scope && ARRAY[$1::uuid] AND ($4::uuid[] = '{}' AND coalesce(t.left_on, 'infinity')"
          " >= $6::date OR t.id = ANY ($4::uuid[])) AND (t.left_on < $2::date OR ",
          kTooFewYears,
          " OR $5::text = 'ASSIGNMENT_TYPE_RESERVE_CADRE_TRAINING' AND t.id = ANY ($4::uuid[])"
          " AND NOT (t.reserve_cadre AND ",
          HeldOnFirstDay("reserve_cadre"), ")) ORDER BY t.id LIMIT ", kProposalTeachersMax + 1)};
  return query;
}

const NamedQuery& VacanciesQuery() {
  static const NamedQuery query{
      "proposal_vacancies",
      absl::StrCat("SELECT v.id, v.school_id, v.subject, v.stage, v.alliance_id, v.backbone_required, "
                   "v.cadre_rank_min,"
                   " v.host_role FROM {visible:vacancy v} JOIN registry_organisation o ON o.id = v.school_id"
                   " WHERE o.sync_scope && ARRAY[$1::uuid] AND v.state = 'VACANCY_STATE_OPEN' AND v.type = $2"
                   " AND coalesce(v.open_from, '-infinity') <= $3::date"
                   " AND coalesce(v.open_until, 'infinity') >= $3::date"
                   " AND ($4::uuid[] = '{}' OR v.id = ANY ($4::uuid[])) ORDER BY v.id LIMIT ",
                   kProposalPostsMax + 1)};
  return query;
}

// Quotas that a place has to fill which lies in $1 or around it, and those of alliances with a party in $1.
const NamedQuery& QuotasQuery() {
  static const NamedQuery query{
      "proposal_quotas",
      absl::StrCat(
          "SELECT q.id, q.alliance_id, q.side, q.jurisdiction_id, q.planned_count, q.due_on < $4::date,"
          " (SELECT count(DISTINCT a.teacher_id) FROM assignment a WHERE a.quota_id = q.id"
          " AND a.delete_time IS NULL AND a.state IN ",
          kHoldsPlace,
          " AND a.id <> ALL ($6::uuid[])),"
          " EXISTS (SELECT 1 FROM registry_school_year y WHERE y.id = q.school_year_id"
          " AND NOT $4::date BETWEEN y.starts_on AND y.ends_on)"
          " FROM {visible:quota q} WHERE q.school_year_id = $2::uuid AND q.type = $3"
          " AND ($5::uuid[] = '{}' OR q.id = ANY ($5::uuid[]))"
          " AND (EXISTS (SELECT 1 FROM registry_jurisdiction j, registry_jurisdiction own"
          " WHERE j.id = q.jurisdiction_id AND own.id = $1::uuid"
          " AND (j.sync_scope && ARRAY[own.id] OR own.sync_scope && ARRAY[j.id]))"
          " OR EXISTS (SELECT 1 FROM registry_membership m"
          " LEFT JOIN registry_organisation o ON o.id = m.organisation_id"
          " LEFT JOIN registry_jurisdiction p ON p.id = m.jurisdiction_id"
          " WHERE m.alliance_id = q.alliance_id"
          " AND m.state IN ('MEMBERSHIP_STATE_ACTIVE', 'MEMBERSHIP_STATE_SUSPENDED')"
          " AND (o.sync_scope && ARRAY[$1::uuid] OR p.sync_scope && ARRAY[$1::uuid])))"
          " ORDER BY q.id LIMIT ",
          kProposalQuotasMax + 1)};
  return query;
}

// Schools of $1 with the place that they lie in, all places above it, and how many teachers are there between
// the days. All of its teachers, whoever may read them: the number is the school's own figure.
const NamedQuery& SchoolsQuery() {
  static const NamedQuery query{
      "proposal_schools",
      absl::StrCat("SELECT o.id, o.jurisdiction_id, o.longitude, o.latitude, o.sync_scope,"
                   " (SELECT count(*) FROM teacher t WHERE t.school_id = o.id AND t.delete_time IS NULL"
                   " AND coalesce(t.left_on, 'infinity') >= $2::date),"
                   " (SELECT count(*) FROM teacher t WHERE t.school_id = o.id AND t.delete_time IS NULL"
                   " AND coalesce(t.left_on, 'infinity') >= $2::date AND ",
                   ShareElsewhere("$2::date", "$3::date", "$4::uuid[]", "$5::date"), " >= ", kAwayPercent,
                   ") FROM registry_organisation o WHERE o.id = ANY ($1::uuid[])")};
  return query;
}

const NamedQuery& SidesQuery() {
  static const NamedQuery query{
      "proposal_sides",
      "SELECT o.id, m.alliance_id, m.side FROM registry_membership m JOIN registry_organisation o"
      " ON m.organisation_id IN (o.id, o.parent_organisation_id) OR m.jurisdiction_id = ANY (o.sync_scope)"
      " WHERE o.id = ANY ($1::uuid[]) AND m.alliance_id = ANY ($2::uuid[])"
      " AND m.state IN ('MEMBERSHIP_STATE_ACTIVE', 'MEMBERSHIP_STATE_SUSPENDED')"
      " AND coalesce(m.joined_on, '-infinity') <= $3::date"};
  return query;
}

std::vector<std::string> Ids(const google::protobuf::RepeatedPtrField<std::string>& ids) {
  return {ids.begin(), ids.end()};
}

// Numbers of enum values by their names in the row; ascending.
template <typename Enum>
std::vector<int> Numbers(const std::vector<std::string>& names) {
  std::vector<int> numbers;
  for (const std::string& name : names) {
    const auto* value = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByName(name);
    if (value != nullptr) numbers.push_back(value->number());
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

template <typename Enum>
int Number(const std::string& name) {
  const std::vector<int> numbers = Numbers<Enum>({name});
  return numbers.empty() ? 0 : numbers.front();
}

// What the type of exchange asks of everybody.
int LeastRank(v1::AssignmentType type) {
  if (type == v1::ASSIGNMENT_TYPE_CADRE_DISPATCH) return v1::CADRE_RANK_MID_LEVEL;
  if (type == v1::ASSIGNMENT_TYPE_CONCURRENT_VICE_PRINCIPAL) return v1::CADRE_RANK_VICE_PRINCIPAL;
  return v1::CADRE_RANK_UNSPECIFIED;
}

absl::Status TooMany(const char* field, int max) {
  return base::FailIfAny({base::RefuseRule(
      field, absl::StrCat("一次方案至多 ", max, " 项,请缩小范围"),
      absl::StrCat("are more than the ", max, " that one proposal takes: narrow it down"))});
}

class Reader {
 public:
  Reader(Writing& writing, const AssignmentProposal& proposal, const std::vector<std::string>& without)
      : writing_(writing), proposal_(proposal), without_(without) {}

  absl::StatusOr<ProposalFacts> Run() {
    RETURN_IF_ERROR(ReadQuotas());
    RETURN_IF_ERROR(ReadTeachers());
    RETURN_IF_ERROR(ReadVacancies());
    if (proposal_.lines().empty()) RETURN_IF_ERROR(ReadLeftOut());  // With lines it has told already.
    RETURN_IF_ERROR(ReadSchools());
    RETURN_IF_ERROR(ReadSides());
    CountForQuotas();
    return std::move(facts_);
  }

 private:
  struct QuotaOwner {
    std::string alliance_id;
    std::string jurisdiction_id;
    int side = 0;
  };

  int SchoolAt(const std::string& id) {
    const auto [found, added] = schools_.try_emplace(id, static_cast<int>(schools_.size()));
    if (added) {
      facts_.problem.schools.emplace_back();
      facts_.problem.schools.back().id = id;
    }
    return found->second;
  }
  std::vector<std::string> SchoolIds() const {
    std::vector<std::string> ids;
    for (const ProposalSchool& school : facts_.problem.schools) ids.push_back(school.id);
    return ids;
  }
  // Those that somebody could fill: a place in a full one keeps nobody from filling another one.
  std::vector<std::string> OpenQuotaIds() const {
    std::vector<std::string> ids;
    for (const ProposalQuota& quota : facts_.problem.quotas)
      if (quota.missing_count > 0) ids.push_back(quota.id);
    return ids;
  }
  absl::Status ReadTeachers();
  absl::Status ReadVacancies();
  absl::Status ReadQuotas();
  absl::Status ReadLeftOut();
  absl::Status ReadSchools();
  absl::Status ReadSides();
  void CountForQuotas();

  Writing& writing_;
  const AssignmentProposal& proposal_;
  const std::vector<std::string>& without_;
  ProposalFacts facts_;
  std::unordered_map<std::string, int> schools_;
  std::vector<std::vector<std::string>> places_;  // By school: all that it lies in.
  std::vector<QuotaOwner> owners_;                // By quota.
};

absl::Status Reader::ReadTeachers() {
  const v1::ProposalLimits& limits = proposal_.limits();
  Parameters parameters;
  parameters.Text(proposal_.jurisdiction_id())
      .Text(proposal_.planned_from())
      .Text(proposal_.planned_until())
      .Integer(limits.school_years_min())
      .TextArray(Ids(limits.teacher_ids()))
      .Text(v1::AssignmentType_Name(proposal_.type()))
      .TextArray(without_)
      .Text(writing_.today())
      .TextArray(OpenQuotaIds());
  ASSIGN_OR_RETURN(const Result rows, writing_.Query(TeachersQuery(), parameters));
  if (rows.rows() > kProposalTeachersMax) return TooMany("limits.teacherIds", kProposalTeachersMax);
  for (int i = 0; i < rows.rows(); ++i) {
    if (rows.Boolean(i, 8)) {
      facts_.placed.emplace_back(rows.Text(i, 0), rows.Text(i, 1));
      continue;
    }
    if (rows.Integer(i, 7) + proposal_.weekly_share_percent() > kWholeWeek) {
      facts_.away.emplace_back(rows.Text(i, 0), rows.Text(i, 1));
      continue;
    }
    ProposalTeacher teacher;
    teacher.id = rows.Text(i, 0);
    teacher.school = SchoolAt(rows.Text(i, 1));
    teacher.subjects = Numbers<type::v1::Subject>(rows.TextArray(i, 2));
    teacher.stages = Numbers<type::v1::Stage>(rows.TextArray(i, 3));
    teacher.backbone = rows.Boolean(i, 4);
    if (!rows.IsNull(i, 5)) teacher.cadre_rank = Number<v1::CadreRank>(rows.Text(i, 5));
    if (!rows.IsNull(i, 6)) teacher.since = rows.Text(i, 6);
    facts_.problem.teachers.push_back(std::move(teacher));
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadVacancies() {
  Parameters parameters;
  parameters.Text(proposal_.jurisdiction_id())
      .Text(v1::AssignmentType_Name(proposal_.type()))
      .Text(proposal_.planned_from())
      .TextArray(Ids(proposal_.limits().vacancy_ids()));
  ASSIGN_OR_RETURN(const Result rows, writing_.Query(VacanciesQuery(), parameters));
  if (rows.rows() > kProposalPostsMax) return TooMany("limits.vacancyIds", kProposalPostsMax);
  for (int i = 0; i < rows.rows(); ++i) {
    ProposalPost post;
    post.id = rows.Text(i, 0);
    post.school = SchoolAt(rows.Text(i, 1));
    post.subject = Number<type::v1::Subject>(rows.Text(i, 2));
    post.stage = Number<type::v1::Stage>(rows.Text(i, 3));
    if (!rows.IsNull(i, 4)) post.alliance_id = rows.Text(i, 4);
    post.backbone_required = rows.Boolean(i, 5);
    post.cadre_rank_min = std::max(Number<v1::CadreRank>(rows.Text(i, 6)), LeastRank(proposal_.type()));
    facts_.problem.posts.push_back(std::move(post));
    facts_.host_roles.push_back(static_cast<v1::HostRole>(Number<v1::HostRole>(rows.Text(i, 7))));
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadQuotas() {
  Parameters parameters;
  parameters.Text(proposal_.jurisdiction_id())
      .Text(proposal_.school_year_id())
      .Text(v1::AssignmentType_Name(proposal_.type()))
      .Text(proposal_.planned_from())
      .TextArray(Ids(proposal_.limits().quota_ids()))
      .TextArray(without_);
  ASSIGN_OR_RETURN(const Result rows, writing_.Query(QuotasQuery(), parameters));
  if (rows.rows() > kProposalQuotasMax) return TooMany("limits.quotaIds", kProposalQuotasMax);
  // All are of one year: who begins outside it fills none of them.
  if (rows.rows() > 0 && rows.Boolean(0, 7))
    return base::FailIfAny({base::RefuseRule("plannedFrom", "计划开始日期不在该学年内",
                                             "is no day of the school year whose quotas are to be met")});
  bool of_alliances = false;
  for (int i = 0; i < rows.rows(); ++i) {
    const ProposalQuotaCounts counts{rows.Text(i, 0), static_cast<int>(rows.Integer(i, 4)),
                                     static_cast<int>(rows.Integer(i, 6))};
    if (rows.Boolean(i, 5)) {
      facts_.due.push_back(counts);
      continue;
    }
    QuotaOwner owner;
    if (!rows.IsNull(i, 1)) owner.alliance_id = rows.Text(i, 1);
    if (!rows.IsNull(i, 3)) owner.jurisdiction_id = rows.Text(i, 3);
    owner.side = Number<v1::QuotaSide>(rows.Text(i, 2));
    of_alliances |= owner.jurisdiction_id.empty();
    facts_.problem.quotas_by_school |= !owner.jurisdiction_id.empty();
    owners_.push_back(std::move(owner));
    facts_.problem.quotas.push_back({counts.id, std::max(0, counts.planned_count - counts.taken_count)});
    facts_.counts.push_back(counts);
  }
  if (of_alliances && facts_.problem.quotas_by_school)
    return base::FailIfAny({base::RefuseRule("limits.quotaIds", "联盟名额与辖区名额须分别提出方案,请指定名额",
                                             "are of alliances and of places: name those of one kind")});
  return absl::OkStatus();
}

absl::Status Reader::ReadLeftOut() {
  const v1::ProposalLimits& limits = proposal_.limits();
  Parameters parameters;
  parameters.Text(proposal_.jurisdiction_id())
      .Text(proposal_.planned_from())
      .Integer(limits.school_years_min())
      .TextArray(Ids(limits.teacher_ids()))
      .Text(v1::AssignmentType_Name(proposal_.type()))
      .Text(writing_.today());
  ASSIGN_OR_RETURN(const Result rows, writing_.Query(LeftOutTeachersQuery(), parameters));
  if (rows.rows() > kProposalTeachersMax) return TooMany("limits.teacherIds", kProposalTeachersMax);
  std::set<std::string> known;
  for (int i = 0; i < rows.rows(); ++i) {
    ProposalLeftOut left_out{v1::PROPOSAL_REASON_NOT_AVAILABLE, rows.Text(i, 0), rows.Text(i, 1)};
    v1::ProposalReason_Parse(rows.Text(i, 2), &left_out.reason);
    known.insert(left_out.id);
    facts_.left_out_teachers.push_back(std::move(left_out));
  }
  for (const ProposalTeacher& teacher : facts_.problem.teachers) known.insert(teacher.id);
  for (const auto* out : {&facts_.away, &facts_.placed})
    for (const auto& [teacher_id, unused] : *out) known.insert(teacher_id);
  for (const std::string& id : limits.teacher_ids())
    if (known.insert(id).second)
      facts_.left_out_teachers.push_back({v1::PROPOSAL_REASON_NOT_AVAILABLE, id, ""});
  for (const ProposalPost& post : facts_.problem.posts) known.insert(post.id);
  for (const std::string& id : limits.vacancy_ids())
    if (known.insert(id).second) facts_.left_out_posts.push_back({v1::PROPOSAL_REASON_NOT_AVAILABLE, id, ""});
  for (const auto& quotas : {facts_.counts, facts_.due})
    for (const ProposalQuotaCounts& quota : quotas) known.insert(quota.id);
  for (const std::string& id : limits.quota_ids())
    if (known.insert(id).second) facts_.unknown_quotas.push_back(id);
  return absl::OkStatus();
}

absl::Status Reader::ReadSchools() {
  ProposalProblem& problem = facts_.problem;
  problem.limits.same_jurisdiction = proposal_.limits().same_jurisdiction();
  problem.limits.distance_km_max = proposal_.limits().distance_km_max();
  problem.limits.backbone_share_min = proposal_.limits().backbone_share_min();
  places_.resize(problem.schools.size());
  std::unordered_map<std::string, int> minimums;
  for (const v1::SchoolMinimum& minimum : proposal_.limits().school_minimums())
    minimums[minimum.school_id()] = minimum.teacher_count();
  Parameters parameters;
  parameters.TextArray(SchoolIds())
      .Text(proposal_.planned_from())
      .Text(proposal_.planned_until())
      .TextArray(without_)
      .Text(writing_.today());
  ASSIGN_OR_RETURN(const Result rows, writing_.Query(SchoolsQuery(), parameters));
  for (int i = 0; i < rows.rows(); ++i) {
    const int at = SchoolAt(rows.Text(i, 0));
    ProposalSchool& school = problem.schools[at];
    if (!rows.IsNull(i, 1)) school.jurisdiction_id = rows.Text(i, 1);
    school.located = !rows.IsNull(i, 2) && !rows.IsNull(i, 3);
    if (school.located) {
      school.longitude = rows.Double(i, 2);
      school.latitude = rows.Double(i, 3);
    }
    places_[at] = rows.TextArray(i, 4);
    const int serving = static_cast<int>(rows.Integer(i, 5));
    const auto minimum = minimums.find(school.id);
    const int staying = minimum != minimums.end() ? minimum->second
                                                  : LeastOf(proposal_.limits().staying_share_min(), serving);
    school.movable_count = std::max(0, serving - static_cast<int>(rows.Integer(i, 6)) - staying);
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadSides() {
  std::set<std::string> alliances;
  for (const ProposalPost& post : facts_.problem.posts)
    if (!post.alliance_id.empty()) alliances.insert(post.alliance_id);
  if (alliances.empty()) return absl::OkStatus();
  Parameters parameters;
  parameters.TextArray(SchoolIds())
      .TextArray({alliances.begin(), alliances.end()})
      .Text(proposal_.planned_from());
  ASSIGN_OR_RETURN(const Result rows, writing_.Query(SidesQuery(), parameters));
  for (int i = 0; i < rows.rows(); ++i) {
    const std::string side = rows.Text(i, 2);
    int& known = facts_.problem.schools[SchoolAt(rows.Text(i, 0))].sides[rows.Text(i, 1)];
    // Quotas number the sides as memberships do.
    if (side == "MEMBERSHIP_SIDE_FIRST") known = v1::QUOTA_SIDE_FIRST;
    if (side == "MEMBERSHIP_SIDE_SECOND") known = v1::QUOTA_SIDE_SECOND;
  }
  return absl::OkStatus();
}

// A post of an alliance counts for the alliance's quotas of the other side, or of both together; a school for
// the quotas of all places that it lies in.
void Reader::CountForQuotas() {
  ProposalProblem& problem = facts_.problem;
  for (size_t q = 0; q < owners_.size(); ++q) {
    const QuotaOwner& owner = owners_[q];
    if (problem.quotas_by_school) {
      for (size_t s = 0; s < places_.size(); ++s)
        if (std::find(places_[s].begin(), places_[s].end(), owner.jurisdiction_id) != places_[s].end())
          problem.schools[s].quotas.push_back(static_cast<int>(q));
      continue;
    }
    for (ProposalPost& post : problem.posts) {
      if (post.alliance_id != owner.alliance_id) continue;
      const auto& sides = problem.schools[post.school].sides;
      const auto receives = sides.find(post.alliance_id);
      const int side = receives == sides.end() ? 0 : receives->second;
      if (owner.side == 0 || (side != 0 && side != owner.side)) post.quotas.push_back(static_cast<int>(q));
    }
  }
}

}  // namespace

absl::StatusOr<ProposalFacts> ReadProposalFacts(Writing& writing, const AssignmentProposal& proposal,
                                                const std::vector<std::string>& without) {
  return Reader(writing, proposal, without).Run();
}

}  // namespace lianqiao::exchange
