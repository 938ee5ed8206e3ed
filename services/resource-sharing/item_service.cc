// SPDX-License-Identifier: Apache-2.0
#include "services/resource-sharing/item_service.h"

#include "services/resource-sharing/file_rules.h"
#include "services/resource-sharing/item_rules.h"
#include "services/resource-sharing/use_rules.h"

namespace lianqiao::resources {

using resource::Resource;

void AddItems(resource::Service& service) {
  Resource<v1::ResourceItem>(service)
      .facts(AuthorPlaces())
      .facts(AuthorMembership())
      .facts(Reviewer())
      .facts(HandedIn())
      .facts(FilesHandedIn())
      .facts(StateBefore())
      .facts(Inside("author_organisation_id"))
      .facts(RoundsOfCycle())
      .derives(DeriveResourceItem)
      .rules(CheckResourceItem)
      .deletion_rules(CheckItemDeletion);
  Resource<v1::ResourceVersion>(service)
      .facts(ItemOfVersion())
      .facts(LastVersion())
      .derives(DeriveResourceVersion)
      .rules(CheckResourceVersion)
      .deletion_rules(CheckVersionDeletion);
  Resource<v1::ResourceReview>(service)
      .facts(ItemOfReview())
      .facts(GivenReviews())
      .derives(DeriveResourceReview)
      .rules(CheckResourceReview)
      .deletion_rules(CheckReviewDeletion);
  Resource<v1::ResourceUse>(service)
      .facts(ItemUsed("used_on"))
      .facts(Consumer("used_on"))
      .derives(DeriveResourceUse)
      .rules(CheckResourceUse);
  Resource<v1::ResourceRating>(service)
      .facts(ItemUsed("rated_on"))
      .facts(Consumer("rated_on"))
      .facts(UsedByConsumer())
      .rules(CheckResourceRating);
}

}  // namespace lianqiao::resources
