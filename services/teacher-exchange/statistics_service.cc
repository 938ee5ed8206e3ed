// SPDX-License-Identifier: Apache-2.0
#include "services/teacher-exchange/statistics_service.h"

#include <algorithm>

#include "lianqiao/exchange/v1/statistics.pb.h"
#include "services/teacher-exchange/statistics_queries.h"

namespace lianqiao::exchange {

using base::ErrorReason;
using base::Refuse;
using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;
using v1::ExchangeStatistics;
using v1::GetExchangeStatisticsRequest;

namespace {

template <typename Enum>
Enum Parsed(const Result& rows, int row, int column) {
  const auto* value = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByName(rows.Text(row, column));
  return value == nullptr ? Enum() : static_cast<Enum>(value->number());
}

absl::Status CheckRequest(const GetExchangeStatisticsRequest& request) {
  const bool days = !request.starts_on().empty() || !request.ends_on().empty();
  std::vector<const char*> given;
  if (!request.school_year_id().empty()) given.push_back("schoolYearId");
  if (!request.term_id().empty()) given.push_back("termId");
  if (days) given.push_back("startsOn");
  if (given.empty()) return base::FailIfAny({Refuse("schoolYearId", ErrorReason::FIELD_REQUIRED)});
  if (given.size() > 1)
    return base::FailIfAny({Refuse(given[1], ErrorReason::FIELD_CONFLICT, {{"other", given[0]}})});
  if (!days) return absl::OkStatus();
  if (request.starts_on().empty()) return base::FailIfAny({Refuse("startsOn", ErrorReason::FIELD_REQUIRED)});
  if (request.ends_on().empty()) return base::FailIfAny({Refuse("endsOn", ErrorReason::FIELD_REQUIRED)});
  if (request.ends_on() < request.starts_on())
    return base::FailIfAny({Refuse("endsOn", ErrorReason::DATES_OUT_OF_ORDER, {{"other", "startsOn"}})});
  return absl::OkStatus();
}

// First and last day, and the school year that holds them.
absl::Status SetPeriod(Reading& reading, const GetExchangeStatisticsRequest& request,
                       ExchangeStatistics* statistics) {
  static const NamedQuery period{
      "exchange_statistics_period",
      "SELECT starts_on, ends_on FROM registry_school_year WHERE id = $1::uuid"
      " UNION ALL SELECT starts_on, ends_on FROM registry_term WHERE id = $1::uuid"};
  static const NamedQuery year{"exchange_statistics_year",
                               "SELECT id FROM registry_school_year WHERE starts_on <= $1::date"
                               " AND ends_on >= $2::date ORDER BY starts_on DESC LIMIT 1"};
  statistics->set_starts_on(request.starts_on());
  statistics->set_ends_on(request.ends_on());
  const bool of_year = !request.school_year_id().empty();
  if (of_year || !request.term_id().empty()) {
    const std::string& id = of_year ? request.school_year_id() : request.term_id();
    ASSIGN_OR_RETURN(const Result found, reading.Query(period, Parameters().Text(id)));
    if (found.rows() == 0 || found.IsNull(0, 0) || found.IsNull(0, 1))
      return base::FailIfAny(
          {Refuse(of_year ? "schoolYearId" : "termId", ErrorReason::REFERENCE_NOT_FOUND,
                  {{"kind", of_year ? "school_year" : "term"}, {"kind_zh", of_year ? "学年" : "学期"}})});
    statistics->set_starts_on(found.Text(0, 0));
    statistics->set_ends_on(found.Text(0, 1));
  }
  ASSIGN_OR_RETURN(
      const Result holding,
      reading.Query(year, Parameters().Text(statistics->starts_on()).Text(statistics->ends_on())));
  if (of_year) {
    statistics->set_school_year_id(request.school_year_id());
  } else if (holding.rows() > 0) {
    statistics->set_school_year_id(holding.Text(0, 0));
  }
  return absl::OkStatus();
}

// Assignments, persons and backbone persons from `column` on.
void SetCount(const Result& rows, int row, int column, v1::ExchangeCount* count) {
  count->set_assignment_count(rows.Integer(row, column));
  count->set_distinct_person_count(rows.Integer(row, column + 1));
  count->set_distinct_backbone_person_count(rows.Integer(row, column + 2));
}

// In the order of the enums.
template <typename Entries, typename Key>
void Sort(Entries* entries, Key key) {
  std::sort(entries->begin(), entries->end(),
            [key](const auto& a, const auto& b) { return (a.*key)() < (b.*key)(); });
}

void SetGroups(const Result& rows, ExchangeStatistics* statistics) {
  for (int i = 0; i < rows.rows(); ++i) {
    if (!rows.IsNull(i, 0)) {
      v1::TypeCount& entry = *statistics->add_by_type();
      entry.set_type(Parsed<v1::AssignmentType>(rows, i, 0));
      SetCount(rows, i, 3, entry.mutable_count());
    } else if (!rows.IsNull(i, 1)) {
      v1::DirectionCount& entry = *statistics->add_by_direction();
      entry.set_direction(Parsed<v1::Direction>(rows, i, 1));
      SetCount(rows, i, 3, entry.mutable_count());
    } else {
      v1::HostRoleCount& entry = *statistics->add_by_host_role();
      entry.set_host_role(Parsed<v1::HostRole>(rows, i, 2));
      SetCount(rows, i, 3, entry.mutable_count());
    }
  }
  Sort(statistics->mutable_by_type(), &v1::TypeCount::type);
  Sort(statistics->mutable_by_direction(), &v1::DirectionCount::direction);
  Sort(statistics->mutable_by_host_role(), &v1::HostRoleCount::host_role);
}

void SetNotCounted(const Result& rows, ExchangeStatistics* statistics) {
  for (int i = 0; i < rows.rows(); ++i) {
    v1::StateCount& entry = *statistics->add_not_counted();
    entry.set_state(Parsed<v1::AssignmentState>(rows, i, 0));
    SetCount(rows, i, 1, entry.mutable_count());
  }
  Sort(statistics->mutable_not_counted(), &v1::StateCount::state);
}

double Ratio(int64_t part, int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

void SetRules(const Result& row, ExchangeStatistics* statistics) {
  v1::CadreStatistics& cadres = *statistics->mutable_cadres();
  cadres.set_distinct_dispatched_person_count(row.Integer(0, 0));
  cadres.set_distinct_principal_person_count(row.Integer(0, 1));
  cadres.set_distinct_dispatched_from_quality_person_count(row.Integer(0, 2));
  cadres.set_distinct_undetermined_person_count(row.Integer(0, 3));
  cadres.set_distinct_reserve_cadre_person_count(row.Integer(0, 4));
  if (row.Integer(0, 0) > 0) cadres.set_principal_ratio(Ratio(row.Integer(0, 1), row.Integer(0, 0)));
  v1::SupportStatistics& support = *statistics->mutable_support();
  support.set_distinct_person_count(row.Integer(0, 5));
  support.set_assignment_count(row.Integer(0, 6));
  v1::RotationStatistics& rotation = *statistics->mutable_rotation();
  rotation.set_distinct_rotated_person_count(row.Integer(0, 7));
  rotation.set_distinct_rotated_backbone_person_count(row.Integer(0, 8));
  if (row.Integer(0, 7) > 0) rotation.set_backbone_ratio(Ratio(row.Integer(0, 8), row.Integer(0, 7)));
  v1::OutflowStatistics& outflow = *statistics->mutable_outflow();
  outflow.set_distinct_person_count(row.Integer(0, 9));
  outflow.set_distinct_backbone_person_count(row.Integer(0, 10));
  outflow.set_distinct_three_year_person_count(row.Integer(0, 11));
  outflow.set_distinct_undetermined_person_count(row.Integer(0, 12));
  if (row.Integer(0, 9) > 0) outflow.set_backbone_ratio(Ratio(row.Integer(0, 10), row.Integer(0, 9)));
}

// How many rows are listed; says so where there are more.
int Listed(const Result& rows, ExchangeStatistics* statistics) {
  if (rows.rows() > kStatisticsRowsMax) statistics->set_truncated(true);
  return std::min(rows.rows(), kStatisticsRowsMax);
}

void SetSeconded(const Result& rows, ExchangeStatistics* statistics) {
  for (int i = 0; i < Listed(rows, statistics); ++i) {
    v1::SecondedSchool& school = *statistics->add_seconded_schools();
    school.set_alliance_id(rows.Text(i, 0));
    school.set_school_id(rows.Text(i, 1));
    school.set_distinct_person_count(rows.Integer(i, 2));
  }
}

void SetQuotas(const Result& rows, ExchangeStatistics* statistics) {
  for (int i = 0; i < Listed(rows, statistics); ++i) {
    v1::QuotaStatistics& quotas = *statistics->add_quotas();
    if (!rows.IsNull(i, 0)) quotas.set_alliance_id(rows.Text(i, 0));
    if (!rows.IsNull(i, 1)) quotas.set_jurisdiction_id(rows.Text(i, 1));
    quotas.set_quota_count(rows.Integer(i, 2));
    quotas.set_met_quota_count(rows.Integer(i, 3));
    quotas.set_planned_person_count(rows.Integer(i, 4));
    quotas.set_filled_person_count(rows.Integer(i, 5));
    if (rows.Integer(i, 4) > 0) quotas.set_ratio(Ratio(rows.Integer(i, 6), rows.Integer(i, 4)));
  }
}

void SetEligible(const Result& row, ExchangeStatistics* statistics) {
  v1::RotationStatistics& rotation = *statistics->mutable_rotation();
  rotation.set_distinct_eligible_school_count(row.Integer(0, 1));
  rotation.set_distinct_missing_school_count(row.Integer(0, 2));
  if (row.Integer(0, 1) == 0) return;
  rotation.set_eligible_person_count(row.Integer(0, 0));
}

// Rotated teachers of all schools over the eligible ones of some say nothing (domain §1.13).
bool HasEligible(const ExchangeStatistics& statistics) {
  const v1::RotationStatistics& rotation = statistics.rotation();
  return rotation.eligible_person_count() > 0 && rotation.distinct_missing_school_count() == 0;
}

// Of the schools that told: who is sent by another one (a senior school) is among no eligible ones.
void SetEligibleRatios(const Result& of_told, ExchangeStatistics* statistics) {
  const int64_t eligible = statistics->rotation().eligible_person_count();
  statistics->mutable_rotation()->set_ratio(Ratio(of_told.Integer(0, 0), eligible));
  statistics->mutable_outflow()->set_ratio(Ratio(of_told.Integer(0, 1), eligible));
}

// `whole`: every assignment that counts is in the figures.
void SetPaired(const Result& rows, bool whole, v1::SupportStatistics* support) {
  int64_t paired = 0;
  int64_t reported = 0;
  int64_t teachers = 0;
  for (int i = 0; i < rows.rows(); ++i) {
    paired += rows.Integer(i, 3);
    if (rows.IsNull(i, 0)) continue;
    v1::FactsBasis& basis = *support->add_basis();
    basis.set_submission_id(rows.Text(i, 0));
    basis.set_jurisdiction_id(rows.Text(i, 1));
    basis.set_frozen(rows.Text(i, 2) == "FACT_SUBMISSION_STATE_FROZEN");
    basis.set_distinct_school_count(rows.Integer(i, 3));
    basis.set_full_time_teacher_count(rows.Integer(i, 4));
    reported += rows.Integer(i, 3);
    teachers += rows.Integer(i, 4);
  }
  support->set_distinct_paired_school_count(paired);
  support->set_distinct_reported_school_count(reported);
  if (reported == 0) return;
  support->set_full_time_teacher_count(teachers);
  if (whole && reported == paired && teachers > 0)
    support->set_ratio(Ratio(support->distinct_person_count(), teachers));
}

void SetTypes(const GetExchangeStatisticsRequest& request, v1::RotationStatistics* rotation) {
  for (const int type : request.rotation_types()) rotation->add_types(static_cast<v1::AssignmentType>(type));
  if (!rotation->types().empty()) return;
  for (const v1::AssignmentType type :
       {v1::ASSIGNMENT_TYPE_SUPPORT_TEACHING, v1::ASSIGNMENT_TYPE_SECONDED_TEAM,
        v1::ASSIGNMENT_TYPE_CADRE_DISPATCH, v1::ASSIGNMENT_TYPE_POST_EXCHANGE, v1::ASSIGNMENT_TYPE_ROTATION,
        v1::ASSIGNMENT_TYPE_TEAM_SUPPORT})
    rotation->add_types(type);
}

std::vector<std::string> TypeNames(const v1::RotationStatistics& rotation) {
  std::vector<std::string> names;
  for (const int type : rotation.types())
    names.push_back(v1::AssignmentType_Name(static_cast<v1::AssignmentType>(type)));
  return names;
}

Parameters& AllianceOrNull(const std::string& alliance_id, Parameters* parameters) {
  return alliance_id.empty() ? parameters->Null() : parameters->Text(alliance_id);
}

// Denominators and quotas are of a school year. `period`: parameters of the counts. Who reads the figures of
// the place but not all of its assignments gets no ratio.
absl::Status SetYear(Reading& reading, const Parameters& period, ExchangeStatistics* statistics) {
  if (statistics->school_year_id().empty()) return absl::OkStatus();
  Parameters year;
  year.Text(statistics->jurisdiction_id())
      .Text(statistics->school_year_id())
      .Text(std::min(statistics->ends_on(), reading.today()));
  AllianceOrNull(statistics->alliance_id(), &year);
  ASSIGN_OR_RETURN(const Result quotas, reading.Query(StatisticsQuotas(), year));
  SetQuotas(quotas, statistics);
  ASSIGN_OR_RETURN(const Result eligible, reading.Query(StatisticsEligible(), year));
  SetEligible(eligible, statistics);
  ASSIGN_OR_RETURN(const Result hidden, reading.Query(StatisticsHidden(), period));
  const bool whole = !hidden.Boolean(0, 0);
  if (whole && HasEligible(*statistics)) {
    Parameters of_year = period;
    of_year.TextArray(TypeNames(statistics->rotation())).Text(statistics->school_year_id());
    ASSIGN_OR_RETURN(const Result of_told, reading.Query(StatisticsOfTold(), of_year));
    SetEligibleRatios(of_told, statistics);
  }
  ASSIGN_OR_RETURN(const Result paired, reading.Query(StatisticsPaired(), year));
  SetPaired(paired, whole, statistics->mutable_support());
  return absl::OkStatus();
}

absl::StatusOr<ExchangeStatistics> GetExchangeStatistics(Reading& reading,
                                                         const GetExchangeStatisticsRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request));
  ExchangeStatistics statistics;
  statistics.set_jurisdiction_id(request.jurisdiction_id());
  statistics.set_alliance_id(request.alliance_id());
  statistics.set_basis(request.basis() == v1::STATISTICS_BASIS_UNSPECIFIED ? v1::STATISTICS_BASIS_ON_POST
                                                                           : request.basis());
  RETURN_IF_ERROR(SetPeriod(reading, request, &statistics));
  SetTypes(request, statistics.mutable_rotation());
  Parameters period;
  period.Text(statistics.jurisdiction_id()).Text(statistics.starts_on()).Text(statistics.ends_on());
  AllianceOrNull(statistics.alliance_id(), &period).Boolean(statistics.basis() == v1::STATISTICS_BASIS_BEGAN);
  ASSIGN_OR_RETURN(const Result totals, reading.Query(StatisticsTotals(), period));
  SetCount(totals, 0, 0, statistics.mutable_sent());
  SetCount(totals, 0, 3, statistics.mutable_received());
  ASSIGN_OR_RETURN(const Result groups, reading.Query(StatisticsGroups(), period));
  SetGroups(groups, &statistics);
  ASSIGN_OR_RETURN(const Result not_counted, reading.Query(StatisticsNotCounted(), period));
  SetNotCounted(not_counted, &statistics);
  ASSIGN_OR_RETURN(const Result seconded, reading.Query(StatisticsSeconded(), period));
  SetSeconded(seconded, &statistics);
  Parameters with_types = period;
  with_types.TextArray(TypeNames(statistics.rotation()));
  ASSIGN_OR_RETURN(const Result rules, reading.Query(StatisticsRules(), with_types));
  SetRules(rules, &statistics);
  RETURN_IF_ERROR(SetYear(reading, period, &statistics));
  return statistics;
}

}  // namespace

void AddStatistics(resource::Service& service) {
  service.on("lianqiao.exchange.v1.ExchangeStatisticsService", "GetExchangeStatistics",
             GetExchangeStatistics);
}

}  // namespace lianqiao::exchange
