// A plan unrolled over the whole network: computation steps in order, the buffers that they read and write with their
// lifetimes, and the moves between global and local memory. Steps are numbered through all groups. Before step p come
// the loads issued at p, then the stores of what step p - 1 made, then p computes.
#pragma once
#include "TileSearch.h"

#include <climits>
#include <map>
#include <set>

namespace tpu_mlir::codegen {

/// Local memory that holds a box of a tensor (or something else, then `box` says nothing) from step `first` to `last`.
struct TimedBuffer {
  int64_t bytes = 0;  ///< per lane
  int64_t copies = 1; ///< of the bytes, bm1684x::tableCopyStep apart
  Slice box;
  ElementType type = ElementType::None;
  int first = INT_MAX, last = -1;
  int64_t offset = -1;
  int group = 0;
  bool isKept = false; ///< for later groups
  int value = -1;      ///< that is kept

  void use(int step) {
    first = std::min(first, step);
    last = std::max(last, step);
  }
};

/// A tensor in a buffer: what the op says about a slice (own), or the part of the box that the buffer holds.
struct BufferRef {
  int buffer = -1;
  bool isOwn = true;
  Slice slice; ///< in the buffer's coordinates if a part
};

struct TimedStep {
  int node = 0, group = 0, slice = 0; ///< slice: of a sliced group
  TiledOp *op = nullptr;              ///< null: instructions on global memory
  Tile tile;
  llvm::SmallVector<BufferRef, 4> operands;
  BufferRef result;
  int scratch = -1;
  int resident = -1;
  bool fillsResident = false;
  int value = -1; ///< made in global memory
  int64_t cycles = 0;
};

struct TimedLoad {
  int step = 0;  ///< the first that needs it
  int issue = 0; ///< before which it is emitted
  TiledOp *op = nullptr;
  unsigned operand = 0;
  bool isPlain = false; ///< a tensor move of the value, else what the op does
  Slice slice;          ///< of the operand
  Tile tile;
  BufferRef to;
  int value = -1;
  int64_t cycles = 0;
  bool waits = false; ///< issued when step `issue - 1` frees its place
};

struct TimedStore {
  int step = 0;
  TiledOp *op = nullptr;
  bool isPlain = false;
  Slice slice; ///< of the result
  Tile tile;
  BufferRef from;
  int value = -1;
  int64_t cycles = 0;
};

struct Timeline {
  std::vector<TimedBuffer> buffers;
  std::vector<TimedStep> steps;
  std::vector<TimedLoad> loads;
  std::vector<TimedStore> stores;
  std::vector<int> groupBegin;  ///< first step by group, and the end
  std::vector<bool> isInMemory; ///< by value: somebody reads it from global memory
};

/// Tiled forms made for chains; the others belong to the network.
class Forms {
public:
  explicit Forms(const Network &network) : network(network) {}
  /// The members of a chain in the views that they share.
  llvm::Expected<llvm::SmallVector<TiledOp *, 4>> ofChain(int first, int count);
  TiledOp *member(int node) const { return network.nodes[static_cast<size_t>(node)].member.get(); }

private:
  const Network &network;
  std::map<std::pair<int, int64_t>, std::unique_ptr<TiledOp>> flat;
};

/// Where in global memory a box of a tensor is.
GlobalTensor partOf(const GlobalTensor &global, const Slice &slice);
/// The tensor of a box within the aligned tensor of a larger one; `Aligned` where its strides are those of its shape.
LocalTensor viewIn(uint32_t offset, const Slice &box, ElementType type, const Slice &part);
/// Whether two local tensors are the same for an instruction.
bool isSameTensor(const LocalTensor &a, const LocalTensor &b);

llvm::Expected<std::vector<ChainMember>> chainOf(const Network &network, Forms &forms, int first, int count);

/// Unrolls a plan; values in `keep` stay in local memory for the groups after the one that makes them. Those for which
/// that is not possible are taken out of `keep` and reported by failure; then try again.
class TimelineBuilder {
public:
  TimelineBuilder(const Network &network, Forms &forms, const NetworkPlan &plan, const PlanOptions &options,
                  std::set<int> &keep)
      : network(network), forms(forms), plan(plan), options(options), keep(keep) {}
  llvm::Expected<Timeline> build();
  /// The group that is being unrolled, or where it failed.
  int groupNumber() const { return group; }
  /// Only one group, as if nothing else were there. Of many slices the first, one in between and the last stand for
  /// all; the cycles of the second are those of all in between.
  llvm::Expected<Timeline> buildSample(const GroupSpec &spec);

private:
  friend class ChainBuilder;
  friend class SliceBuilder;
  llvm::Error addGroup(const GroupSpec &spec);
  void addGlobal(int node);
  /// Adds a step of an op whose operands and result are set, with its scratch area; its buffers live at it. Returns its
  /// number.
  int addStep(TimedStep step);
  int addBuffer(int64_t bytes, int64_t copies = 1);
  int addBox(const Slice &box, ElementType type);
  /// Begins to keep a value that `op` makes, if it is to be kept.
  void keepResult(int value, const TiledOp &op);
  /// The part of a kept value that operand `i` of a tile needs, when it may stand for a load.
  std::optional<BufferRef> keptOperand(int value, const TiledOp &op, unsigned i, const Slice &slice, const Tile &tile);
  /// Where a tile's result goes if its value is kept.
  std::optional<BufferRef> keptResult(int value, const TiledOp &op, const Tile &tile);
  void finish();

  const Network &network;
  Forms &forms;
  const NetworkPlan &plan;
  const PlanOptions &options;
  std::set<int> &keep;
  std::map<int, int> kept; ///< buffer by value
  Timeline timeline;
  int group = 0;
  bool isSample = false;
};

/// Whether an operand can be this view of a buffer.
bool acceptsView(const TiledOp &op, unsigned i, const Slice &slice, const Tile &tile, const LocalTensor &view);

/// Places the buffers and issues loads early. The error names the group that does not fit: its number is put into
/// `failed`.
llvm::Error packTimeline(Timeline &timeline, const PlanOptions &options, int *failed = nullptr);

/// Prices a step whose operands are not there as often as its op would like.
void priceWithoutCopies(TimedStep &step);

/// Cycles of a packed timeline: both queues played with the estimates of the ops.
int64_t playTimeline(const Timeline &timeline);
/// What keeps each engine busy, and the loads before the first step and stores after the last, which others may hide.
struct Busy {
  int64_t tiu = 0, gdma = 0, ends = 0;
};
Busy busyOf(const Timeline &timeline);
/// The most bytes per lane that live at one step.
int64_t peakBytes(const Timeline &timeline);

/// The whole way: unrolls, decides what to keep, packs.
/// A group that does not fit is named by its number in `stuck`.
llvm::Expected<Timeline> makeTimeline(const Network &network, Forms &forms, const NetworkPlan &plan,
                                      const PlanOptions &options, int *stuck = nullptr);

} // namespace tpu_mlir::codegen
