// SPDX-License-Identifier: Apache-2.0
#include "services/alliance-registry/data_quality.h"

#include <unordered_map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/alliance-registry/facts_plausibility.h"

namespace lianqiao::registry {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;

namespace {

constexpr int kFindingsDefault = 1000;

// The newest submission of every county, zone or city at or below $1 for school year $2.
constexpr char kNewest[] =
    "newest AS (SELECT DISTINCT ON (s.jurisdiction_id) s.id, s.jurisdiction_id, s.restatement, s.state, "
    "s.submitted_on, s.city_checked_on"
    " FROM {visible:fact_submission s} JOIN {visible:jurisdiction j} ON j.id = s.jurisdiction_id"
    " WHERE j.scope && ARRAY[$1::uuid] AND s.school_year_id = $2::uuid"
    " ORDER BY s.jurisdiction_id, s.restatement DESC)";

// Whether organisation o was open on the statistics day $3.
constexpr char kOpen[] =
    "o.status <> 'ORGANISATION_STATUS_PLANNED' AND (o.opened_on IS NULL OR o.opened_on <= $3::date)"
    " AND CASE WHEN o.closed_on IS NULL THEN o.status = 'ORGANISATION_STATUS_ACTIVE' ELSE o.closed_on >= "
    "$3::date END";
// What counts as one school: a campus is part of one.
constexpr char kWholeSchool[] =
    "o.kind IN ('ORGANISATION_KIND_SCHOOL', 'ORGANISATION_KIND_COMPLETE_PRIMARY',"
    " 'ORGANISATION_KIND_TEACHING_POINT', 'ORGANISATION_KIND_CENTRAL_SCHOOL', "
    "'ORGANISATION_KIND_KINDERGARTEN',"
    " 'ORGANISATION_KIND_SPECIAL_EDUCATION_UNIT')";

// Open schools, once per stage. Whoever reported a school owed it, even if another place runs it today.
std::string Expected() {
  return absl::StrCat(
      "reported AS (SELECT f.organisation_id, f.stage, n.jurisdiction_id FROM newest n"
      " JOIN {visible:school_year_facts f} ON f.submission_id = n.id)"
      ", expected AS (SELECT DISTINCT ON (o.id, taught.stage) o.id, o.name, taught.stage,"
      " coalesce(r.jurisdiction_id, o.jurisdiction_id) AS jurisdiction_id,"
      " r.jurisdiction_id IS NULL AS missing"
      " FROM {visible:organisation o} CROSS JOIN unnest(o.stages) AS taught (stage)"
      " LEFT JOIN reported r ON r.organisation_id = o.id AND r.stage = taught.stage"
      " WHERE o.scope && ARRAY[$1::uuid] AND ",
      kOpen, " ORDER BY o.id, taught.stage, r.jurisdiction_id <> o.jurisdiction_id)");
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
          "coalesce(due.records, 0)"
          " FROM {visible:jurisdiction j} LEFT JOIN newest n ON n.jurisdiction_id = j.id"
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
      absl::StrCat("SELECT o.jurisdiction_id, o.id, o.name, '' FROM {visible:organisation o}"
                   " WHERE o.scope && ARRAY[$1::uuid] AND o.stages = '{}' AND ",
                   kWholeSchool, " AND $2::uuid IS NOT NULL AND ", kOpen, " ORDER BY o.name, o.id")};
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
      absl::StrCat(
          "WITH ", kNewest,
          // Schools of a place that was replaced are registered with what replaced it: nobody can count them.
          " SELECT n.jurisdiction_id, f.id, f.registry_complete, CASE WHEN j.replaced_by IS NULL THEN"
          " (SELECT count(*) FROM organisation o"
          " WHERE o.jurisdiction_id = n.jurisdiction_id AND o.delete_time IS NULL AND ",
          kWholeSchool, " AND ", kOpen, ") END",
          MeasureColumns(v1::JurisdictionYearFacts::default_instance()),
          " FROM newest n JOIN {visible:jurisdiction j} ON j.id = n.jurisdiction_id"
          " JOIN {visible:jurisdiction_year_facts f} ON f.submission_id = n.id")};
  return query;
}

// The last days of a school year for its facts; empty: none set.
struct Due {
  std::string submission;
  std::string city_check;
};

// Collects counts for every jurisdiction and findings up to the limit.
class Report {
 public:
  Report(const v1::GetDataQualityRequest& request, v1::GetDataQualityResponse* response)
      : limit_(request.max_findings() == 0 ? kFindingsDefault : request.max_findings()),
        response_(response) {}

  void AddJurisdictions(const Result& rows, const Due& due, const std::string& today) {
    for (int i = 0; i < rows.rows(); ++i) {
      v1::JurisdictionDataQuality& entry = *response_->add_jurisdictions();
      entry.set_jurisdiction_id(rows.Text(i, 0));
      entry.set_jurisdiction_name(rows.Text(i, 1));
      if (!rows.IsNull(i, 2)) {
        entry.set_submission_id(rows.Text(i, 2));
        entry.set_restatement(static_cast<int>(rows.Integer(i, 3)));
        v1::FactSubmissionState state = v1::FACT_SUBMISSION_STATE_UNSPECIFIED;
        v1::FactSubmissionState_Parse(rows.Text(i, 4), &state);
        entry.set_state(state);
        if (!rows.IsNull(i, 5)) entry.set_submitted_on(rows.Text(i, 5));
        if (!rows.IsNull(i, 6)) entry.set_city_checked_on(rows.Text(i, 6));
      }
      const bool waiting = entry.state() <= v1::FACT_SUBMISSION_STATE_DRAFT;
      entry.set_late(!due.submission.empty() && (waiting ? today : entry.submitted_on()) > due.submission);
      // The city can only check what it has got.
      const bool unchecked = entry.state() == v1::FACT_SUBMISSION_STATE_SUBMITTED;
      entry.set_city_check_late(!due.city_check.empty() && !waiting &&
                                (unchecked ? today : entry.city_checked_on()) > due.city_check);
      entry.set_expected_record_count(rows.Integer(i, 7));
      index_[entry.jurisdiction_id()] = i;
      if (entry.late()) Add(v1::FINDING_KIND_LATE, entry.jurisdiction_id())->set_field("submission_due_on");
      if (entry.city_check_late())
        Add(v1::FINDING_KIND_LATE, entry.jurisdiction_id())->set_field("city_check_due_on");
    }
  }

  void AddSchoolsWithoutStage(const Result& rows) {
    for (int i = 0; i < rows.rows(); ++i) {
      v1::JurisdictionDataQuality* entry = Find(rows.Text(i, 0));
      if (entry == nullptr) continue;
      entry->set_school_without_stage_count(entry->school_without_stage_count() + 1);
      v1::DataQualityFinding* finding = Add(v1::FINDING_KIND_MISSING, rows.Text(i, 0));
      SetSchool(rows, i, finding);
      finding->set_field("stages");
    }
  }

  void AddMissing(const Result& rows) {
    for (int i = 0; i < rows.rows(); ++i) {
      v1::JurisdictionDataQuality* entry = Find(rows.Text(i, 0));
      if (entry == nullptr) continue;
      entry->set_missing_record_count(entry->missing_record_count() + 1);
      SetSchool(rows, i, Add(v1::FINDING_KIND_MISSING, rows.Text(i, 0)));
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
      if (!rows.IsNull(i, 3)) context.registered_schools = rows.Integer(i, 3);
      AddFindings(entry, MissingFields(facts), Examine(facts, context), place);
    }
    for (const v1::JurisdictionDataQuality& entry : response_->jurisdictions()) {
      if (!entry.has_jurisdiction_facts()) Add(v1::FINDING_KIND_MISSING, entry.jurisdiction_id());
    }
  }

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
  // A finding of the response, or one that is only counted.
  v1::DataQualityFinding* Add(v1::FindingKind kind, const std::string& jurisdiction_id) {
    v1::DataQualityFinding* finding = &left_out_;
    if (response_->findings_size() < limit_) {
      finding = response_->add_findings();
    } else {
      response_->set_findings_left_out(response_->findings_left_out() + 1);
    }
    finding->set_kind(kind);
    finding->set_jurisdiction_id(jurisdiction_id);
    return finding;
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
      v1::DataQualityFinding* finding = Add(v1::FINDING_KIND_MISSING, entry->jurisdiction_id());
      place(finding);
      finding->set_field(field);
    }
    for (const Finding& found : implausible) {
      v1::DataQualityFinding* finding = Add(v1::FINDING_KIND_IMPLAUSIBLE, entry->jurisdiction_id());
      place(finding);
      finding->set_field(found.field);
      finding->set_rule(found.rule);
    }
  }

  const int limit_;
  v1::GetDataQualityResponse* response_;
  std::unordered_map<std::string, int> index_;
  v1::DataQualityFinding left_out_;
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
  return response;
}

}  // namespace lianqiao::registry
