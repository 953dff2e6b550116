// Which box of every tensor a slice of a sliced group needs.
#pragma once
#include "Timeline.h"

namespace tpu_mlir::codegen {

/// The values of a sliced group and how they hang together; the same for all slices.
class SlicedGroup {
public:
  static llvm::Expected<SlicedGroup> of(const Network &network, const GroupSpec &spec);

  bool isInternal(int value) const { return shapes.count(value) && producedHere.count(value); }
  /// Made here and read outside of the group, or a result of the network.
  bool escapes(int value) const { return escaping.count(value) > 0; }
  /// The concatenation of the group that a value is written into, and its first channel there.
  std::optional<std::pair<int, int64_t>> placeInConcat(int value) const;
  /// Whether operand i of a member is read as an aligned tensor in [n, c, h, w], from wherever.
  bool readsPlainly(const NetworkNode &node, unsigned i) const;
  const std::array<int64_t, 4> &shapeOf(int value) const { return shapes.at(value); }

  /// The part of an escaping value that slice `index` of the group stores.
  Slice ownPart(int value, std::array<int64_t, 3> index) const;
  /// The box of every value that the members read plainly or make; a value that is not needed is missing.
  llvm::Expected<std::map<int, Slice>> boxesOf(std::array<int64_t, 3> index) const;

  std::array<int64_t, 3> secs{1, 1, 1}; ///< n, h, w

private:
  llvm::Error needOperands(const NetworkNode &node, std::map<int, Slice> &boxes) const;

  const Network *network = nullptr;
  int first = 0, count = 0;
  std::map<int, std::array<int64_t, 4>> shapes;
  std::set<int> producedHere, escaping;
  std::map<int, std::pair<int, int64_t>> inConcat;
};

} // namespace tpu_mlir::codegen
