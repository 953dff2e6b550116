// Reading zip archives: the directory at the end of the file, then entries through zlib's inflate.
#include "Zip.h"

#include "llvm/Support/Endian.h"

#include <algorithm>
#include <cstring>
#include <zlib.h>

using namespace tpu_mlir::zip;
using namespace llvm::support::endian;

namespace {

constexpr uint32_t localMagic = 0x04034b50, centralMagic = 0x02014b50, endMagic = 0x06054b50;
constexpr uint32_t end64Magic = 0x06064b50, locator64Magic = 0x07064b50;
constexpr size_t localBytes = 30, centralBytes = 46, endBytes = 22, locator64Bytes = 20, end64Bytes = 56;
constexpr size_t maxCommentBytes = 65535;
constexpr uint64_t maxDeflateRatio = 1032; // of the deflate format
constexpr size_t bufferBytes = 256 << 10;

bool readAt(llvm::sys::fs::file_t file, void *to, uint64_t bytes, uint64_t offset) {
  auto *out = static_cast<char *>(to);
  while (bytes > 0) {
    const size_t part = std::min<uint64_t>(bytes, 1 << 30);
    llvm::Expected<size_t> got = llvm::sys::fs::readNativeFileSlice(file, {out, part}, offset);
    if (!got) {
      llvm::consumeError(got.takeError());
      return false;
    }
    if (*got == 0)
      return false;
    out += *got;
    offset += *got;
    bytes -= *got;
  }
  return true;
}

// Takes the 64-bit values that replace all-ones fields of a directory entry, in their fixed order.
bool apply64(Entry &entry, const char *extra, size_t extraBytes) {
  while (extraBytes >= 4) {
    const uint16_t id = read16le(extra), length = read16le(extra + 2);
    if (length > extraBytes - 4)
      return true; // padding that is no extra field; the 32-bit values stand
    if (id == 1) {
      const char *field = extra + 4, *end = field + length;
      for (uint64_t *value : {&entry.bytes, &entry.compressedBytes, &entry.headerOffset})
        if (*value == UINT32_MAX) {
          if (end - field < 8)
            return false;
          *value = read64le(field);
          field += 8;
        }
      return true;
    }
    extra += 4 + length;
    extraBytes -= 4 + length;
  }
  return true;
}

llvm::Error damaged() {
  return llvm::createStringError("is no complete .npz file (the zip directory at its end is missing or damaged)");
}

} // namespace

Reader::Reader(Reader &&other)
    : file(std::exchange(other.file, llvm::sys::fs::kInvalidFile)), fileBytes(other.fileBytes),
      directory(std::move(other.directory)) {}

Reader::~Reader() {
  if (file != llvm::sys::fs::kInvalidFile)
    llvm::sys::fs::closeFile(file);
}

llvm::Expected<Reader> Reader::open(llvm::StringRef path) {
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(path, status))
    return llvm::createStringError("cannot be opened: " + error.message());
  if (status.type() != llvm::sys::fs::file_type::regular_file)
    return llvm::createStringError("is not a regular file");
  llvm::Expected<llvm::sys::fs::file_t> file = llvm::sys::fs::openNativeFileForRead(path);
  if (!file)
    return llvm::createStringError("cannot be opened: " + llvm::toString(file.takeError()));
  Reader reader(*file, status.getSize());
  if (llvm::Error error = reader.readDirectory())
    return error;
  return reader;
}

llvm::Error Reader::readDirectory() {
  if (fileBytes < endBytes)
    return damaged();
  std::string tail(std::min<uint64_t>(fileBytes, endBytes + maxCommentBytes), '\0');
  const uint64_t tailOffset = fileBytes - tail.size();
  if (!readAt(file, tail.data(), tail.size(), tailOffset))
    return damaged();
  // The end record is the last thing in the file but for a comment whose length it states.
  size_t at = tail.size() - endBytes;
  while (read32le(&tail[at]) != endMagic || at + endBytes + read16le(&tail[at + 20]) != tail.size())
    if (at-- == 0)
      return damaged();
  const uint64_t endOffset = tailOffset + at;
  uint64_t bytes = read32le(&tail[at + 12]), offset = read32le(&tail[at + 16]);
  char locator[locator64Bytes];
  if (endOffset >= locator64Bytes && readAt(file, locator, locator64Bytes, endOffset - locator64Bytes) &&
      read32le(locator) == locator64Magic) {
    // Some writers (cnpy's relatives) state a wrong place for the record; it then lies right before its locator.
    char record[end64Bytes];
    auto readRecord = [&](uint64_t offset) {
      return offset <= endOffset && endOffset - offset >= end64Bytes && readAt(file, record, end64Bytes, offset) &&
             read32le(record) == end64Magic;
    };
    if (!readRecord(read64le(locator + 8)) &&
        (endOffset < locator64Bytes + end64Bytes || !readRecord(endOffset - locator64Bytes - end64Bytes)))
      return damaged();
    bytes = read64le(record + 40);
    offset = read64le(record + 48);
  }
  if (offset > endOffset || bytes > endOffset - offset)
    return damaged();
  std::string central(bytes, '\0');
  if (!readAt(file, central.data(), bytes, offset))
    return damaged();
  return parseDirectory(central);
}

llvm::Error Reader::parseDirectory(llvm::StringRef bytes) {
  while (!bytes.empty()) {
    const char *at = bytes.data();
    if (bytes.size() < centralBytes || read32le(at) != centralMagic)
      return damaged();
    const size_t nameBytes = read16le(at + 28), extraBytes = read16le(at + 30), commentBytes = read16le(at + 32);
    const size_t total = centralBytes + nameBytes + extraBytes + commentBytes;
    if (bytes.size() < total)
      return damaged();
    Entry entry;
    entry.flags = read16le(at + 8);
    entry.method = read16le(at + 10);
    entry.crc = read32le(at + 16);
    entry.compressedBytes = read32le(at + 20);
    entry.bytes = read32le(at + 24);
    entry.headerOffset = read32le(at + 42);
    entry.name.assign(at + centralBytes, nameBytes);
    if (!apply64(entry, at + centralBytes + nameBytes, extraBytes))
      return damaged();
    directory.push_back(std::move(entry));
    bytes = bytes.drop_front(total);
  }
  return llvm::Error::success();
}

struct Reader::Stream::Impl {
  llvm::sys::fs::file_t file;
  uint64_t offset, compressedLeft, left; // left: decompressed bytes still to be read
  uint32_t wantedCrc, crc = 0;
  bool deflated;
  z_stream zlib{};
  std::vector<uint8_t> buffer;

  ~Impl() {
    if (deflated)
      inflateEnd(&zlib);
  }
  bool refill() {
    const uint64_t bytes = std::min<uint64_t>(compressedLeft, bufferBytes);
    if (bytes == 0 || !readAt(file, buffer.data(), bytes, offset))
      return false;
    offset += bytes;
    compressedLeft -= bytes;
    zlib.next_in = buffer.data();
    zlib.avail_in = static_cast<unsigned>(bytes);
    return true;
  }
  bool inflateInto(uint8_t *to, uint64_t bytes) {
    while (bytes > 0) {
      const auto part = static_cast<unsigned>(std::min<uint64_t>(bytes, 1 << 30));
      zlib.next_out = to;
      zlib.avail_out = part;
      while (zlib.avail_out > 0) {
        if (zlib.avail_in == 0 && !refill())
          return false;
        const int status = inflate(&zlib, Z_NO_FLUSH);
        if (status != Z_OK && (status != Z_STREAM_END || zlib.avail_out > 0))
          return false;
      }
      to += part;
      bytes -= part;
    }
    return true;
  }
};

Reader::Stream::Stream(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Reader::Stream::Stream(Stream &&) = default;
Reader::Stream::~Stream() = default;

bool Reader::Stream::read(void *to, uint64_t bytes) {
  if (bytes > impl->left)
    return false;
  if (impl->deflated) {
    if (!impl->inflateInto(static_cast<uint8_t *>(to), bytes))
      return false;
  } else {
    if (!readAt(impl->file, to, bytes, impl->offset))
      return false;
    impl->offset += bytes;
  }
  impl->left -= bytes;
  impl->crc = crc32_z(impl->crc, static_cast<const uint8_t *>(to), bytes);
  return true;
}

bool Reader::Stream::finish() const { return impl->left == 0 && impl->crc == impl->wantedCrc; }

llvm::Expected<Reader::Stream> Reader::openEntry(const Entry &entry) const {
  constexpr uint16_t encrypted = 1, stored = 0, deflate = 8;
  if (entry.flags & encrypted)
    return llvm::createStringError("it is encrypted");
  if (entry.method != stored && entry.method != deflate)
    return llvm::createStringError("it uses compression method " + llvm::Twine(entry.method) +
                                   "; only stored and deflated entries are supported");
  // A size that no deflate stream of this length can reach is a lie, told to make us reserve memory.
  if (entry.method == stored ? entry.bytes != entry.compressedBytes
                             : entry.bytes / maxDeflateRatio > entry.compressedBytes + 1)
    return llvm::createStringError("its size in the zip directory is impossible");
  char header[localBytes];
  if (entry.headerOffset > fileBytes || fileBytes - entry.headerOffset < localBytes ||
      !readAt(file, header, localBytes, entry.headerOffset) || read32le(header) != localMagic)
    return llvm::createStringError("its zip entry is damaged");
  const uint64_t data = entry.headerOffset + localBytes + read16le(header + 26) + read16le(header + 28);
  if (data > fileBytes || entry.compressedBytes > fileBytes - data)
    return llvm::createStringError("its data lie outside of the file");
  auto impl = std::make_unique<Stream::Impl>();
  impl->file = file;
  impl->offset = data;
  impl->compressedLeft = entry.compressedBytes;
  impl->left = entry.bytes;
  impl->wantedCrc = entry.crc;
  impl->deflated = entry.method == deflate;
  if (impl->deflated) {
    impl->buffer.resize(bufferBytes);
    if (inflateInit2(&impl->zlib, -MAX_WBITS) != Z_OK)
      return llvm::createStringError("there is not enough memory");
  }
  return Stream(std::move(impl));
}
