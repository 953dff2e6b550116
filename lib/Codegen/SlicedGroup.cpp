// Unrolling of a sliced group: slice by slice, member by member, block of channels by block of channels.
#include "SlicedGroup.h"

#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

Range intersect(Range a, Range b) {
  int64_t begin = std::max(a.begin, b.begin);
  return {begin, std::max<int64_t>(0, std::min(a.end(), b.end()) - begin)};
}

Slice intersect(const Slice &a, const Slice &b) {
  return {intersect(a.n, b.n), intersect(a.c, b.c), intersect(a.h, b.h), intersect(a.w, b.w)};
}

} // namespace

llvm::Error SliceBuilder::run() {
  auto made = SlicedGroup::of(builder.network, spec);
  if (!made)
    return made.takeError();
  group = std::move(*made);
  for (int node = spec.first; node < spec.first + spec.count; ++node) {
    const NetworkNode &member = builder.network.nodes[static_cast<size_t>(node)];
    if (member.member && member.member->residentBytes())
      residents[node] = builder.addBuffer(member.member->residentBytes());
    // What is joined with others in this group stands among them, and nowhere else.
    if (member.kind == NodeKind::Tiled && group->escapes(member.result) && !group->placeInConcat(member.result))
      builder.keepResult(member.result, *member.member);
  }
  int64_t slices = spec.nsecs * spec.hsecs * spec.wsecs;
  for (int64_t s = 0; s < slices; ++s) {
    repeats = 1;
    if (builder.isSample && slices > 3 && s == 1) {
      repeats = slices - 2;
      s = slices / 2;
    }
    std::array<int64_t, 3> index{s / (spec.hsecs * spec.wsecs), s / spec.wsecs % spec.hsecs, s % spec.wsecs};
    if (llvm::Error error = addSlice(index))
      return error;
    if (repeats > 1)
      s = slices - 2;
  }
  return llvm::Error::success();
}

llvm::Error SliceBuilder::addSlice(std::array<int64_t, 3> index) {
  slice = index;
  auto found = group->boxesOf(index);
  if (!found)
    return found.takeError();
  boxes = std::move(*found);
  buffers.clear();
  for (int member = 0; member < spec.count; ++member)
    if (llvm::Error error = addMember(member))
      return error;
  ++sliceNumber;
  return llvm::Error::success();
}

BufferRef SliceBuilder::boxOf(int value, const Slice &part) {
  int holder = value;
  Slice inHolder = part;
  if (auto place = group->placeInConcat(value)) {
    holder = place->first;
    inHolder.c.begin += place->second;
  }
  auto it = buffers.find(holder);
  if (it == buffers.end()) {
    auto type = elementTypeOf(builder.network.values[static_cast<size_t>(holder)].value.getType());
    it = buffers.emplace(holder, builder.addBox(boxes.at(holder), type)).first;
  }
  return {it->second, false, inHolder};
}

int64_t SliceBuilder::channelsAtATime(int member) const {
  int64_t channels =
      member < static_cast<int>(spec.channelTiles.size()) ? spec.channelTiles[static_cast<size_t>(member)] : 0;
  return channels > 0 ? alignTo(channels, bm1684x::numLanes) : 0;
}

llvm::Error SliceBuilder::addMember(int member) {
  const NetworkNode &node = builder.network.nodes[static_cast<size_t>(spec.first + member)];
  auto it = boxes.find(node.result);
  if (it == boxes.end())
    return llvm::Error::success();
  if (node.kind == NodeKind::Assembled) {
    loadIntoConcat(node);
    storeAssembled(node);
    return llvm::Error::success();
  }
  const Slice &box = it->second;
  IterationSpace space = node.member->space();
  int64_t channels = box.c.size, at = channelsAtATime(member);
  if (at == 0 || at > channels || space.c.grain >= channels || at % space.c.grain)
    at = channels;
  at = std::min(at, space.c.maxTile / space.c.grain * space.c.grain);
  if (at < channels && at % bm1684x::numLanes)
    at = std::max(bm1684x::numLanes, at / bm1684x::numLanes * bm1684x::numLanes);
  for (int64_t c = 0; c < channels; c += at) {
    Tile tile{box, {0, space.k.extent}};
    tile.out.c = {c, std::min(at, channels - c)};
    if (llvm::Error error = addTile(member, tile))
      return error;
  }
  return llvm::Error::success();
}

/// A plain load of the box of a value that a slice needs, into the box's buffer.
void SliceBuilder::loadPlainly(int value) {
  TimedLoad load;
  load.step = load.issue = static_cast<int>(builder.timeline.steps.size());
  load.isPlain = true;
  load.slice = boxes.at(value);
  load.to = boxOf(value, load.slice);
  load.value = value;
  load.cycles = repeats * tensorMoveCycles(builder.network.global(value), load.slice.shape(), /*toLocal=*/true);
  builder.timeline.isInMemory[static_cast<size_t>(value)] = true;
  builder.timeline.buffers[static_cast<size_t>(load.to.buffer)].use(load.step);
  builder.timeline.loads.push_back(load);
}

void SliceBuilder::loadIntoConcat(const NetworkNode &node) {
  for (int value : node.operands)
    if (!group->isInternal(value))
      loadPlainly(value);
}

BufferRef SliceBuilder::ownLoad(const NetworkNode &node, unsigned i, const Slice &slice, const Tile &tile) {
  TiledOp &op = *node.member;
  LocalTensor buffer = op.operandBuffer(i, slice, tile, 0);
  auto &known = held[{static_cast<int>(&node - builder.network.nodes.data()), i}];
  llvm::erase_if(known, [&](const Held &h) { return spec.streams && h.slicesIndex != sliceNumber; });
  for (const Held &h : known)
    if (h.slice == slice && h.shape == buffer.shape)
      return h.ref;
  BufferRef ref{builder.addBuffer(buffer.bytesPerLane(), op.copies(i)), true, slice};
  // What depends on the slice is of no use to another.
  if (!op.operands[i].isParameter)
    llvm::erase_if(known, [&](const Held &h) { return h.slicesIndex != sliceNumber; });
  known.push_back({slice, buffer.shape, ref, sliceNumber});
  TimedLoad load;
  load.step = load.issue = static_cast<int>(builder.timeline.steps.size());
  load.op = &op;
  load.operand = i;
  load.slice = slice;
  load.tile = tile;
  load.to = ref;
  load.value = node.operands[i];
  load.cycles = repeats * op.loadCycles(i, slice);
  builder.timeline.isInMemory[static_cast<size_t>(load.value)] = true;
  builder.timeline.loads.push_back(load);
  return ref;
}

std::optional<BufferRef> SliceBuilder::operandOf(const NetworkNode &node, unsigned i, const Tile &tile) {
  TiledOp &op = *node.member;
  int value = node.operands[i];
  Slice part = op.operandSlice(i, tile);
  bool isInternal = group->isInternal(value);
  if (!isInternal)
    if (auto kept = builder.keptOperand(value, op, i, part, tile))
      return *kept;
  auto box = boxes.find(value);
  if (!group->readsPlainly(node, i) || box == boxes.end() || part.elements() <= 0) {
    if (isInternal)
      return std::nullopt;
    return ownLoad(node, i, part, tile);
  }
  if (isInternal && builder.kept.count(value))
    if (auto kept = builder.keptOperand(value, op, i, part, tile))
      return *kept;
  bool isThere = buffers.count(value) || group->placeInConcat(value) || isInternal;
  Slice held = box->second;
  if (auto place = group->placeInConcat(value))
    held = boxes.at(place->first);
  Slice inHolder = part;
  if (auto place = group->placeInConcat(value))
    inHolder.c.begin += place->second;
  if (!acceptsView(op, i, part, tile, viewIn(0, held, op.operands[i].global.type, inHolder))) {
    if (isInternal)
      return std::nullopt;
    return ownLoad(node, i, part, tile);
  }
  if (!isThere)
    loadPlainly(value);
  return boxOf(value, part);
}

bool SliceBuilder::isReadHere(int value) const {
  return llvm::any_of(builder.network.values[static_cast<size_t>(value)].readers,
                      [&](int reader) { return reader >= spec.first && reader < spec.first + spec.count; });
}

std::optional<BufferRef> SliceBuilder::resultOf(const NetworkNode &node, const Tile &tile) {
  TiledOp &op = *node.member;
  if (builder.kept.count(node.result)) {
    if (auto kept = builder.keptResult(node.result, op, tile))
      return kept;
    builder.keep.erase(node.result);
    return std::nullopt;
  }
  Slice held = boxes.at(node.result), inHolder = tile.out;
  if (auto place = group->placeInConcat(node.result)) {
    held = boxes.at(place->first);
    inHolder.c.begin += place->second;
  }
  LocalTensor view = viewIn(0, held, op.results[0].type, inHolder);
  LocalTensor expected = op.resultBuffer(0, tile, view.offset);
  bool isWhole = inHolder == held;
  // What a store rearranges may lie in any way, if nobody reads it here.
  if (!op.storesPlainly() && !isSameTensor(expected, view) && !isReadHere(node.result))
    return BufferRef{builder.addBuffer(op.resultBytes(0, tile)), true, tile.out};
  if (!isSameTensor(expected, view) || (!isWhole && op.resultBytes(0, tile) > view.bytesPerLane()))
    return std::nullopt;
  BufferRef ref = boxOf(node.result, tile.out);
  auto &bytes = builder.timeline.buffers[static_cast<size_t>(ref.buffer)].bytes;
  bytes = std::max(bytes, alignTo(view.offset + op.resultBytes(0, tile), 64));
  return ref;
}

llvm::Error SliceBuilder::addTile(int member, const Tile &tile) {
  int index = spec.first + member;
  const NetworkNode &node = builder.network.nodes[static_cast<size_t>(index)];
  TiledOp &op = *node.member;
  TimedStep step;
  step.node = index;
  step.slice = sliceNumber;
  step.op = &op;
  step.tile = tile;
  auto refuse = [&](const char *why) { return llvm::createStringError(llvm::formatv("'{0}' {1}", node.name, why)); };
  for (unsigned i = 0; i < node.operands.size(); ++i) {
    std::optional<BufferRef> operand = operandOf(node, i, tile);
    if (!operand)
      return refuse("cannot read a part of an intermediate tensor");
    step.operands.push_back(*operand);
  }
  std::optional<BufferRef> result = resultOf(node, tile);
  if (!result)
    return refuse("cannot write its result into a part of a tensor");
  step.result = *result;
  if (auto resident = residents.find(index); resident != residents.end())
    step.resident = resident->second;
  step.cycles = repeats * op.computeCycles(tile);
  BufferRef from = step.result;
  builder.addStep(std::move(step));
  if (group->escapes(node.result)) {
    Slice part = intersect(group->ownPart(node.result, slice), tile.out);
    if (part.elements() > 0 && !op.storesPlainly() && !(part == tile.out))
      return refuse("cannot store a part of its tile");
    if (part.elements() > 0)
      storeTile(node, tile, from);
  }
  return llvm::Error::success();
}

void SliceBuilder::storeTile(const NetworkNode &node, const Tile &tile, const BufferRef &from) {
  TimedStore store;
  store.step = static_cast<int>(builder.timeline.steps.size()) - 1;
  store.op = node.member.get();
  store.tile = tile;
  store.slice = intersect(group->ownPart(node.result, slice), tile.out);
  store.isPlain = store.op->storesPlainly();
  store.from = from;
  auto shift = [](Range &held, Range stored, Range made) {
    held.begin += stored.begin - made.begin;
    held.size = stored.size;
  };
  shift(store.from.slice.n, store.slice.n, tile.out.n);
  shift(store.from.slice.h, store.slice.h, tile.out.h);
  shift(store.from.slice.w, store.slice.w, tile.out.w);
  store.value = node.result;
  store.cycles =
      repeats * (store.isPlain ? tensorMoveCycles(store.op->results[0], store.slice.shape(), /*toLocal=*/false)
                               : store.op->storeCycles(0, tile));
  builder.timeline.stores.push_back(store);
}

/// The concatenation is whole when its operands are.
void SliceBuilder::storeAssembled(const NetworkNode &node) {
  Slice part = group->ownPart(node.result, slice);
  if (!group->escapes(node.result) || part.elements() <= 0)
    return;
  TimedStore store;
  store.step = static_cast<int>(builder.timeline.steps.size()) - 1;
  store.isPlain = true;
  store.slice = part;
  store.from = boxOf(node.result, part);
  store.value = node.result;
  store.cycles = repeats * tensorMoveCycles(builder.network.global(node.result), part.shape(), /*toLocal=*/false);
  builder.timeline.stores.push_back(store);
}
