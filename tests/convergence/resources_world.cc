// SPDX-License-Identifier: Apache-2.0
// resource-sharing: a draft and a published item of every school, open as far as their turn says, with their
// editions; bells and a teacher of every school, and lessons of every alliance with receivers.
#include "lianqiao/registry/v1/organisation.pb.h"
#include "libs/base/clock.h"
#include "tests/convergence/maker.h"
#include "tests/convergence/resources_records.h"

namespace lianqiao::convergence {

namespace {

class ResourcesMaker final : public Maker {
 public:
  using Maker::Maker;

  void Item(size_t school, bool published) {
    static constexpr resources::v1::ResourceAudience kAudiences[] = {
        resources::v1::RESOURCE_AUDIENCE_ALLIANCE, resources::v1::RESOURCE_AUDIENCE_COUNTY,
        resources::v1::RESOURCE_AUDIENCE_CITY};
    const bool allied = school < 3 * world_.alliance_ids.size();
    const std::string author = absl::StrCat("world-i", school, published ? "-o-p" : "-d-p");
    resources::v1::CreateResourceItemRequest request;
    auto& item = *request.mutable_resource_item();
    FillItem("条目", world_.school_ids[school], allied ? world_.alliance_ids[school / 3] : "",
             kAudiences[allied ? school % 3 : 1], &item);
    item.set_author_id(author);
    if (published) {
      item.set_state(resources::v1::RESOURCE_STATE_PUBLISHED);
      item.set_published_on(base::BusinessDate(now()));
    }
    const auto made =
        Keep<resources::v1::ResourceItem>("resource_item", "ResourceItemService/CreateResourceItem", request);
    world_.persons[{"resource_item", made.id()}] = author;
    if (!published) Edition(made.id());
  }

  void Timetable(size_t school) {
    resources::v1::CreateBellScheduleRequest bells;
    bells.mutable_bell_schedule()->set_school_id(world_.school_ids[school]);
    Keep<resources::v1::BellSchedule>("bell_schedule", "BellScheduleService/CreateBellSchedule", bells);
    const std::string person = absl::StrCat("world-t", school, "-p");
    resources::v1::CreateLessonTeacherRequest teacher;
    teacher.mutable_lesson_teacher()->set_school_id(world_.school_ids[school]);
    teacher.mutable_lesson_teacher()->set_teacher_id(person);
    const auto made = Keep<resources::v1::LessonTeacher>("lesson_teacher",
                                                         "LessonTeacherService/CreateLessonTeacher", teacher);
    world_.persons[{"lesson_teacher", made.id()}] = person;
  }

  // Sent by the first school of the alliance to the others.
  void Lesson(size_t alliance) {
    resources::v1::CreateOnlineLessonRequest request;
    FillLesson("课", world_.alliance_ids[alliance], Bells(alliance * 3),
               world_.records["lesson_teacher"][alliance * 3].first, base::BusinessDate(now()), 8,
               request.mutable_online_lesson());
    const auto lesson =
        Keep<resources::v1::OnlineLesson>("online_lesson", "OnlineLessonService/CreateOnlineLesson", request);
    for (size_t i = alliance * 3 + 1; i < alliance * 3 + 3; ++i) {
      resources::v1::CreateLessonReceptionRequest receive;
      FillReception(lesson.id(), Bells(i), receive.mutable_lesson_reception());
      Keep<resources::v1::LessonReception>("lesson_reception", "LessonReceptionService/CreateLessonReception",
                                           receive);
    }
  }

  // An item that is being reviewed, and its first verdict.
  void Review() {
    const std::string id = world_.records["resource_item"][0].first;
    type::v1::TransitionRequest submit;
    submit.set_id(id);
    Make<resources::v1::ResourceItem>("ResourceItemService/SubmitResourceItem", submit);
    resources::v1::UpdateResourceItemRequest ask;
    ask.mutable_resource_item()->set_id(id);
    ask.mutable_resource_item()->set_reviewing_organisation_id(world_.office_id);
    const auto item = Make<resources::v1::ResourceItem>("ResourceItemService/UpdateResourceItem", ask);
    world_.records["resource_item"][0].second = item.SerializeAsString();
    resources::v1::CreateResourceReviewRequest request;
    auto& review = *request.mutable_resource_review();
    review.set_resource_item_id(id);
    review.set_reviewer_organisation_id(world_.office_id);
    review.set_reviewer_id("world-r-p");
    review.set_verdict(resources::v1::REVIEW_VERDICT_PASSED);
    review.set_reviewed_on(base::BusinessDate(now()));
    const auto made = Keep<resources::v1::ResourceReview>(
        "resource_review", "ResourceReviewService/CreateResourceReview", request);
    world_.persons[{"resource_review", made.id()}] = review.reviewer_id();
  }

 private:
  resources::v1::BellSchedule Bells(size_t school) {
    resources::v1::BellSchedule bells;
    bells.ParseFromString(world_.records["bell_schedule"][school].second);
    return bells;
  }
  void Edition(const std::string& item_id) {
    resources::v1::CreateResourceVersionRequest request;
    request.mutable_resource_version()->set_resource_item_id(item_id);
    request.mutable_resource_version()->set_note("初版");
    Keep<resources::v1::ResourceVersion>("resource_version", "ResourceVersionService/CreateResourceVersion",
                                         request);
  }
};

}  // namespace

// Who reviews for the city.
void PrepareResources(Installation* registry, World* world) {
  registry::v1::CreateOrganisationRequest request;
  request.mutable_organisation()->set_name("教研室");
  request.mutable_organisation()->set_kind(registry::v1::ORGANISATION_KIND_AFFILIATED_BODY);
  request.mutable_organisation()->set_jurisdiction_id(world->city_id);
  world->office_id = Maker(registry, world)
                         .Make<registry::v1::Organisation>("OrganisationService/CreateOrganisation", request)
                         .id();
}

void FillResources(Installation* installation, World* world) {
  ResourcesMaker maker(installation, world);
  for (size_t i = 0; i < world->school_ids.size(); ++i) {
    for (const bool published : {false, true}) maker.Item(i, published);
    maker.Timetable(i);
  }
  for (size_t i = 0; i < world->alliance_ids.size(); ++i) maker.Lesson(i);
  maker.Review();
}

}  // namespace lianqiao::convergence
