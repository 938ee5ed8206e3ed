// SPDX-License-Identifier: Apache-2.0
#include "libs/content/file_type.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "libs/base/status.h"
#include "libs/content/zip_names.h"

namespace lianqiao::content {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;

using Begins = bool (*)(std::string_view head);

bool Has(std::string_view head, size_t at, std::string_view bytes) {
  return head.size() >= at + bytes.size() && head.substr(at, bytes.size()) == bytes;
}

bool IsPdf(std::string_view head) {
  return Has(head, 0, "%PDF-");
}
bool IsPng(std::string_view head) {
  return Has(head, 0, "\x89PNG\r\n\x1a\n");
}
bool IsJpeg(std::string_view head) {
  return Has(head, 0, "\xff\xd8\xff");
}
bool IsGif(std::string_view head) {
  return Has(head, 0, "GIF87a") || Has(head, 0, "GIF89a");
}
bool IsWebp(std::string_view head) {
  return Has(head, 0, "RIFF") && Has(head, 8, "WEBP");
}
bool IsWav(std::string_view head) {
  return Has(head, 0, "RIFF") && Has(head, 8, "WAVE");
}
bool IsOgg(std::string_view head) {
  return Has(head, 0, "OggS");
}
bool IsMp4(std::string_view head) {
  return Has(head, 4, "ftyp") && !Has(head, 8, "qt  ") && !Has(head, 8, "M4A ");
}
bool IsM4a(std::string_view head) {
  return Has(head, 4, "ftypM4A ");
}
bool IsQuickTime(std::string_view head) {
  return Has(head, 4, "ftypqt  ") || Has(head, 4, "moov") || Has(head, 4, "mdat");
}
// EBML, whose DocType stands near the beginning.
bool IsMatroska(std::string_view head, std::string_view type) {
  constexpr size_t kNear = 64;
  return Has(head, 0, "\x1a\x45\xdf\xa3") && head.substr(0, kNear).find(type) != std::string_view::npos;
}
bool IsWebm(std::string_view head) {
  return IsMatroska(head, "webm");
}
bool IsMkv(std::string_view head) {
  return IsMatroska(head, "matroska");
}
// A tag, or the head of a frame: eleven bits set, MPEG, layer III, rates that there are.
bool IsMp3(std::string_view head) {
  if (Has(head, 0, "ID3")) return true;
  if (head.size() < 3) return false;
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(head[at]); };
  return byte(0) == 0xff && (byte(1) & 0xe6) == 0xe2 && (byte(2) & 0xf0) != 0xf0 && (byte(2) & 0x0c) != 0x0c;
}
bool IsZip(std::string_view head) {
  return Has(head, 0, "PK\x03\x04") || Has(head, 0, std::string_view("PK\x05\x06", 4));
}
// The container of Office before 2007 and of WPS; which program's it is stands deep inside.
bool IsCompound(std::string_view head) {
  return Has(head, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
}

// Markup, which a browser might run though it is called text.
bool IsMarkup(std::string_view head) {
  const size_t start = head.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || head[start] != '<') return false;
  const absl::string_view text(head.data() + start, std::min<size_t>(head.size() - start, 16));
  for (const char* mark : {"<!", "<?", "<html", "<head", "<body", "<script", "<svg", "<iframe", "<style"})
    if (absl::StartsWithIgnoreCase(text, mark)) return true;
  return false;
}

// No control characters, whatever the encoding: half of the schools' text files are GBK.
bool IsPrintable(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0x7f || byte == 0xff) return false;  // The latter is no byte of UTF-8, GBK or GB 18030.
    return byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
  });
}
bool IsText(std::string_view head) {
  if (Has(head, 0, "\xef\xbb\xbf")) head.remove_prefix(3);
  return !IsMarkup(head) && IsPrintable(head);
}

struct Type {
  const char* name;
  Begins begins;
  // Of a zip: what must be in it, or its first entry's content.
  const char* folder = nullptr;
  const char* first = nullptr;
};

constexpr char kOpenDocument[] = "application/vnd.oasis.opendocument.";
constexpr char kOdp[] = "application/vnd.oasis.opendocument.presentation";
constexpr char kOds[] = "application/vnd.oasis.opendocument.spreadsheet";
constexpr char kOdt[] = "application/vnd.oasis.opendocument.text";

constexpr Type kTypes[] = {
    {"application/msword", IsCompound},
    {"application/pdf", IsPdf},
    {"application/vnd.ms-excel", IsCompound},
    {"application/vnd.ms-powerpoint", IsCompound},
    {kOdp, IsZip, nullptr, kOdp},
    {kOds, IsZip, nullptr, kOds},
    {kOdt, IsZip, nullptr, kOdt},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", IsZip, "ppt/"},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", IsZip, "xl/"},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", IsZip, "word/"},
    {"application/zip", IsZip},
    {"audio/mp4", IsM4a},
    {"audio/mpeg", IsMp3},
    {"audio/ogg", IsOgg},
    {"audio/wav", IsWav},
    {"image/gif", IsGif},
    {"image/jpeg", IsJpeg},
    {"image/png", IsPng},
    {"image/webp", IsWebp},
    {"text/csv", IsText},
    {"text/markdown", IsText},
    {"text/plain", IsText},
    {"video/mp4", IsMp4},
    {"video/quicktime", IsQuickTime},
    {"video/webm", IsWebm},
    {"video/x-matroska", IsMkv},
};

const Type* Find(const std::string& content_type) {
  const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                   [&](const Type& type) { return content_type == type.name; });
  return found == std::end(kTypes) ? nullptr : found;
}

// An office document with macros is a program under another name.
absl::StatusOr<bool> IsOffice(const Type& type, const Source& file) {
  if (type.first != nullptr) {
    ASSIGN_OR_RETURN(const std::string first, FirstEntry(file));
    return first == type.first;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ZipNames(file));
  bool types = false;
  bool folder = false;
  for (const std::string& name : names) {
    if (absl::EndsWithIgnoreCase(name, "vbaProject.bin")) return false;
    types |= name == "[Content_Types].xml";
    folder |= absl::StartsWith(name, type.folder);
  }
  return types && folder;
}

absl::StatusOr<bool> IsAllPrintable(const Source& file) {
  for (int64_t at = 0; at < file.size_bytes();) {
    ASSIGN_OR_RETURN(const std::string piece, file.ReadAt(at, kPieceBytes));
    if (piece.empty()) return absl::DataLossError("a file is shorter than it was");
    if (!IsPrintable(piece)) return false;
    at += static_cast<int64_t>(piece.size());
  }
  return true;
}

}  // namespace

const std::vector<std::string>& KnownTypes() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Type& type : kTypes) all.emplace_back(type.name);
    return all;
  }();
  return names;
}

bool IsKnownType(const std::string& content_type) {
  return Find(content_type) != nullptr;
}

bool MayBegin(const std::string& content_type, std::string_view head) {
  const Type* type = Find(content_type);
  return type != nullptr && type->begins(head.substr(0, kHeadBytes));
}

absl::StatusOr<bool> IsOfType(const std::string& content_type, const Source& file) {
  const Type* type = Find(content_type);
  ASSIGN_OR_RETURN(const std::string head, file.ReadAt(0, kHeadBytes));
  if (type == nullptr || !type->begins(head)) return false;
  if (type->folder != nullptr || type->first != nullptr) return IsOffice(*type, file);
  return type->begins == IsText ? IsAllPrintable(file) : true;
}

}  // namespace lianqiao::content
