// SPDX-License-Identifier: Apache-2.0
// Search over resource items: Chinese by pairs of letters, Latin words by their beginning, the title first.
#include "lianqiao/resources/v1/resource_search.pb.h"
#include "tests/conformance/resources_world.h"

namespace lianqiao::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Search : public ResourcesWorld {
 protected:
  std::string Add(const std::string& title, const std::string& summary = "",
                  const std::vector<std::string>& keywords = {},
                  resources::ResourceKind kind = resources::RESOURCE_KIND_TEACHING_DESIGN,
                  resources::ResourceState state = resources::RESOURCE_STATE_PUBLISHED) {
    resources::ResourceItem item =
        NewItem(near_school_, resources::RESOURCE_AUDIENCE_CITY, resources::RESOURCE_LEVEL_CITY, title);
    item.set_summary(summary);
    for (const std::string& keyword : keywords) item.add_keywords(keyword);
    item.set_kind(kind);
    item.set_state(state);
    item.set_published_on(base::BusinessDate(resources_.clock().Now()));
    const auto made = Make(item);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->id() : "";
  }
  resources::SearchResourcesResponse Ask(const resources::SearchResourcesRequest& request,
                                         const std::string& token = "far_school") {
    const auto found = resources_.Call<resources::SearchResourcesResponse>(
        "ResourceSearchService/SearchResources", request, token);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(resources::SearchResourcesResponse());
  }
  std::vector<std::string> Titles(const std::string& query) {
    resources::SearchResourcesRequest request;
    request.set_query(query);
    std::vector<std::string> titles;
    const auto found = Ask(request);
    for (const auto& hit : found.hits()) titles.push_back(hit.resource_item().title());
    return titles;
  }
  std::vector<std::string> Suggested(const std::string& text) {
    resources::SuggestResourcesRequest request;
    request.set_text(text);
    const auto answer = resources_.Call<resources::SuggestResourcesResponse>(
        "ResourceSearchService/SuggestResources", request, "far_school");
    EXPECT_TRUE(answer.ok()) << answer.status();
    return {answer->suggestions().begin(), answer->suggestions().end()};
  }
};

TEST_F(Search, WordsOfTwoLettersAreFoundWhereverTheyStand) {
  Add("初中数学《一次函数》导学案");
  Add("分数的意义");
  EXPECT_THAT(Titles("函数"), ElementsAre("初中数学《一次函数》导学案"));
  EXPECT_THAT(Titles("一次函数"), ElementsAre("初中数学《一次函数》导学案"));
  EXPECT_THAT(Titles("数"), UnorderedElementsAre("初中数学《一次函数》导学案", "分数的意义")) << "one letter";
  EXPECT_THAT(Titles("义"), ElementsAre("分数的意义")) << "the last one of a word too";
  EXPECT_THAT(Titles("导学 函数"), ElementsAre("初中数学《一次函数》导学案")) << "all words";
  EXPECT_THAT(Titles("导学 分数"), IsEmpty());
  EXPECT_THAT(Titles("案初"), IsEmpty());
  EXPECT_THAT(Titles("。,"), IsEmpty()) << "no word at all";
  EXPECT_THAT(Titles("'; DROP TABLE resource_item; --"), IsEmpty());
  EXPECT_THAT(Titles("\\' & !:*"), IsEmpty());
}

TEST_F(Search, LatinWordsAreFoundByTheirBeginningInAnyCaseAndWidth) {
  Add("Reading circles 阅读圈");
  EXPECT_THAT(Titles("READ"), ElementsAre("Reading circles 阅读圈"));
  EXPECT_THAT(Titles("ｒｅａｄｉｎｇ"), ElementsAre("Reading circles 阅读圈"));
  EXPECT_THAT(Titles("eading"), IsEmpty());
  EXPECT_THAT(Titles("阅读 circ"), ElementsAre("Reading circles 阅读圈"));
}

TEST_F(Search, TheTitleCountsMoreThanKeywordsAndTheseMoreThanTheSummary) {
  Add("校园活动", "以垃圾分类为主题");
  Add("综合实践", "", {"垃圾分类"});
  Add("垃圾分类主题班会");
  Add("垃圾分类");
  EXPECT_THAT(Titles("垃圾分类"), ElementsAre("垃圾分类", "垃圾分类主题班会", "综合实践", "校园活动"));
}

TEST_F(Search, OnlyWhatIsPublishedAndOpenIsFound) {
  Add("草稿里的诗", "", {}, resources::RESOURCE_KIND_CASE, resources::RESOURCE_STATE_DRAFT);
  Add("下架的诗", "", {}, resources::RESOURCE_KIND_CASE, resources::RESOURCE_STATE_RETIRED);
  const std::string own = Published(near_school_, resources::RESOURCE_AUDIENCE_OWN_SCHOOL,
                                    resources::RESOURCE_LEVEL_SCHOOL, "", "本校的诗")
                              .id();
  EXPECT_THAT(Titles("诗"), IsEmpty());
  resources::SearchResourcesRequest request;
  request.set_query("诗");
  const auto near = Ask(request, "near_school");
  ASSERT_EQ(near.hits_size(), 1);
  EXPECT_EQ(near.hits(0).resource_item().id(), own);
  resources_.AddCaller("no_right", access::testing::MakeCaller({}));
  EXPECT_TRUE(absl::IsPermissionDenied(resources_
                                           .Call<resources::SearchResourcesResponse>(
                                               "ResourceSearchService/SearchResources", request, "no_right")
                                           .status()));
}

TEST_F(Search, FiltersNarrowAndFacetsCount) {
  Add("古诗一", "", {}, resources::RESOURCE_KIND_COURSEWARE);
  Add("古诗二", "", {}, resources::RESOURCE_KIND_COURSEWARE);
  Add("古诗三", "", {}, resources::RESOURCE_KIND_CASE);
  resources::SearchResourcesRequest request;
  request.set_query("古诗");
  const auto all = Ask(request);
  EXPECT_EQ(all.match_count(), 3);
  EXPECT_FALSE(all.more_matches());
  std::map<std::string, int> counts;
  for (const auto& facet : all.facets()) counts[facet.field() + "=" + facet.value()] = facet.item_count();
  EXPECT_THAT(counts,
              UnorderedElementsAre(Pair("kind=RESOURCE_KIND_COURSEWARE", 2),
                                   Pair("kind=RESOURCE_KIND_CASE", 1), Pair("level=RESOURCE_LEVEL_CITY", 3),
                                   Pair("stage=STAGE_PRIMARY", 3), Pair("subject=SUBJECT_MATHEMATICS", 3)));
  request.add_kinds(resources::RESOURCE_KIND_CASE);
  EXPECT_EQ(Ask(request).match_count(), 1);
  request.add_kinds(resources::RESOURCE_KIND_COURSEWARE);
  EXPECT_EQ(Ask(request).match_count(), 3) << "values of one kind are alternatives";
  request.add_stages(type::v1::STAGE_SENIOR);
  EXPECT_EQ(Ask(request).match_count(), 0);
  request.clear_stages();
  request.add_levels(resources::RESOURCE_LEVEL_CITY);
  request.add_subjects(type::v1::SUBJECT_MATHEMATICS);
  request.set_page_size(2);
  EXPECT_EQ(Ask(request).hits_size(), 2);
  EXPECT_EQ(Ask(request).match_count(), 3);
  request.set_featured_only(true);
  EXPECT_EQ(Ask(request).match_count(), 0);
}

TEST_F(Search, AChangedItemIsFoundByItsNewWords) {
  const std::string id = Add("古诗鉴赏", "唐诗");
  EXPECT_THAT(Titles("唐诗"), ElementsAre("古诗鉴赏"));
  resources::ResourceItem changed;
  changed.set_id(id);
  changed.set_summary("宋词");
  ASSERT_TRUE(Edit(changed, {"summary"}, "near_school").ok());
  EXPECT_THAT(Titles("唐诗"), IsEmpty());
  EXPECT_THAT(Titles("宋词"), ElementsAre("古诗鉴赏"));
}

TEST_F(Search, AnEmptyQueryShowsTheNewest) {
  Add("甲");
  Add("乙");
  EXPECT_THAT(Titles(""), UnorderedElementsAre("甲", "乙"));
}

TEST_F(Search, WhatHasNoDayOfPublicationComesLast) {
  const std::string old = Add("甲");
  Add("乙");
  const auto cleared =
      resources_.Query("UPDATE resource_item SET published_on = NULL WHERE id = '" + old + "'");
  ASSERT_TRUE(cleared.ok()) << cleared.status();
  EXPECT_THAT(Titles(""), ElementsAre("乙", "甲"));
}

TEST_F(Search, WhatIsTypedGoesOnAsKeywordsAndTitlesDo) {
  Add("分数乘法", "", {"分数", "分类讨论"});
  Add("认识分数", "", {"分数"});
  EXPECT_THAT(Suggested("分"), ElementsAre("分数", "分类讨论", "分数乘法", "认识分数"));
  EXPECT_THAT(Suggested("分数乘"), ElementsAre("分数乘法"));
  EXPECT_THAT(Suggested("积分"), IsEmpty());
}

}  // namespace
}  // namespace lianqiao::conformance
