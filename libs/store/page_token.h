// SPDX-License-Identifier: Apache-2.0
// The `page_token` of List: opaque to clients (encrypted, so that the place of a row which they may not see
// tells them nothing), authenticated, and bound to the parameters that the page before was read with. For
// libs/resource.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/store/order.h"

namespace lianqiao::store {

// Keys of one installation: every process that answers the same List holds the same secret.
class TokenKey {
 public:
  // At least 16 bytes from a random source, else the program aborts: a weak key is a wrong deployment.
  explicit TokenKey(const std::string& secret);
  const std::string& authentication() const { return authentication_; }
  const std::string& encryption() const { return encryption_; }

 private:
  std::string authentication_;
  std::string encryption_;
};

// What the next page must be asked with again. page_size and read_mask may change from page to page.
struct PageBinding {
  std::string method;  // Its path.
  std::string filter;
  std::string order_by;
  std::string valid_on;
  std::string read_time;  // RFC 3339; empty: now.
  bool show_deleted = false;
};

// The same input gives the same token.
std::string MakePageToken(const TokenKey& key, const PageBinding& binding, const OrderValues& last);

// Values that fit the order. PAGE_TOKEN_INVALID on "pageToken" if MakePageToken did not make it with this key
// and binding, or if an older program did, whose contract ordered otherwise.
absl::StatusOr<OrderValues> ReadPageToken(const TokenKey& key, const PageBinding& binding, const Order& order,
                                          const std::string& token);

}  // namespace lianqiao::store
