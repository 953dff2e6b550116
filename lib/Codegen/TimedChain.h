// Unrolling of a chain: the tiles of its head and what each of them needs.
#pragma once
#include "Timeline.h"

namespace tpu_mlir::codegen {

class ChainBuilder {
public:
  ChainBuilder(TimelineBuilder &builder, const GroupSpec &spec) : builder(builder), spec(spec) {}
  llvm::Error run();

private:
  /// What an operand held for the last tile; equal slices of consecutive tiles are loaded once.
  struct Held {
    bool isValid = false;
    Slice slice;
    std::array<int64_t, 4> shape{};
    BufferRef ref;
  };
  void addTile(const Tile &tile);
  void addStep(unsigned m, const Tile &tile);
  BufferRef operandOf(unsigned m, unsigned i, const Tile &tile);
  void chooseResult(unsigned m, const Tile &tile);

  TimelineBuilder &builder;
  const GroupSpec &spec;
  std::vector<ChainMember> chain;
  std::vector<std::vector<Held>> held;
  std::vector<BufferRef> results; ///< of the present box, by member
  std::vector<int> residents;
};

} // namespace tpu_mlir::codegen
