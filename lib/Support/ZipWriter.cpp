// Writing zip archives. Dates are fixed, so that equal contents give equal bytes.
#include "Zip.h"

#include "llvm/Support/Endian.h"

#include <algorithm>
#include <zlib.h>

using namespace tpu_mlir::zip;

namespace {

constexpr uint16_t version = 20, version64 = 45; // of the format that a reader must know
constexpr uint16_t utf8Names = 1 << 11;
constexpr uint32_t date1980 = 1u << 21 | 1u << 16; // 1980-01-01 00:00
constexpr size_t bufferBytes = 256 << 10;

// Little-endian fields in a row.
class Record {
public:
  Record &u16(uint64_t value) { return append(value, 2); }
  Record &u32(uint64_t value) { return append(value, 4); }
  Record &u64(uint64_t value) { return append(value, 8); }
  Record &text(llvm::StringRef value) {
    bytes += value;
    return *this;
  }
  operator llvm::StringRef() const { return bytes; }
  size_t size() const { return bytes.size(); }

private:
  std::string bytes;
  Record &append(uint64_t value, int count) {
    for (int i = 0; i < count; ++i)
      bytes += static_cast<char>(value >> (8 * i));
    return *this;
  }
};

uint32_t clamp32(uint64_t value) { return static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX)); }

bool needs64(const Entry &entry) { return entry.bytes >= UINT32_MAX || entry.compressedBytes >= UINT32_MAX; }

// The raw deflate stream of the parts in order.
bool deflateParts(llvm::ArrayRef<llvm::StringRef> parts, std::string &out) {
  z_stream zlib{};
  if (deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return false;
  std::vector<uint8_t> buffer(bufferBytes);
  auto run = [&](int flush) {
    do {
      zlib.next_out = buffer.data();
      zlib.avail_out = static_cast<unsigned>(buffer.size());
      if (deflate(&zlib, flush) == Z_STREAM_ERROR)
        return false;
      out.append(reinterpret_cast<char *>(buffer.data()), buffer.size() - zlib.avail_out);
    } while (zlib.avail_out == 0);
    return true;
  };
  bool ok = true;
  for (llvm::StringRef part : parts)
    while (ok && !part.empty()) {
      const size_t count = std::min<size_t>(part.size(), 1u << 30);
      zlib.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(part.data()));
      zlib.avail_in = static_cast<unsigned>(count);
      ok = run(Z_NO_FLUSH);
      part = part.drop_front(count);
    }
  ok = ok && run(Z_FINISH);
  deflateEnd(&zlib);
  return ok;
}

} // namespace

void Writer::put(llvm::StringRef bytes) {
  os << bytes;
  offset += bytes.size();
}

bool Writer::add(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> parts, bool deflated) {
  Entry entry;
  entry.name = name.str();
  entry.method = deflated ? 8 : 0;
  entry.headerOffset = offset;
  for (llvm::StringRef part : parts) {
    entry.bytes += part.size();
    entry.crc = crc32_z(entry.crc, reinterpret_cast<const Bytef *>(part.data()), part.size());
  }
  std::string compressed;
  if (deflated && !deflateParts(parts, compressed))
    return false;
  entry.compressedBytes = deflated ? compressed.size() : entry.bytes;
  Record extra, header;
  if (needs64(entry))
    extra.u16(1).u16(16).u64(entry.bytes).u64(entry.compressedBytes);
  const bool wide = needs64(entry);
  header.u32(0x04034b50).u16(wide ? version64 : version).u16(utf8Names).u16(entry.method).u32(date1980).u32(entry.crc);
  header.u32(wide ? UINT32_MAX : entry.compressedBytes).u32(wide ? UINT32_MAX : entry.bytes);
  header.u16(name.size()).u16(extra.size()).text(name).text(extra);
  put(header);
  if (deflated)
    put(compressed);
  else
    for (llvm::StringRef part : parts)
      put(part);
  written.push_back(std::move(entry));
  return true;
}

void Writer::finish() {
  const uint64_t start = offset;
  for (const Entry &entry : written) {
    Record extra, header;
    const bool wide = needs64(entry), far = entry.headerOffset >= UINT32_MAX;
    if (wide || far) {
      extra.u16(1).u16(wide * 16 + far * 8);
      if (wide)
        extra.u64(entry.bytes).u64(entry.compressedBytes);
      if (far)
        extra.u64(entry.headerOffset);
    }
    header.u32(0x02014b50).u16(version64).u16(wide || far ? version64 : version).u16(utf8Names).u16(entry.method);
    header.u32(date1980).u32(entry.crc);
    header.u32(wide ? UINT32_MAX : entry.compressedBytes).u32(wide ? UINT32_MAX : entry.bytes);
    header.u16(entry.name.size()).u16(extra.size()).u16(0).u16(0).u16(0).u32(0).u32(clamp32(entry.headerOffset));
    put(header.text(entry.name).text(extra));
  }
  const uint64_t bytes = offset - start, end64 = offset;
  const size_t count = written.size();
  if (count >= UINT16_MAX || start >= UINT32_MAX || bytes >= UINT32_MAX) {
    Record record;
    record.u32(0x06064b50).u64(44).u16(version64).u16(version64).u32(0).u32(0).u64(count).u64(count);
    put(record.u64(bytes).u64(start));
    put(Record().u32(0x07064b50).u32(0).u64(end64).u32(1));
  }
  const uint64_t shortCount = std::min<size_t>(count, UINT16_MAX);
  put(Record()
          .u32(0x06054b50)
          .u16(0)
          .u16(0)
          .u16(shortCount)
          .u16(shortCount)
          .u32(clamp32(bytes))
          .u32(clamp32(start))
          .u16(0));
}
