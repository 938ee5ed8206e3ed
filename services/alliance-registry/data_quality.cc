// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/data_quality.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/alliance-registry/facts_plausibility.h"
#include "services/alliance-registry/organisation_on_day.h"

namespace lianqiao::registry {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;

namespace {

constexpr int kFindingsDefault = 1000;

// The submissions of every county, zone or city at or below $1 for school year $2: the newest says what
// holds, the first whether it came in time.
constexpr char kNewest[] =
    "submitted AS (SELECT s.id, s.jurisdiction_id, s.restatement, s.state, s.submitted_on, s.city_checked_on"
    " FROM {visible:fact_submission s} JOIN {visible:jurisdiction j} ON j.id = s.jurisdiction_id"
    " WHERE j.scope && ARRAY[$1::uuid] AND s.school_year_id = $2::uuid)"
    ", newest AS (SELECT DISTINCT ON (jurisdiction_id) * FROM submitted"
    " ORDER BY jurisdiction_id, restatement DESC)"
    ", earliest AS (SELECT DISTINCT ON (jurisdiction_id) * FROM submitted"
    " ORDER BY jurisdiction_id, restatement)";

// The statistics day.
constexpr char kDay[] = "$3::date";
// Organisations o that may have been in $1 on the statistics day: those that lie there, and the few that
// moved.
constexpr char kMayHaveBeenHere[] = "(o.scope && ARRAY[$1::uuid] OR o.former_jurisdictions <> '[]')";
// What counts as one school: a campus is part of one.
constexpr char kWholeSchool[] =
    "o.kind IN ('ORGANISATION_KIND_SCHOOL', 'ORGANISATION_KIND_COMPLETE_PRIMARY',"
    " 'ORGANISATION_KIND_TEACHING_POINT', 'ORGANISATION_KIND_CENTRAL_SCHOOL', "
    "'ORGANISATION_KIND_KINDERGARTEN',"
    " 'ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT')";

// Open schools of places in $1, once per stage. Whoever reported a school owed it; else it is owed by whoever
// had it on the statistics day.
std::string Expected() {
  return absl::StrCat(
      "reported AS (SELECT f.organisation_id, f.stage, n.jurisdiction_id FROM newest n"
      " JOIN {visible:school_year_facts f} ON f.submission_id = n.id)"
      ", expected AS (SELECT DISTINCT ON (o.id, taught.stage) o.id, o.name, taught.stage,"
      " coalesce(r.jurisdiction_id, p.id) AS jurisdiction_id, r.jurisdiction_id IS NULL AS missing"
      " FROM {visible:organisation o} CROSS JOIN unnest(o.stages) AS taught (stage)"
      " JOIN jurisdiction p ON p.id = ",
      PlaceOn("o", kDay),
      " LEFT JOIN reported r ON r.organisation_id = o.id AND r.stage = taught.stage WHERE ", kMayHaveBeenHere,
      " AND ", ExistedOn("o", kDay),
      " AND (r.jurisdiction_id IS NOT NULL OR (p.scope && ARRAY[$1::uuid]"
      // By a place outside $1, whether the caller may read it or not.
      " AND NOT EXISTS (SELECT 1 FROM school_year_facts f JOIN fact_submission s ON s.id = f.submission_id"
      " WHERE f.organisation_id = o.id AND f.stage = taught.stage AND f.delete_time IS NULL"
      " AND s.school_year_id = $2::uuid AND s.delete_time IS NULL AND NOT EXISTS (SELECT 1 FROM"
      " jurisdiction inner_place WHERE inner_place.id = s.jurisdiction_id"
      " AND inner_place.scope && ARRAY[$1::uuid]) AND NOT EXISTS (SELECT 1 FROM fact_submission newer"
      " WHERE newer.jurisdiction_id = s.jurisdiction_id AND newer.school_year_id = s.school_year_id"
      " AND newer.restatement > s.restatement AND newer.delete_time IS NULL))))"
      " ORDER BY o.id, taught.stage, r.jurisdiction_id <> p.id)");
}

const NamedQuery& YearQuery() {
  static const NamedQuery query{
      "quality_year",
      "SELECT y.statistics_on, y.submission_due_on, (SELECT p.id FROM {visible:school_year p}"
      " WHERE p.ends_on < y.starts_on ORDER BY p.ends_on DESC LIMIT 1), y.city_check_due_on"
      " FROM {visible:school_year y} WHERE y.id = $1::uuid"};
  return query;
}

const NamedQuery& JurisdictionQuery() {
  static const NamedQuery query{
      "quality_jurisdictions",
      std::string("WITH ") + kNewest + ", " + Expected() +
          ", due AS (SELECT jurisdiction_id, count(*) AS records FROM expected GROUP BY jurisdiction_id)"
          " SELECT j.id, j.name, n.id, n.restatement, n.state, n.submitted_on, n.city_checked_on, "
          "coalesce(due.records, 0), e.state, e.submitted_on, e.city_checked_on"
          " FROM {visible:jurisdiction j} LEFT JOIN newest n ON n.jurisdiction_id = j.id"
          " LEFT JOIN earliest e ON e.jurisdiction_id = j.id"
          " LEFT JOIN due ON due.jurisdiction_id = j.id WHERE j.scope && ARRAY[$1::uuid]"
          " AND (j.valid_from IS NULL OR j.valid_from <= $3::date) AND (j.valid_to IS NULL OR j.valid_to >= "
          "$3::date)"
          " AND ((j.level = 'JURISDICTION_LEVEL_COUNTY' AND j.kind <> 'JURISDICTION_KIND_STATISTICAL_ZONE')"
          " OR n.id IS NOT NULL OR due.records > 0) ORDER BY j.division_code, j.name, j.id"};
  return query;
}

const NamedQuery& MissingQuery() {
  static const NamedQuery query{
      "quality_missing",
      std::string("WITH ") + kNewest + ", " + Expected() +
          " SELECT jurisdiction_id, id, name, stage FROM expected WHERE missing ORDER BY name, id, stage"};
  return query;
}

// Open schools of which nobody knows what they teach, and so which facts they owe.
const NamedQuery& NoStageQuery() {
  static const NamedQuery query{
      "quality_no_stage",
      absl::StrCat(
          "SELECT p.id, o.id, o.name, '' FROM {visible:organisation o} JOIN jurisdiction p ON p.id = ",
          PlaceOn("o", kDay), " WHERE ", kMayHaveBeenHere,
          " AND p.scope && ARRAY[$1::uuid] AND o.stages = '{}' AND ", kWholeSchool,
          " AND $2::uuid IS NOT NULL AND ", ExistedOn("o", kDay), " ORDER BY o.name, o.id")};
  return query;
}

// Names of the optional fields of a record of facts: what the report examines.
std::vector<const FieldDescriptor*> Measures(const Message& record) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < record.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = record.GetDescriptor()->field(i);
    if (field->has_optional_keyword()) fields.push_back(field);
  }
  return fields;
}

std::string MeasureColumns(const Message& record) {
  std::string columns;
  for (const FieldDescriptor* field : Measures(record)) columns += ", f." + field->name();
  return columns;
}

void ReadMeasures(const Result& result, int row, int column, Message* record) {
  for (const FieldDescriptor* field : Measures(*record)) {
    const int at = column++;
    if (result.IsNull(row, at)) continue;
    const auto& set = *record->GetReflection();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      set.SetDouble(record, field, result.Double(row, at));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
      set.SetBool(record, field, result.Boolean(row, at));
    } else {
      set.SetInt64(record, field, result.Integer(row, at));
    }
  }
}

const NamedQuery& SchoolFactsQuery() {
  static const NamedQuery query{
      "quality_school_facts",
      std::string("WITH ") + kNewest +
          " SELECT n.jurisdiction_id, o.id, o.name, f.stage, f.id, o.stages, last_year.pupils" +
          MeasureColumns(v1::SchoolYearFacts::default_instance()) +
          " FROM newest n JOIN {visible:school_year_facts f} ON f.submission_id = n.id"
          " JOIN {visible:organisation o} ON o.id = f.organisation_id"
          " LEFT JOIN LATERAL (SELECT p.pupils FROM {visible:school_year_facts p}"
          " JOIN {visible:fact_submission ps} ON ps.id = p.submission_id WHERE p.organisation_id = "
          "f.organisation_id"
          " AND p.stage = f.stage AND p.school_year_id = $3::uuid AND ps.state IN "
          "('FACT_SUBMISSION_STATE_ACCEPTED',"
          " 'FACT_SUBMISSION_STATE_FROZEN') ORDER BY ps.restatement DESC LIMIT 1) last_year ON true"
          " ORDER BY o.name, o.id, f.stage"};
  return query;
}

const NamedQuery& JurisdictionFactsQuery() {
  static const NamedQuery query{
      "quality_jurisdiction_facts",
      absl::StrCat("WITH ", kNewest, ", registered AS (SELECT ", PlaceOn("o", kDay),
                   " AS jurisdiction_id, count(*) AS schools FROM organisation o WHERE ", kMayHaveBeenHere,
                   " AND o.delete_time IS NULL AND ", kWholeSchool, " AND ", ExistedOn("o", kDay),
                   " GROUP BY 1) SELECT n.jurisdiction_id, f.id, f.registry_complete, coalesce(c.schools, 0)",
                   MeasureColumns(v1::JurisdictionYearFacts::default_instance()),
                   " FROM newest n JOIN {visible:jurisdiction j} ON j.id = n.jurisdiction_id"
                   " JOIN {visible:jurisdiction_year_facts f} ON f.submission_id = n.id"
                   " LEFT JOIN registered c ON c.jurisdiction_id = n.jurisdiction_id")};
  return query;
}

// The last days of a school year for its facts; empty: none set.
struct Due {
  std::string submission;
  std::string city_check;
};

v1::FactSubmissionState StateOf(const std::string& name) {
  v1::FactSubmissionState state = v1::FACT_SUBMISSION_STATE_UNSPECIFIED;
  v1::FactSubmissionState_Parse(name, &state);
  return state;
}

// The first findings by jurisdiction, then school, whatever the order in which they are found; the rest is
// only counted.
class FirstFindings {
 public:
  explicit FirstFindings(size_t limit) : limit_(limit) {}

  // `place` is the jurisdiction's position in the report.
  void Add(int place, v1::DataQualityFinding finding) {
    ++count_;
    kept_.push_back({place, count_, std::move(finding)});
    if (kept_.size() >= 2 * limit_ + 1) Cut();
  }

  void MoveTo(v1::GetDataQualityResponse* response) {
    Cut();
    std::sort(kept_.begin(), kept_.end(), Before);
    for (Entry& entry : kept_) *response->add_findings() = std::move(entry.finding);
    response->set_findings_left_out(count_ - static_cast<int64_t>(kept_.size()));
  }

 private:
  struct Entry {
    int place;
    int64_t number;
    v1::DataQualityFinding finding;
  };
  // What concerns the jurisdiction itself has no school's name and comes before its schools.
  static bool Before(const Entry& left, const Entry& right) {
    const auto key = [](const Entry& entry) {
      return std::make_tuple(entry.place, std::string_view(entry.finding.organisation_name()),
                             std::string_view(entry.finding.organisation_id()), entry.finding.stage(),
                             entry.number);
    };
    return key(left) < key(right);
  }
  void Cut() {
    if (kept_.size() <= limit_) return;
    std::nth_element(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(limit_), kept_.end(), Before);
    kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(limit_), kept_.end());
  }

  const size_t limit_;
  int64_t count_ = 0;
  std::vector<Entry> kept_;
};

// Collects counts for every jurisdiction and findings up to the limit.
class Report {
 public:
  Report(const v1::GetDataQualityRequest& request, v1::GetDataQualityResponse* response)
      : findings_(
            static_cast<size_t>(request.max_findings() == 0 ? kFindingsDefault : request.max_findings())),
        response_(response) {}

  void AddJurisdictions(const Result& rows, const Due& due, const std::string& today) {
    for (int i = 0; i < rows.rows(); ++i) {
      v1::JurisdictionDataQuality& entry = *response_->add_jurisdictions();
      entry.set_jurisdiction_id(rows.Text(i, 0));
      entry.set_jurisdiction_name(rows.Text(i, 1));
      if (!rows.IsNull(i, 2)) {
        entry.set_submission_id(rows.Text(i, 2));
        entry.set_restatement(static_cast<int>(rows.Integer(i, 3)));
        entry.set_state(StateOf(rows.Text(i, 4)));
        if (!rows.IsNull(i, 5)) entry.set_submitted_on(rows.Text(i, 5));
        if (!rows.IsNull(i, 6)) entry.set_city_checked_on(rows.Text(i, 6));
      }
      entry.set_expected_record_count(rows.Integer(i, 7));
      index_[entry.jurisdiction_id()] = i;
      SetLateness(rows, i, due, today, &entry);
      v1::DataQualityFinding finding = Of(v1::FINDING_KIND_LATE, entry.jurisdiction_id());
      finding.set_field("submission_due_on");
      if (entry.late()) Add(finding);
      finding.set_field("city_check_due_on");
      if (entry.city_check_late()) Add(finding);
    }
  }

  void AddSchoolsWithoutStage(const Result& rows) {
    for (int i = 0; i < rows.rows(); ++i) {
      v1::JurisdictionDataQuality* entry = Find(rows.Text(i, 0));
      if (entry == nullptr) continue;
      entry->set_school_without_stage_count(entry->school_without_stage_count() + 1);
      v1::DataQualityFinding finding = Of(v1::FINDING_KIND_MISSING, rows.Text(i, 0));
      SetSchool(rows, i, &finding);
      finding.set_field("stages");
      Add(std::move(finding));
    }
  }

  void AddMissing(const Result& rows) {
    for (int i = 0; i < rows.rows(); ++i) {
      v1::JurisdictionDataQuality* entry = Find(rows.Text(i, 0));
      if (entry == nullptr) continue;
      entry->set_missing_record_count(entry->missing_record_count() + 1);
      v1::DataQualityFinding finding = Of(v1::FINDING_KIND_MISSING, rows.Text(i, 0));
      SetSchool(rows, i, &finding);
      Add(std::move(finding));
    }
  }

  void AddSchoolFacts(const Result& rows) {
    for (int i = 0; i < rows.rows(); ++i) {
      v1::JurisdictionDataQuality* entry = Find(rows.Text(i, 0));
      if (entry == nullptr) continue;
      entry->set_reported_record_count(entry->reported_record_count() + 1);
      v1::SchoolYearFacts facts;
      facts.set_stage(StageOf(rows.Text(i, 3)));
      ReadMeasures(rows, i, 7, &facts);
      SchoolContext context;
      for (const std::string& stage : rows.TextArray(i, 5)) context.stages.push_back(StageOf(stage));
      if (!rows.IsNull(i, 6)) context.pupils_last_year = rows.Integer(i, 6);
      const auto place = [&](v1::DataQualityFinding* finding) {
        SetSchool(rows, i, finding);
        finding->set_record_id(rows.Text(i, 4));
      };
      AddFindings(entry, MissingFields(facts), Examine(facts, context), place);
    }
  }

  void AddJurisdictionFacts(const Result& rows) {
    for (int i = 0; i < rows.rows(); ++i) {
      v1::JurisdictionDataQuality* entry = Find(rows.Text(i, 0));
      if (entry == nullptr) continue;
      entry->set_has_jurisdiction_facts(true);
      v1::JurisdictionYearFacts facts;
      facts.set_registry_complete(rows.Boolean(i, 2));
      ReadMeasures(rows, i, 4, &facts);
      const auto place = [&](v1::DataQualityFinding* finding) { finding->set_record_id(rows.Text(i, 1)); };
      JurisdictionContext context;
      context.registered_schools = rows.Integer(i, 3);
      AddFindings(entry, MissingFields(facts), Examine(facts, context), place);
    }
    for (const v1::JurisdictionDataQuality& entry : response_->jurisdictions()) {
      if (!entry.has_jurisdiction_facts()) Add(Of(v1::FINDING_KIND_MISSING, entry.jurisdiction_id()));
    }
  }

  void Finish() { findings_.MoveTo(response_); }

 private:
  static type::v1::Stage StageOf(const std::string& name) {
    type::v1::Stage stage = type::v1::STAGE_UNSPECIFIED;
    type::v1::Stage_Parse(name, &stage);
    return stage;
  }
  v1::JurisdictionDataQuality* Find(const std::string& id) {
    const auto found = index_.find(id);
    return found == index_.end() ? nullptr : response_->mutable_jurisdictions(found->second);
  }
  static v1::DataQualityFinding Of(v1::FindingKind kind, const std::string& jurisdiction_id) {
    v1::DataQualityFinding finding;
    finding.set_kind(kind);
    finding.set_jurisdiction_id(jurisdiction_id);
    return finding;
  }
  void Add(v1::DataQualityFinding finding) {
    const int place = index_.at(finding.jurisdiction_id());
    findings_.Add(place, std::move(finding));
  }
  // By the first submission: who corrects what was in time is not late. One that was returned counts from the
  // day on which it was handed in again.
  static void SetLateness(const Result& rows, int row, const Due& due, const std::string& today,
                          v1::JurisdictionDataQuality* entry) {
    const v1::FactSubmissionState state =
        rows.IsNull(row, 8) ? v1::FACT_SUBMISSION_STATE_UNSPECIFIED : StateOf(rows.Text(row, 8));
    const bool waiting = state <= v1::FACT_SUBMISSION_STATE_DRAFT;
    const std::string submitted_on = rows.IsNull(row, 9) ? "" : rows.Text(row, 9);
    const std::string checked_on = rows.IsNull(row, 10) ? "" : rows.Text(row, 10);
    if (!waiting) entry->set_first_submitted_on(submitted_on);
    entry->set_late(!due.submission.empty() && (waiting ? today : submitted_on) > due.submission);
    // The city can only check what it has got.
    const bool unchecked = state == v1::FACT_SUBMISSION_STATE_SUBMITTED;
    if (!waiting && !unchecked) entry->set_first_city_checked_on(checked_on);
    entry->set_city_check_late(!due.city_check.empty() && !waiting &&
                               (unchecked ? today : checked_on) > due.city_check);
  }
  static void SetSchool(const Result& rows, int row, v1::DataQualityFinding* finding) {
    finding->set_organisation_id(rows.Text(row, 1));
    finding->set_organisation_name(rows.Text(row, 2));
    finding->set_stage(StageOf(rows.Text(row, 3)));
  }
  template <typename Place>
  void AddFindings(v1::JurisdictionDataQuality* entry, const std::vector<std::string>& missing,
                   const std::vector<Finding>& implausible, const Place& place) {
    entry->set_missing_field_count(entry->missing_field_count() + static_cast<int64_t>(missing.size()));
    entry->set_implausible_count(entry->implausible_count() + static_cast<int64_t>(implausible.size()));
    for (const std::string& field : missing) {
      v1::DataQualityFinding finding = Of(v1::FINDING_KIND_MISSING, entry->jurisdiction_id());
      place(&finding);
      finding.set_field(field);
      Add(std::move(finding));
    }
    for (const Finding& found : implausible) {
      v1::DataQualityFinding finding = Of(v1::FINDING_KIND_IMPLAUSIBLE, entry->jurisdiction_id());
      place(&finding);
      finding.set_field(found.field);
      finding.set_rule(found.rule);
      Add(std::move(finding));
    }
  }

  FirstFindings findings_;
  v1::GetDataQualityResponse* response_;
  std::unordered_map<std::string, int> index_;
};

}  // namespace

absl::StatusOr<v1::GetDataQualityResponse> GetDataQuality(Reading& reading,
                                                          const v1::GetDataQualityRequest& request) {
  ASSIGN_OR_RETURN(const Result year,
                   reading.Query(YearQuery(), Parameters().Text(request.school_year_id())));
  if (year.rows() == 0) {
    return base::Fail(absl::StatusCode::kNotFound, base::ErrorReason::RESOURCE_NOT_FOUND,
                      {{"kind", "school_year"}});
  }
  const std::string statistics_on = year.Text(0, 0);
  const Due due{year.IsNull(0, 1) ? "" : year.Text(0, 1), year.IsNull(0, 3) ? "" : year.Text(0, 3)};
  Parameters place_and_year;
  place_and_year.Text(request.jurisdiction_id()).Text(request.school_year_id());
  Parameters with_day = place_and_year;
  with_day.Text(statistics_on);
  Parameters with_last_year = place_and_year;
  if (year.IsNull(0, 2)) {
    with_last_year.Null();
  } else {
    with_last_year.Text(year.Text(0, 2));
  }
  v1::GetDataQualityResponse response;
  Report report(request, &response);
  ASSIGN_OR_RETURN(const Result jurisdictions, reading.Query(JurisdictionQuery(), with_day));
  report.AddJurisdictions(jurisdictions, due, reading.today());
  ASSIGN_OR_RETURN(const Result jurisdiction_facts, reading.Query(JurisdictionFactsQuery(), with_day));
  report.AddJurisdictionFacts(jurisdiction_facts);
  ASSIGN_OR_RETURN(const Result missing, reading.Query(MissingQuery(), with_day));
  report.AddMissing(missing);
  ASSIGN_OR_RETURN(const Result without_stage, reading.Query(NoStageQuery(), with_day));
  report.AddSchoolsWithoutStage(without_stage);
  ASSIGN_OR_RETURN(const Result school_facts, reading.Query(SchoolFactsQuery(), with_last_year));
  report.AddSchoolFacts(school_facts);
  report.Finish();
  return response;
}

}  // namespace lianqiao::registry
