// SPDX-License-Identifier: Apache-2.0
// The writes to resource-sharing that a writer chooses from. Many are refused: items are reviewed, published
// or retired, hours are taken, schools have left their alliances.
#include "libs/base/clock.h"
#include "tests/convergence/resources_records.h"
#include "tests/convergence/writer.h"

namespace lianqiao::convergence {

namespace {

class ResourcesWriter final : public Writer {
 public:
  using Writer::Writer;
  ~ResourcesWriter() override { Join(); }

 private:
  Write Choose() override;
  Write ChooseItem(int draw);
  Write ChooseLesson(int draw);
  Write NewItem();
  Write ChangeItem();
  Write OpenItem();
  Write UpsertItems();
  Write NewEdition();
  Write AskForReview();
  Write Review();
  Write NewTeacher();
  Write MoveTeacher();
  Write Plan();
  Write MoveLesson();
  Write InviteReceivers();
  Write Receive();
  Write ChangeReception();

  // As they may be opened: by what the level of FillItem reaches.
  resources::v1::ResourceAudience AnyAudience() {
    static constexpr resources::v1::ResourceAudience kAudiences[] = {
        resources::v1::RESOURCE_AUDIENCE_OWN_SCHOOL, resources::v1::RESOURCE_AUDIENCE_ALLIANCE,
        resources::v1::RESOURCE_AUDIENCE_ALLIANCE, resources::v1::RESOURCE_AUDIENCE_COUNTY,
        resources::v1::RESOURCE_AUDIENCE_CITY};
    return kAudiences[Random(5)];
  }
  void Publish(resources::v1::ResourceItem* item) {
    item->set_state(resources::v1::RESOURCE_STATE_PUBLISHED);
    item->set_published_on(Day(0));
  }
  std::string Day(int days) {
    return base::BusinessDate(installation_->clock().Now() + days * absl::Hours(24));
  }
  // Of a school of the alliance.
  resources::v1::BellSchedule AnyBells(const std::string& alliance_id) {
    const std::string& id = world_.records.at("bell_schedule")[AnyMember(alliance_id)].first;
    return Last<resources::v1::BellSchedule>("bell_schedule", id);
  }
};

Writer::Write ResourcesWriter::Choose() {
  if (options_.keyless && Chance(60)) return Chance(50) ? NewItem() : NewTeacher();
  return Chance(60) ? ChooseItem(Random(100)) : ChooseLesson(Random(100));
}

Writer::Write ResourcesWriter::ChooseItem(int draw) {
  static const std::vector<std::pair<resources::v1::ResourceState, const char*>> kSteps = {
      {resources::v1::RESOURCE_STATE_DRAFT, "Submit"},
      {resources::v1::RESOURCE_STATE_DRAFT, "Delete"},
      {resources::v1::RESOURCE_STATE_SUBMITTED, "Withdraw"},
      {resources::v1::RESOURCE_STATE_SUBMITTED, "Accept"},
      {resources::v1::RESOURCE_STATE_SUBMITTED, "Return"},
      {resources::v1::RESOURCE_STATE_REVIEWED, "Publish"},
      {resources::v1::RESOURCE_STATE_PUBLISHED, "Retire"},
      {resources::v1::RESOURCE_STATE_PUBLISHED, "Reopen"},
      {resources::v1::RESOURCE_STATE_PUBLISHED, "Feature"},
      {resources::v1::RESOURCE_STATE_FEATURED, "Unfeature"},
      {resources::v1::RESOURCE_STATE_FEATURED, "Retire"},
      {resources::v1::RESOURCE_STATE_RETIRED, "Reopen"}};
  if (draw < 18) return NewItem();
  if (draw < 27) return ChangeItem();
  if (draw < 47) return OpenItem();
  if (draw < 57) return UpsertItems();
  if (draw < 63) return NewEdition();
  if (draw < 69) return AskForReview();
  if (draw < 75) return Review();
  if (draw < 79) return Step<resources::v1::ResourceItem>("Erase", AnyOf("resource_item"));
  if (draw < 81) return Step<resources::v1::ResourceReview>("Erase", AnyOf("resource_review"));
  return NextStep<resources::v1::ResourceItem>(kSteps, "resource_item");
}

Writer::Write ResourcesWriter::ChooseLesson(int draw) {
  static const char* const kSteps[] = {"Hold", "Miss", "Cancel", "Delete", "Undelete"};
  static const std::vector<std::pair<resources::v1::LessonReceptionState, const char*>> kReceptionSteps = {
      {resources::v1::LESSON_RECEPTION_STATE_PROPOSED, "Confirm"},
      {resources::v1::LESSON_RECEPTION_STATE_PROPOSED, "Decline"},
      {resources::v1::LESSON_RECEPTION_STATE_CONFIRMED, "Confirm"},
      {resources::v1::LESSON_RECEPTION_STATE_CONFIRMED, "Decline"},
      {resources::v1::LESSON_RECEPTION_STATE_DECLINED, "Confirm"},
      {resources::v1::LESSON_RECEPTION_STATE_DECLINED, "Delete"}};
  if (draw < 10) return NewTeacher();
  if (draw < 22) return MoveTeacher();
  if (draw < 27) return Step<resources::v1::LessonTeacher>("Erase", AnyOf("lesson_teacher"));
  if (draw < 45) return Plan();
  if (draw < 55) return MoveLesson();
  if (draw < 62) return AnyStep<resources::v1::OnlineLesson>(kSteps, "online_lesson");
  if (draw < 67) return InviteReceivers();
  if (draw < 82) return Receive();
  if (draw < 89) return ChangeReception();
  return NextStep<resources::v1::LessonReception>(kReceptionSteps, "lesson_reception");
}

Writer::Write ResourcesWriter::NewItem() {
  auto [request, response] = Pair<resources::v1::CreateResourceItemRequest, resources::v1::ResourceItem>();
  const std::string mark = Mark();
  const auto audience = AnyAudience();
  const bool allied = audience == resources::v1::RESOURCE_AUDIENCE_ALLIANCE;
  const std::string alliance = allied ? targets_.alliances.Any(&random_) : "";
  FillItem(mark, allied ? world_.school_ids[AnyMember(alliance)] : targets_.schools.Any(&random_), alliance,
           audience, request->mutable_resource_item());
  if (options_.county_id.empty() && Chance(70)) Publish(request->mutable_resource_item());
  return {"ResourceItemService/CreateResourceItem", std::move(request), std::move(response), mark, true};
}

Writer::Write ResourcesWriter::ChangeItem() {
  auto [request, response] = Pair<resources::v1::UpdateResourceItemRequest, resources::v1::ResourceItem>();
  const std::string mark = PersonMark();
  const std::string id = AnyOf("resource_item");
  request->mutable_resource_item()->set_id(id);
  request->mutable_resource_item()->set_author_id(mark);
  if (Chance(20) && !last_etag_.empty()) request->mutable_resource_item()->set_etag(last_etag_);
  return {"ResourceItemService/UpdateResourceItem", std::move(request), std::move(response), mark, false, id};
}

// Wider or narrower than before, also while it is published.
Writer::Write ResourcesWriter::OpenItem() {
  auto [request, response] = Pair<resources::v1::UpdateResourceItemRequest, resources::v1::ResourceItem>();
  auto& item = *request->mutable_resource_item();
  item.set_id(AnyOf("resource_item"));
  item.set_audience(AnyAudience());
  if (item.audience() == resources::v1::RESOURCE_AUDIENCE_ALLIANCE && Chance(70))
    item.set_alliance_id(targets_.alliances.Any(&random_));
  return {"ResourceItemService/UpdateResourceItem", std::move(request), std::move(response), "", false};
}

// As a source system brings them: published, retired or not yet.
Writer::Write ResourcesWriter::UpsertItems() {
  auto [request, response] =
      Pair<resources::v1::BatchUpsertResourceItemsRequest, resources::v1::BatchUpsertResourceItemsResponse>();
  request->set_source_system("source");
  request->set_atomic(Chance(50));
  const int first = Random(12);
  for (int i = 0; i < 2 + Random(4); ++i) {
    auto& item = *request->add_resource_items();
    const size_t school = static_cast<size_t>(first + i) % world_.school_ids.size();  // Of one it stays.
    FillItem(absl::StrCat("导入条目", first + i, "-", Random(3)), world_.school_ids[school], "",
             Chance(50) ? resources::v1::RESOURCE_AUDIENCE_COUNTY : resources::v1::RESOURCE_AUDIENCE_CITY,
             &item);
    if (Chance(60)) Publish(&item);
    if (Chance(20)) item.set_state(resources::v1::RESOURCE_STATE_RETIRED);
    auto& id = *item.add_external_ids();
    id.set_system("source");
    id.set_id(absl::StrCat("i-", first + i));
  }
  return {"ResourceItemService/BatchUpsertResourceItems", std::move(request), std::move(response), "", false};
}

Writer::Write ResourcesWriter::NewEdition() {
  auto [request, response] =
      Pair<resources::v1::CreateResourceVersionRequest, resources::v1::ResourceVersion>();
  const std::string mark = Mark();
  // Half of them of a draft of the world.
  request->mutable_resource_version()->set_resource_item_id(
      Chance(50) ? world_.records.at("resource_item")[2 * static_cast<size_t>(1 + Random(6))].first
                 : AnyOf("resource_item"));
  request->mutable_resource_version()->set_note(mark);
  return {"ResourceVersionService/CreateResourceVersion", std::move(request), std::move(response), mark,
          true};
}

// Whoever is asked reads the item; now and then nobody is any more.
Writer::Write ResourcesWriter::AskForReview() {
  auto [request, response] = Pair<resources::v1::UpdateResourceItemRequest, resources::v1::ResourceItem>();
  request->mutable_resource_item()->set_id(AnyOf("resource_item"));
  request->mutable_update_mask()->add_paths("reviewing_organisation_id");
  if (Chance(80)) request->mutable_resource_item()->set_reviewing_organisation_id(world_.office_id);
  return {"ResourceItemService/UpdateResourceItem", std::move(request), std::move(response), "", false};
}

Writer::Write ResourcesWriter::Review() {
  auto [request, response] =
      Pair<resources::v1::CreateResourceReviewRequest, resources::v1::ResourceReview>();
  const std::string mark = PersonMark();
  auto& review = *request->mutable_resource_review();
  // Mostly of the one that waits from the beginning.
  const std::string item = Chance(60) ? world_.records.at("resource_item")[0].first : AnyOf("resource_item");
  review.set_resource_item_id(item);
  review.set_reviewer_organisation_id(world_.office_id);
  review.set_reviewer_id(mark);
  review.set_verdict(resources::v1::REVIEW_VERDICT_PASSED);
  review.set_reviewed_on(Day(0));
  return {"ResourceReviewService/CreateResourceReview", std::move(request), std::move(response), mark, true};
}

Writer::Write ResourcesWriter::NewTeacher() {
  auto [request, response] = Pair<resources::v1::CreateLessonTeacherRequest, resources::v1::LessonTeacher>();
  const std::string mark = PersonMark();
  request->mutable_lesson_teacher()->set_teacher_id(mark);
  request->mutable_lesson_teacher()->set_school_id(targets_.schools.Any(&random_));
  if (Chance(40)) request->mutable_lesson_teacher()->set_alliance_id(targets_.alliances.Any(&random_));
  return {"LessonTeacherService/CreateLessonTeacher", std::move(request), std::move(response), mark, true};
}

Writer::Write ResourcesWriter::MoveTeacher() {
  auto [request, response] = Pair<resources::v1::UpdateLessonTeacherRequest, resources::v1::LessonTeacher>();
  auto& teacher = *request->mutable_lesson_teacher();
  teacher.set_id(AnyOf("lesson_teacher"));
  if (Chance(60)) {
    teacher.set_school_id(targets_.schools.Any(&random_));
  } else {
    request->mutable_update_mask()->add_paths("alliance_id");
    if (Chance(60)) teacher.set_alliance_id(targets_.alliances.Any(&random_));
  }
  return {"LessonTeacherService/UpdateLessonTeacher", std::move(request), std::move(response), "", false};
}

Writer::Write ResourcesWriter::Plan() {
  auto [request, response] = Pair<resources::v1::CreateOnlineLessonRequest, resources::v1::OnlineLesson>();
  const std::string mark = Mark();
  const std::string alliance = targets_.alliances.Any(&random_);
  FillLesson(mark, alliance, AnyBells(alliance), AnyOf("lesson_teacher"), Day(Random(20)), 8 + Random(10),
             request->mutable_online_lesson());
  return {"OnlineLessonService/CreateOnlineLesson", std::move(request), std::move(response), mark, true};
}

Writer::Write ResourcesWriter::MoveLesson() {
  auto [request, response] = Pair<resources::v1::UpdateOnlineLessonRequest, resources::v1::OnlineLesson>();
  const std::string mark = Mark();
  request->mutable_online_lesson()->set_id(AnyOf("online_lesson"));
  request->mutable_online_lesson()->set_title(mark);
  if (Chance(60)) request->mutable_online_lesson()->set_lesson_date(Day(Random(20)));
  return {"OnlineLessonService/UpdateOnlineLesson", std::move(request), std::move(response), mark, false};
}

Writer::Write ResourcesWriter::InviteReceivers() {
  auto [request, response] =
      Pair<resources::v1::InviteLessonReceiversRequest, resources::v1::InviteLessonReceiversResponse>();
  const std::string id = AnyOf("online_lesson");
  const std::string alliance = Last<resources::v1::OnlineLesson>("online_lesson", id).alliance_id();
  request->set_id(id);
  for (int i = 0; i < 2; ++i) request->add_receiver_school_ids(world_.school_ids[AnyMember(alliance)]);
  return {"OnlineLessonService/InviteLessonReceivers", std::move(request), std::move(response), "", false};
}

Writer::Write ResourcesWriter::Receive() {
  auto [request, response] =
      Pair<resources::v1::CreateLessonReceptionRequest, resources::v1::LessonReception>();
  const std::string mark = Mark();
  const std::string id = AnyOf("online_lesson");
  const auto lesson = Last<resources::v1::OnlineLesson>("online_lesson", id);
  FillReception(id, AnyBells(lesson.alliance_id()), request->mutable_lesson_reception());
  request->mutable_lesson_reception()->set_feedback(mark);
  return {"LessonReceptionService/CreateLessonReception", std::move(request), std::move(response), mark,
          true};
}

Writer::Write ResourcesWriter::ChangeReception() {
  auto [request, response] =
      Pair<resources::v1::UpdateLessonReceptionRequest, resources::v1::LessonReception>();
  const std::string mark = Mark();
  request->mutable_lesson_reception()->set_id(AnyOf("lesson_reception"));
  request->mutable_lesson_reception()->set_feedback(mark);
  return {"LessonReceptionService/UpdateLessonReception", std::move(request), std::move(response), mark,
          false};
}

}  // namespace

std::unique_ptr<Writer> MakeResourcesWriter(Installation* installation, const World* world, Targets* targets,
                                            Ledger* ledger, Writer::Options options, Report* report) {
  return std::make_unique<ResourcesWriter>(installation, world, targets, ledger, std::move(options), report);
}

}  // namespace lianqiao::convergence
