// Convolutions rewritten so that they fill lanes and input channels of the array better; sums are the same products.
// Three means, in any combination: several result rows are computed at once in lanes of their own, by a kernel that is
// taller and has zeros; the rows under a kernel become input channels; a convolution with inserted zeros
// (deconvolution) is done by one convolution without them per phase. The weight-reorder pass chooses and packs, code
// generation rebuilds the same form from the op's attributes.
#pragma once
#include "tpu_mlir/Support/Tensor.h"
#include "tpu_mlir/Target/BM1684X/Machine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace tpu_mlir::bm1684x {

/// The window of a convolution along one axis; `insert` zeros stand between input positions.
struct KernelAxis {
  int64_t kernel = 1, stride = 1, dilation = 1, padBefore = 0, insert = 0;
};

/// An axis of the rewritten convolution. Result positions form blocks of phases * positions; each phase is an
/// instruction of its own, the positions of a block are computed at once. Block i, phase f sees input positions
/// begin[f] + i * stride + t * dilation for the taps t of `kernel`.
struct FoldedAxis {
  KernelAxis source;
  int64_t phases = 1, positions = 1;
  int64_t kernel = 1, stride = 1, dilation = 1;
  llvm::SmallVector<int64_t, 4> begin;

  /// None when the inserted zeros do not repeat with the blocks.
  static std::optional<FoldedAxis> of(const KernelAxis &source, int64_t phases, int64_t positions);
  int64_t block() const { return phases * positions; }
  /// Blocks can be counted from any result position that is a multiple of this.
  int64_t grain() const;
  /// The index of the source's kernel that stands at a tap, -1 for a zero.
  int64_t sourceTap(int64_t phase, int64_t position, int64_t tap) const;
  int64_t firstBegin() const { return *llvm::min_element(begin); }
  /// Input positions between the first and the last tap of any phase.
  int64_t span() const;
  /// Whether every window of `outputs` positions covers a position of an input of `inputs`.
  bool windowsMeetInput(int64_t outputs, int64_t inputs) const;
};

/// Extents of a convolution of one group.
struct ConvExtents {
  ElementType type = ElementType::F32;
  int64_t n = 1, ic = 1, oc = 1, ih = 1, iw = 1, oh = 1, ow = 1;
};

/// What exchanging lanes and columns is charged. The vendor's model counts the lines of one lane, as if all lanes moved
/// at once (AllLanes), although it lets other moves between lanes take one line of one lane at a time (PerLane). The
/// chip may be slower than its model here: forms chosen for PerLane pay in any case.
enum class TurnPrice : uint8_t { AllLanes, PerLane };

struct ConvFolding {
  FoldedAxis h, w;
  int64_t ic = 1, oc = 1;
  bool rowsAsChannels = false; ///< input channel t * ic + i is channel i under tap t of the rows

  /// `rows` result rows at once: 1, or a power of two of which `oc` channels each fit into the lanes.
  static std::optional<ConvFolding> of(const KernelAxis &h, const KernelAxis &w, int64_t ic, int64_t oc, int64_t rows,
                                       bool rowsAsChannels);
  /// The form with the fewest cycles; none when that is the plain convolution.
  static std::optional<ConvFolding> choose(const KernelAxis &h, const KernelAxis &w, const ConvExtents &extents,
                                           TurnPrice turns = TurnPrice::AllLanes);

  int64_t rows() const { return h.positions; }
  int64_t phases() const { return h.phases * w.phases; }
  /// Lanes from one result row to the next, and channels computed.
  int64_t rowLanes() const { return rows() > 1 ? numLanes / rows() : oc; }
  int64_t outChannels() const { return rows() > 1 ? numLanes : oc; }
  int64_t inChannels() const { return rowsAsChannels ? ic * h.kernel : ic; }
  int64_t kernelRows() const { return rowsAsChannels ? 1 : h.kernel; }
  int64_t kernelArea() const { return kernelRows() * w.kernel; }
  /// Patches that meet along w: the plane's rows are read as rows of patches, which needs no stride.
  bool joinsPatches(int64_t iw, int64_t ow) const;
  /// TIU cycles of a tile or the whole, with what arranges input and result; and those with the load of the weights.
  int64_t computeCycles(const ConvExtents &extents, TurnPrice turns = TurnPrice::AllLanes) const;
  int64_t cycles(const ConvExtents &extents, TurnPrice turns = TurnPrice::AllLanes) const;
};

/// [oc, ic, kh, kw] to [1, phases * outChannels, 1, packedConvRow]. `rotated`: the kernel is turned by 180 degrees.
Tensor packFoldedWeights(const Tensor &weights, const ConvFolding &folding, bool rotated);
/// Per-channel values [words][oc] to [1, words, 1, outChannels]: the same for every row computed at once.
Tensor repeatForRows(const Tensor &values, int64_t words, const ConvFolding &folding);

/// How many groups of a grouped convolution are best computed as one, with zeros for what they do not share. The
/// extents' channels are those of a group.
int64_t groupsToJoin(const ConvExtents &extents, int64_t groups, int64_t kernelArea);
/// [oc, ic / groups, kh, kw] with `count` groups joined: [oc, count * ic / groups, kh, kw].
Tensor joinGroups(const Tensor &weights, int64_t groups, int64_t count);

} // namespace tpu_mlir::bm1684x
