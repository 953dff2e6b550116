// Unrolling of a sliced group.
#pragma once
#include "SliceBoxes.h"

namespace tpu_mlir::codegen {

class SliceBuilder {
public:
  SliceBuilder(TimelineBuilder &builder, const GroupSpec &spec) : builder(builder), spec(spec) {}
  llvm::Error run();

private:
  /// A load that the tiles and slices that follow can use again.
  struct Held {
    Slice slice;
    std::array<int64_t, 4> shape{};
    BufferRef ref;
    int slicesIndex = 0;
  };
  llvm::Error addSlice(std::array<int64_t, 3> index);
  llvm::Error addMember(int member);
  llvm::Error addTile(int member, const Tile &tile);
  void loadIntoConcat(const NetworkNode &node);
  std::optional<BufferRef> operandOf(const NetworkNode &node, unsigned i, const Tile &tile);
  bool isReadHere(int value) const;
  std::optional<BufferRef> resultOf(const NetworkNode &node, const Tile &tile);
  /// The buffer of a value's box in this slice, made when it is first asked for, and where the value begins in it.
  BufferRef boxOf(int value, const Slice &part);
  BufferRef ownLoad(const NetworkNode &node, unsigned i, const Slice &slice, const Tile &tile);
  void loadPlainly(int value);
  void storeTile(const NetworkNode &node, const Tile &tile, const BufferRef &from);
  void storeAssembled(const NetworkNode &node);
  int64_t channelsAtATime(int member) const;

  TimelineBuilder &builder;
  const GroupSpec &spec;
  std::optional<SlicedGroup> group;
  std::array<int64_t, 3> slice{};
  int sliceNumber = 0;
  int64_t repeats = 1; ///< slices that the present one stands for
  std::map<int, Slice> boxes;
  std::map<int, int> buffers; ///< by value, of this slice
  std::map<std::pair<int, unsigned>, std::vector<Held>> held;
  std::map<int, int> residents; ///< by node
};

} // namespace tpu_mlir::codegen
