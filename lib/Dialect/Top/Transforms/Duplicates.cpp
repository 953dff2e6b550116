#include "Duplicates.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include "llvm/ADT/Hashing.h"

#include <cstring>
#include <unordered_map>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

LogicalResult top::mergeEqualWeights(Block &block) {
  // Only hashes are kept: all values beside each other would be the whole network.
  std::unordered_multimap<size_t, WeightOp> known;
  for (WeightOp weight : llvm::make_early_inc_range(block.getOps<WeightOp>())) {
    if (weight->use_empty())
      continue;
    FailureOr<Tensor> value = readWeight(weight);
    if (failed(value))
      return failure();
    StringRef bytes(reinterpret_cast<const char *>(value->data<uint8_t>()), value->bytes());
    size_t hash = llvm::hash_combine(bytes, weight.getOutput().getType().getAsOpaquePointer());
    auto [begin, end] = known.equal_range(hash);
    auto same = std::find_if(begin, end, [&](const auto &entry) {
      WeightOp op = entry.second;
      if (op.getOutput().getType() != weight.getOutput().getType() || op->getAttrs() != weight->getAttrs())
        return false;
      FailureOr<Tensor> other = readWeight(op);
      return succeeded(other) && other->bytes() == value->bytes() &&
             !std::memcmp(other->data<uint8_t>(), bytes.data(), bytes.size());
    });
    if (same == end) {
      known.emplace(hash, weight);
      continue;
    }
    weight.getOutput().replaceAllUsesWith(same->second.getOutput());
    weight.erase();
  }
  return success();
}

namespace {
struct Same {
  static llvm::hash_code hash(Operation *op) {
    return OperationEquivalence::computeHash(op, OperationEquivalence::directHashValue,
                                             OperationEquivalence::ignoreHashValue,
                                             OperationEquivalence::IgnoreLocations);
  }
  static bool equal(Operation *a, Operation *b) {
    return OperationEquivalence::isEquivalentTo(a, b, OperationEquivalence::IgnoreLocations);
  }
};
} // namespace

static bool hasOutput(Operation *op) { return llvm::any_of(op->getResults(), isNetworkOutput); }

void top::mergeEqualOps(Block &block) {
  std::unordered_multimap<size_t, Operation *> known;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    // Weights are compared by value (mergeEqualWeights), inputs are all different.
    if (isa<WeightOp, InputOp>(op) || !isMemoryEffectFree(&op) || op.getNumResults() == 0)
      continue;
    size_t hash = Same::hash(&op);
    auto [begin, end] = known.equal_range(hash);
    auto same = std::find_if(begin, end, [&](const auto &entry) { return Same::equal(entry.second, &op); });
    if (same == end) {
      known.emplace(hash, &op);
      continue;
    }
    Operation *first = same->second;
    if (hasOutput(&op) && hasOutput(first))
      continue;
    if (hasOutput(&op))
      first->setLoc(op.getLoc());
    op.replaceAllUsesWith(first);
    op.erase();
  }
}

void top::removeDeadOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op) && !isa<InputOp>(op))
      op.erase();
}
