// Boxes of a slice: from the parts that are stored back to the inputs, the union of what the readers need.
#include "SliceBoxes.h"

#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

Range unite(Range a, Range b) {
  int64_t begin = std::min(a.begin, b.begin);
  return {begin, std::max(a.end(), b.end()) - begin};
}

void unite(std::map<int, Slice> &boxes, int value, const Slice &box) {
  auto [it, isNew] = boxes.try_emplace(value, box);
  if (!isNew)
    it->second = {unite(it->second.n, box.n), unite(it->second.c, box.c), unite(it->second.h, box.h),
                  unite(it->second.w, box.w)};
}

bool isEmpty(const Slice &s) { return s.n.size <= 0 || s.c.size <= 0 || s.h.size <= 0 || s.w.size <= 0; }

/// The range widened to multiples of the grain.
Range onGrain(Range range, const AxisRule &axis) {
  int64_t begin = range.begin / axis.grain * axis.grain;
  return {begin, std::min(axis.extent, alignTo(range.end(), axis.grain)) - begin};
}

Range partOfAxis(int64_t extent, int64_t parts, int64_t index) {
  int64_t begin = extent * index / parts;
  return {begin, extent * (index + 1) / parts - begin};
}

llvm::Error refuse(const NetworkNode &node, const char *why) {
  return llvm::createStringError(llvm::formatv("'{0}' {1}", node.name, why));
}

} // namespace

llvm::Expected<SlicedGroup> SlicedGroup::of(const Network &network, const GroupSpec &spec) {
  SlicedGroup group;
  group.network = &network;
  group.first = spec.first, group.count = spec.count;
  group.secs = {spec.nsecs, spec.hsecs, spec.wsecs};
  for (int index = spec.first; index < spec.first + spec.count; ++index) {
    const NetworkNode &node = network.nodes[static_cast<size_t>(index)];
    const NetworkValue &result = network.values[static_cast<size_t>(node.result)];
    auto shape = viewShape(result.value.getType(), ViewKind::Spatial);
    if (node.kind == NodeKind::Global || (node.kind == NodeKind::Tiled && !node.member))
      return refuse(node, "cannot be a member of a group");
    if (node.kind == NodeKind::Assembled && node.channelOffsets.empty())
      return refuse(node, "joins along an axis that a group cannot join");
    if (node.kind == NodeKind::Tiled && (node.member->results.size() != 1 || node.member->results[0].shape != shape ||
                                         !node.member->results[0].isContiguous()))
      return refuse(node, "sees its result in a view of its own");
    group.shapes[node.result] = shape;
    group.producedHere.insert(node.result);
    if (result.isResult || llvm::any_of(result.readers, [&](int reader) { return reader >= spec.first + spec.count; }))
      group.escaping.insert(node.result);
    for (auto [i, value] : llvm::enumerate(node.operands)) {
      if (value < 0)
        return refuse(node, "has an operand of unknown origin");
      const NetworkValue &operand = network.values[static_cast<size_t>(value)];
      if (!group.shapes.count(value))
        group.shapes[value] = viewShape(operand.value.getType(), ViewKind::Spatial);
      if (node.kind == NodeKind::Tiled && group.producedHere.count(value) && !group.readsPlainly(node, i))
        return refuse(node, "reads an intermediate tensor in a view of its own");
      if (node.kind != NodeKind::Assembled)
        continue;
      int64_t offset = node.channelOffsets[i];
      if (operand.isParameter || offset % bm1684x::numLanes || group.inConcat.count(value) ||
          llvm::count(node.operands, value) > 1)
        return refuse(node, "cannot be joined in local memory");
      group.inConcat[value] = {node.result, offset};
    }
  }
  return group;
}

std::optional<std::pair<int, int64_t>> SlicedGroup::placeInConcat(int value) const {
  auto it = inConcat.find(value);
  if (it == inConcat.end())
    return std::nullopt;
  if (auto outer = placeInConcat(it->second.first))
    return std::pair{outer->first, outer->second + it->second.second};
  return it->second;
}

bool SlicedGroup::readsPlainly(const NetworkNode &node, unsigned i) const {
  int value = node.operands[i];
  const TiledOperand &operand = node.member->operands[i];
  auto shape = shapes.find(value);
  return !operand.isParameter && shape != shapes.end() && node.member->loadsPlainly(i) &&
         operand.global.shape == shape->second && operand.global.isContiguous() &&
         operand.global.address == network->global(value).address;
}

Slice SlicedGroup::ownPart(int value, std::array<int64_t, 3> index) const {
  const auto &shape = shapes.at(value);
  return {partOfAxis(shape[0], secs[0], index[0]),
          {0, shape[1]},
          partOfAxis(shape[2], secs[1], index[1]),
          partOfAxis(shape[3], secs[2], index[2])};
}

llvm::Error SlicedGroup::needOperands(const NetworkNode &node, std::map<int, Slice> &boxes) const {
  auto it = boxes.find(node.result);
  if (it == boxes.end())
    return llvm::Error::success();
  Slice &box = it->second;
  if (node.kind == NodeKind::Assembled) {
    for (int value : node.operands)
      unite(boxes, value, {box.n, {0, shapes.at(value)[1]}, box.h, box.w});
    return llvm::Error::success();
  }
  IterationSpace space = node.member->space();
  if (space.c.extent != shapes.at(node.result)[1])
    return refuse(node, "is computed along axes of its own");
  box = {onGrain(box.n, space.n), {0, space.c.extent}, onGrain(box.h, space.h), onGrain(box.w, space.w)};
  if (box.n.size > space.n.maxTile || box.h.size > space.h.maxTile || box.w.size > space.w.maxTile)
    return refuse(node, "has to be cut into more slices");
  Tile tile{box, {0, space.k.extent}};
  for (unsigned i = 0; i < node.operands.size(); ++i) {
    if (!readsPlainly(node, i))
      continue;
    Slice slice = node.member->operandSlice(i, tile);
    if (!isEmpty(slice))
      unite(boxes, node.operands[i], slice);
    else if (producedHere.count(node.operands[i]))
      return refuse(node, "needs padding only in a slice");
  }
  return llvm::Error::success();
}

llvm::Expected<std::map<int, Slice>> SlicedGroup::boxesOf(std::array<int64_t, 3> index) const {
  std::map<int, Slice> needed;
  for (int value : escaping)
    if (Slice part = ownPart(value, index); !isEmpty(part))
      needed[value] = part;
  // What is written into a concatenation has its box, and the other way round.
  for (int round = 0; round < 8; ++round) {
    std::map<int, Slice> boxes = needed;
    for (int node = first + count - 1; node >= first; --node)
      if (llvm::Error error = needOperands(network->nodes[static_cast<size_t>(node)], boxes))
        return error;
    bool isStable = true;
    for (auto [value, place] : inConcat) {
      auto part = boxes.find(value), whole = boxes.find(place.first);
      if (part == boxes.end())
        continue;
      const Slice &a = part->second;
      // A concatenation that nobody needs is still where its operands lie.
      if (whole != boxes.end() && a.n == whole->second.n && a.h == whole->second.h && a.w == whole->second.w &&
          a.c.size == shapes.at(value)[1])
        continue;
      isStable = false;
      unite(needed, place.first, {a.n, {0, shapes.at(place.first)[1]}, a.h, a.w});
    }
    if (isStable)
      return boxes;
  }
  return llvm::createStringError("the slices of a concatenation's operands do not agree");
}
