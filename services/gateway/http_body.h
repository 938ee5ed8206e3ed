// SPDX-License-Identifier: Apache-2.0
// How Beast's parser keeps a body: as text, like string_body, which however takes memory for all that a
// client only announces. For http_connection.h only.
#pragma once

#include <utility>  // Boost 1.74 needs std::exchange before its own headers.

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cstdint>
#include <string>

namespace lianqiao::gateway {

struct TextBody {
  using value_type = std::string;

  class reader {
   public:
    template <bool is_request, class Fields>
    explicit reader(boost::beast::http::header<is_request, Fields>&, value_type& text) : text_(text) {}

    void init(const boost::optional<std::uint64_t>& length, boost::system::error_code& error) {
      constexpr std::uint64_t kReserveBytesMax = 1u << 20;
      if (length) text_.reserve(static_cast<size_t>(std::min(*length, kReserveBytesMax)));
      error = {};
    }
    template <class Buffers>
    size_t put(const Buffers& buffers, boost::system::error_code& error) {
      const size_t before = text_.size();
      for (auto i = boost::asio::buffer_sequence_begin(buffers);
           i != boost::asio::buffer_sequence_end(buffers); ++i) {
        const boost::asio::const_buffer part(*i);
        text_.append(static_cast<const char*>(part.data()), part.size());
      }
      error = {};
      return text_.size() - before;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& text_;
  };
};

}  // namespace lianqiao::gateway
