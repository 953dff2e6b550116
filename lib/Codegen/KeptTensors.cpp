// The tensors that are kept in local memory: finding, placing and forgetting them.
#include "KeptTensors.h"

#include "llvm/ADT/STLExtras.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

std::optional<LocalTensor> KeptTensors::find(const TiledOp &op, unsigned i) const {
  const GlobalTensor &wanted = op.operands[i].global;
  if (op.operands[i].isParameter || !op.loadsPlainly(i))
    return std::nullopt;
  for (const Entry &entry : entries)
    if (entry.global.address == wanted.address && entry.global.type == wanted.type &&
        entry.global.shape == wanted.shape && wanted.isContiguous())
      return entry.local;
  return std::nullopt;
}

std::optional<LocalTensor> KeptTensors::reserve(const GlobalTensor &result, llvm::ArrayRef<LocalTensor> needed) {
  int64_t bytes = LocalTensor::aligned(0, result.shape, result.type).bytesPerLane();
  if (bytes > zoneBytes || !result.isContiguous())
    return std::nullopt;
  auto isNeeded = [&](const Entry &entry) {
    return llvm::any_of(needed, [&](const LocalTensor &other) { return other.offset == entry.local.offset; });
  };
  while (true) {
    // The first gap that is large enough.
    std::vector<std::pair<int64_t, int64_t>> taken;
    for (const Entry &entry : entries)
      taken.push_back({entry.local.offset, entry.local.offset + entry.local.bytesPerLane()});
    llvm::sort(taken);
    int64_t at = zoneBegin;
    for (auto [begin, end] : taken) {
      if (begin - at >= bytes)
        break;
      at = end;
    }
    if (at + bytes <= bm1684x::laneBytes)
      return LocalTensor::aligned(static_cast<uint32_t>(at), result.shape, result.type);
    auto oldest = llvm::find_if(entries, [&](const Entry &entry) { return !isNeeded(entry); });
    if (oldest == entries.end())
      return std::nullopt;
    entries.erase(oldest);
  }
}

static bool overlap(const bm1684x::GlobalRegion &a, const bm1684x::GlobalRegion &b) {
  return a.begin < b.end && b.begin < a.end;
}

void KeptTensors::forget(const GlobalTensor &written) {
  llvm::erase_if(entries, [&](const Entry &entry) { return overlap(written.region(), entry.global.region()); });
}

void ResultReads::written(const GlobalTensor &result, bool stays) {
  if (!result.isContiguous()) // may leave gaps in which others are
    read(result.region());
  else
    llvm::erase_if(producers, [&](const Producer &producer) { return overlap(result.region(), producer.region); });
  producers.push_back({isRead.size(), result.region()});
  isRead.push_back(!stays);
}

void ResultReads::read(const bm1684x::GlobalRegion &region) {
  for (const Producer &producer : producers)
    if (overlap(region, producer.region))
      isRead[producer.group] = true;
}

void ResultReads::readAll() {
  for (const Producer &producer : producers)
    isRead[producer.group] = true;
}

std::optional<LocalTensor> codegen::keptPart(const LocalTensor &kept, const Slice &box) {
  bool whole = box.n.begin == 0 && box.n.size == kept.n() && box.h.begin == 0 && box.h.size == kept.h() &&
               box.w.begin == 0 && box.w.size == kept.w();
  bool channels = box.c.begin % bm1684x::numLanes == 0 && (kept.n() == 1 || box.c.size == kept.c());
  if (!whole || !channels || box.c.begin < 0 || box.c.end() > kept.c())
    return std::nullopt;
  int64_t slot = box.c.begin / bm1684x::numLanes * kept.strides[1] * kept.itemBytes();
  return LocalTensor::aligned(kept.offset + static_cast<uint32_t>(slot), box.shape(), kept.type);
}
