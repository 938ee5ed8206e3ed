// SPDX-License-Identifier: Apache-2.0
// What resource items, their editions and their reviews must satisfy, and what follows from the registry and
// from each other. Pure.
#pragma once

#include "lianqiao/resources/v1/resource_item.pb.h"
#include "lianqiao/resources/v1/resource_review.pb.h"
#include "lianqiao/resources/v1/resource_version.pb.h"
#include "libs/resource/facts.h"

namespace lianqiao::resources {

// Rounds of review that a level asks for.
int RequiredRounds(v1::ResourceLevel level);
// Whether it is open to its audience.
bool IsOpen(v1::ResourceState state);

// Facts: "places" (id, level of every place in which the author organisation lies), "membership" (a row if it
// has a part in the alliance), "reviewer" (jurisdiction_id of who is asked to review), "handed_in"
// (version_count), "rounds" (passed, improve).
resource::FactQuery AuthorPlaces();
resource::FactQuery AuthorMembership();
resource::FactQuery Reviewer();
resource::FactQuery HandedIn();
resource::FactQuery FilesHandedIn();
resource::FactQuery StateBefore();
resource::FactQuery RoundsOfCycle();
void DeriveResourceItem(v1::ResourceItem* item, const resource::Facts& facts);
resource::Violations CheckResourceItem(const v1::ResourceItem* before, const v1::ResourceItem& after,
                                       const resource::Facts& facts);
resource::Violations CheckItemDeletion(const v1::ResourceItem& item, const resource::Facts& facts);

// Facts: "item" (the item it belongs to), "last" (number).
resource::FactQuery ItemOfVersion();
resource::FactQuery LastVersion();
void DeriveResourceVersion(v1::ResourceVersion* version, const resource::Facts& facts);
resource::Violations CheckResourceVersion(const v1::ResourceVersion* before, const v1::ResourceVersion& after,
                                          const resource::Facts& facts);
resource::Violations CheckVersionDeletion(const v1::ResourceVersion& version, const resource::Facts& facts);

// Facts: "item", "given" (rounds, improve of the other reviews of its cycle).
resource::FactQuery ItemOfReview();
resource::FactQuery GivenReviews();
void DeriveResourceReview(v1::ResourceReview* review, const resource::Facts& facts);
resource::Violations CheckResourceReview(const v1::ResourceReview* before, const v1::ResourceReview& after,
                                         const resource::Facts& facts);
resource::Violations CheckReviewDeletion(const v1::ResourceReview& review, const resource::Facts& facts);

}  // namespace lianqiao::resources
