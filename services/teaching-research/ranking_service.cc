// SPDX-License-Identifier: Apache-2.0
#include "services/teaching-research/ranking_service.h"

#include <algorithm>

#include "libs/base/ids.h"
#include "services/teaching-research/ranking_rules.h"

namespace lianqiao::research {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;

namespace {

constexpr int kDefaultPage = 100;
constexpr int kLargestPage = 1000;

// A named record that the caller may not read is no pair; without a name, the latest earlier term is.
constexpr char kMoves[] =
    "SELECT a.unit_kind, a.unit_id, a.ranking_scope, a.measure, a.subject, a.stage, a.grade,"
    " b.id, b.term, b.rank, b.field_size, a.id, a.term, a.rank, a.field_size,"
    " a.compared_with_id IS NOT NULL, a.compulsory"
    " FROM {visible:ranking_record a} CROSS JOIN LATERAL (SELECT c.* FROM"
    " (SELECT e.id, e.term, e.rank, e.field_size FROM {visible:ranking_record e}"
    " WHERE e.id = a.compared_with_id"
    " UNION ALL SELECT f.id, f.term, f.rank, f.field_size FROM {visible:ranking_record f}"
    " WHERE a.compared_with_id IS NULL AND f.unit_id = a.unit_id AND f.ranking_scope = a.ranking_scope"
    " AND f.measure = a.measure AND f.subject = a.subject AND f.stage = a.stage AND f.grade = a.grade"
    " AND f.term COLLATE \"C\" < a.term COLLATE \"C\") c"
    " ORDER BY c.term COLLATE \"C\" DESC LIMIT 1) b"
    " WHERE a.id > $1::uuid AND ($2 = '' OR a.unit_id = nullif($2, '')::uuid)"
    " AND ($3 = '' OR a.scope && ARRAY[nullif($3, '')::uuid])"
    " AND ($4 = '' OR a.term = $4) AND ($5 = '' OR a.measure = $5) AND ($6 = '' OR a.subject = $6)"
    " AND ($7 = '' OR a.grade = $7) ORDER BY a.id LIMIT $8::int";

v1::RankMove MoveOf(const Result& rows, int row) {
  v1::RankMove move;
  v1::UnitKind unit_kind = v1::UNIT_KIND_UNSPECIFIED;
  v1::UnitKind_Parse(rows.Text(row, 0), &unit_kind);
  v1::RankMeasure measure = v1::RANK_MEASURE_UNSPECIFIED;
  v1::RankMeasure_Parse(rows.Text(row, 3), &measure);
  type::v1::Subject subject = type::v1::SUBJECT_UNSPECIFIED;
  type::v1::Subject_Parse(rows.Text(row, 4), &subject);
  type::v1::Stage stage = type::v1::STAGE_UNSPECIFIED;
  type::v1::Stage_Parse(rows.Text(row, 5), &stage);
  type::v1::Grade grade = type::v1::GRADE_UNSPECIFIED;
  type::v1::Grade_Parse(rows.Text(row, 6), &grade);
  move.set_unit_kind(unit_kind);
  move.set_unit_id(rows.Text(row, 1));
  move.set_ranking_scope(rows.Text(row, 2));
  move.set_measure(measure);
  move.set_subject(subject);
  move.set_stage(stage);
  move.set_grade(grade);
  move.set_before_record_id(rows.Text(row, 7));
  move.set_before_term(rows.Text(row, 8));
  move.set_before_rank(static_cast<int>(rows.Integer(row, 9)));
  move.set_before_field_size(static_cast<int>(rows.Integer(row, 10)));
  move.set_after_record_id(rows.Text(row, 11));
  move.set_after_term(rows.Text(row, 12));
  move.set_after_rank(static_cast<int>(rows.Integer(row, 13)));
  move.set_after_field_size(static_cast<int>(rows.Integer(row, 14)));
  move.set_places_gained(move.before_rank() - move.after_rank());
  move.set_named(rows.Boolean(row, 15));
  move.set_compulsory(rows.Boolean(row, 16));
  return move;
}

std::string NameOrNone(int value, const std::string& name) {
  return value == 0 ? "" : name;
}

absl::StatusOr<v1::GetRankMovesResponse> GetRankMoves(Reading& reading,
                                                      const v1::GetRankMovesRequest& request) {
  static const NamedQuery query{"rank_moves", kMoves};
  static const std::string kFirst = "00000000-0000-0000-0000-000000000000";
  if (!request.page_token().empty() && !base::IsId(request.page_token()))
    return base::FailIfAny({base::RefuseRule("pageToken", "不是上一页给出的令牌", "is no token of a page")});
  const int size = request.page_size() == 0 ? kDefaultPage : std::min<int>(request.page_size(), kLargestPage);
  ASSIGN_OR_RETURN(
      const Result rows,
      reading.Query(query, Parameters()
                               .Text(request.page_token().empty() ? kFirst : request.page_token())
                               .Text(request.unit_id())
                               .Text(request.jurisdiction_id())
                               .Text(request.term())
                               .Text(NameOrNone(request.measure(), v1::RankMeasure_Name(request.measure())))
                               .Text(NameOrNone(request.subject(), type::v1::Subject_Name(request.subject())))
                               .Text(NameOrNone(request.grade(), type::v1::Grade_Name(request.grade())))
                               .Integer(size + 1)));
  v1::GetRankMovesResponse response;
  for (int i = 0; i < rows.rows() && i < size; ++i) *response.add_moves() = MoveOf(rows, i);
  if (rows.rows() > size) response.set_next_page_token(response.moves(size - 1).after_record_id());
  return response;
}

}  // namespace

void AddRankings(resource::Service& service) {
  resource::Resource<v1::RankingRecord>(service)
      .facts(RankedUnitFacts())
      .facts(EarlierRankFacts())
      .derives(DeriveCompulsory)
      .rules(CheckRankingRecord)
      .on("GetRankMoves", GetRankMoves);
}

}  // namespace lianqiao::research
