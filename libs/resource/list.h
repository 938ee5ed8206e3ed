// SPDX-License-Identifier: Apache-2.0
// What both lists (now, and at a read_time) share. Only for libs/resource.
#pragma once

#include <memory>
#include <string>

#include "libs/base/limits.h"
#include "libs/resource/core.h"
#include "libs/store/filter.h"
#include "libs/store/order.h"
#include "libs/store/page_token.h"

namespace lianqiao::resource {

// The checked parameters of a List.
struct ListRequestPlan {
  int page_size = 0;
  std::string page_token;
  store::Filter filter;
  store::Order order;
  store::PageBinding binding;
  store::OrderValues last;  // Empty on the first page.
};

// All violations at once.
absl::StatusOr<ListRequestPlan> PlanList(const Call& call);

// Fills `last` from the page token.
absl::Status ReadPlace(const store::TokenKey& key, ListRequestPlan* plan);

// Collects records, masked for the caller, into the method's response message.
class ListResponse {
 public:
  explicit ListResponse(const Call& call);
  void Add(const Message& record, const std::vector<std::string>& row_scope);
  void SetNext(const std::string& token);
  int size() const { return size_; }
  // Holds as many bytes as an answer may: every gRPC client takes 4 MiB.
  bool full() const { return bytes_ >= base::kPageBytesMax; }
  rpc::Reply Take() const { return ReplyOf(*response_); }

 private:
  const Call& call_;
  std::unique_ptr<Message> response_;
  const FieldDescriptor* list_ = nullptr;
  int size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace lianqiao::resource
