// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/search_service.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lianqiao/resources/v1/resource_search.pb.h"

namespace lianqiao::resources {

using postgres::Parameters;
using postgres::Result;
using resource::NamedQuery;
using resource::Reading;

namespace {

constexpr int kMatchesMax = 1000;
constexpr int kHitsDefault = 20;
constexpr int kSuggestionsDefault = 10;

// Items that match, the newest of those with every word in the title first, then the newest of the others.
// $1: the words; $2 to $6: the filters. Both halves take one more than can be counted. Not prepared: whether
// the words are rare or common decides between the index of words and that of dates.
std::string Found() {
  const auto half = [](const char* titled, const char* vector, const std::string& only_if) {
    return absl::StrCat(
        "SELECT i.id, i.title, i.summary, i.keywords, i.kind, i.level, i.stages, i.subjects, i.state,"
        " i.published_on, ",
        titled,
        " AS titled FROM {visible:resource_item i}"
        " WHERE i.state IN ('RESOURCE_STATE_PUBLISHED', 'RESOURCE_STATE_FEATURED')"
        " AND ($1 = '' OR i.search_vector @@ resource_search_query($1, ",
        vector,
        "))"
        " AND (cardinality($2::text[]) = 0 OR i.kind = ANY($2::text[]))"
        " AND (cardinality($3::text[]) = 0 OR i.stages && $3::text[])"
        " AND (cardinality($4::text[]) = 0 OR i.subjects && $4::text[])"
        " AND (cardinality($5::text[]) = 0 OR i.level = ANY($5::text[]))"
        " AND (NOT $6::boolean OR i.state = 'RESOURCE_STATE_FEATURED')",
        only_if, " ORDER BY i.published_on DESC NULLS LAST, i.id DESC LIMIT ", kMatchesMax + 1);
  };
  // If titles alone are more than enough, nobody looks for the others.
  return absl::StrCat(
      "WITH titled AS MATERIALIZED (", half("true", "'t/'", ""), "), others AS MATERIALIZED (",
      half("false", "''", absl::StrCat(" AND (SELECT count(*) FROM titled) <= ", kMatchesMax)),
      "), found AS MATERIALIZED (SELECT * FROM titled UNION ALL SELECT * FROM others o"
      " WHERE NOT EXISTS (SELECT FROM titled t WHERE t.id = o.id) LIMIT ",
      kMatchesMax + 1, ")");
}

// The hits in order, then what was found of each value. How well an item fits: the words as they stand in the
// title, in a keyword, in the summary; then what the authorities think of it.
const NamedQuery& SearchQuery() {
  static const NamedQuery query{
      "search_resources",
      absl::StrCat(
          Found(),
          ", asked AS (SELECT lower(normalize($1, NFKC)) AS words), counted AS (SELECT * FROM found LIMIT ",
          kMatchesMax,
          "), scored AS (SELECT f.id, f.published_on, CASE WHEN a.words = '' THEN 0 ELSE"
          " 10 * (lower(f.title) = a.words)::integer + 5 * (position(a.words IN lower(f.title)) > 0)::integer"
          " + 4 * EXISTS (SELECT FROM unnest(f.keywords) k WHERE lower(k) = a.words)::integer"
          " + 2 * EXISTS (SELECT FROM unnest(f.keywords) k WHERE position(a.words IN lower(k)) > 0)::integer"
          " + 2 * f.titled::integer + (position(a.words IN lower(f.summary)) > 0)::integer END"
          " + 0.5 * (f.state = 'RESOURCE_STATE_FEATURED')::integer"
          " + CASE f.level WHEN 'RESOURCE_LEVEL_PROVINCE' THEN 0.3 WHEN 'RESOURCE_LEVEL_CITY' THEN 0.2"
          " WHEN 'RESOURCE_LEVEL_COUNTY' THEN 0.1 ELSE 0 END AS score FROM counted f, asked a),"
          " hits AS (SELECT id, score, published_on FROM scored"
          " ORDER BY score DESC, published_on DESC NULLS LAST, id DESC LIMIT $7::integer)"
          " SELECT 'hit' AS field, id::text AS value, score, 0 AS number,"
          " row_number() OVER (ORDER BY score DESC, published_on DESC NULLS LAST, id DESC) AS place FROM hits"
          " UNION ALL SELECT 'all', '', 0, count(*), 0 FROM found"
          " UNION ALL SELECT 'kind', kind, 0, count(*), -count(*) FROM counted GROUP BY kind"
          " UNION ALL SELECT 'level', level, 0, count(*), -count(*) FROM counted GROUP BY level"
          " UNION ALL SELECT 'stage', s, 0, count(*), -count(*) FROM counted, unnest(stages) s GROUP BY s"
          " UNION ALL SELECT 'subject', s, 0, count(*), -count(*) FROM counted, unnest(subjects) s GROUP BY s"
          " ORDER BY field, place, value"),
      false};
  return query;
}

const NamedQuery& SuggestionsQuery() {
  static const NamedQuery query{
      "search_suggestions",
      "WITH asked AS (SELECT lower(normalize($1, NFKC)) AS words), found AS MATERIALIZED ("
      "SELECT i.title, i.keywords FROM {visible:resource_item i}"
      " WHERE i.state IN ('RESOURCE_STATE_PUBLISHED', 'RESOURCE_STATE_FEATURED')"
      " AND i.search_vector @@ resource_search_query($1, '')"
      " ORDER BY i.published_on DESC NULLS LAST, i.id DESC LIMIT 500)"
      " SELECT text FROM (SELECT k AS text, 1 AS rank, count(*) AS number FROM found, unnest(keywords) k,"
      " asked a WHERE starts_with(lower(k), a.words) GROUP BY k"
      " UNION ALL SELECT title, 2, count(*) FROM found, asked a WHERE position(a.words IN lower(title)) > 0"
      " GROUP BY title) s GROUP BY text"
      " ORDER BY min(rank), max(number) DESC, text COLLATE \"C\" LIMIT $2::integer",
      false};
  return query;
}

template <typename Values, typename Name>
std::vector<std::string> Names(const Values& values, Name name) {
  std::vector<std::string> names;
  for (const int value : values) names.push_back(name(value));
  return names;
}

Parameters Asked(const v1::SearchResourcesRequest& request) {
  Parameters p;
  p.Text(request.query());
  p.TextArray(Names(request.kinds(), [](int value) { return v1::ResourceKind_Name(value); }));
  p.TextArray(Names(request.stages(), [](int value) { return type::v1::Stage_Name(value); }));
  p.TextArray(Names(request.subjects(), [](int value) { return type::v1::Subject_Name(value); }));
  p.TextArray(Names(request.levels(), [](int value) { return v1::ResourceLevel_Name(value); }));
  p.Text(request.featured_only() ? "t" : "f");
  return p;
}

void AddCount(const Result& rows, int row, v1::SearchResourcesResponse* response) {
  const int64_t count = rows.Integer(row, 3);
  if (rows.Text(row, 0) == "all") {
    response->set_match_count(static_cast<int32_t>(std::min<int64_t>(count, kMatchesMax)));
    response->set_more_matches(count > kMatchesMax);
    return;
  }
  v1::ResourceFacet* facet = response->add_facets();
  facet->set_field(rows.Text(row, 0));
  facet->set_value(rows.Text(row, 1));
  facet->set_item_count(static_cast<int32_t>(count));
}

absl::StatusOr<v1::SearchResourcesResponse> SearchResources(Reading& reading,
                                                            const v1::SearchResourcesRequest& request) {
  const int size = request.page_size() == 0 ? kHitsDefault : request.page_size();
  ASSIGN_OR_RETURN(const Result rows, reading.Query(SearchQuery(), Asked(request).Integer(size)));
  v1::SearchResourcesResponse response;
  std::vector<std::string> ids;
  std::vector<double> scores;
  for (int i = 0; i < rows.rows(); ++i) {
    if (rows.Text(i, 0) != "hit") {
      AddCount(rows, i, &response);
      continue;
    }
    ids.push_back(rows.Text(i, 1));
    scores.push_back(rows.Double(i, 2));
  }
  ASSIGN_OR_RETURN(const std::vector<v1::ResourceItem> items, reading.GetMany<v1::ResourceItem>(ids));
  // What went between the two reads is left out; the others keep their order.
  size_t next = 0;
  for (size_t i = 0; i < ids.size() && next < items.size(); ++i) {
    if (items[next].id() != ids[i]) continue;
    v1::ResourceSearchHit* hit = response.add_hits();
    *hit->mutable_resource_item() = items[next++];
    hit->set_score(scores[i]);
  }
  return response;
}

absl::StatusOr<v1::SuggestResourcesResponse> SuggestResources(Reading& reading,
                                                              const v1::SuggestResourcesRequest& request) {
  const int size = request.suggestion_max() == 0 ? kSuggestionsDefault : request.suggestion_max();
  ASSIGN_OR_RETURN(const Result rows,
                   reading.Query(SuggestionsQuery(), Parameters().Text(request.text()).Integer(size)));
  v1::SuggestResourcesResponse response;
  for (int i = 0; i < rows.rows(); ++i) response.add_suggestions(rows.Text(i, 0));
  return response;
}

}  // namespace

void AddSearch(resource::Service& service) {
  const std::string search = "lianqiao.resources.v1.ResourceSearchService";
  service.on(search, "SearchResources", SearchResources).on(search, "SuggestResources", SuggestResources);
}

}  // namespace lianqiao::resources
