// Orders of ops and the lifetimes of their results.
#include "Lifetimes.h"

#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/MemorySharing.h"
#include "tpu_mlir/Interfaces/PlacementInterface.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace tpu_mlir;

namespace {

bool isConstant(Operation *op) { return isa<top::WeightOp, top::NoneOp>(op); }

/// What a view shows, through all views.
Value shownBy(Value value) {
  while (auto op = dyn_cast_or_null<PlacementInterface>(value.getDefiningOp())) {
    Placement placement = op.placement();
    if (placement.kind != Placement::View)
      break;
    value = op->getOperand(placement.operand);
  }
  return value;
}

/// The tensors that an op, with what is in its regions, reads; each once, views resolved.
llvm::SmallVector<Value> readsOf(Operation *op) {
  llvm::SmallVector<Value> reads;
  op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (Value value = shownBy(operand); tpu::ownsMemory(value) && !llvm::is_contained(reads, value))
        reads.push_back(value);
  });
  return reads;
}

bool isView(Operation *op) { return op->getNumResults() == 1 && shownBy(op->getResult(0)) != op->getResult(0); }

int64_t bytesMade(Operation *op) {
  int64_t bytes = 0;
  for (Value result : op->getResults())
    if (tpu::ownsMemory(result) && shownBy(result) == result)
      bytes += tpu::bytesOf(result);
  return bytes;
}

/// List scheduling by live bytes.
class Scheduler {
public:
  explicit Scheduler(Block &block) : ops(tpu::computedOps(block)), block(block) {
    for (auto [index, op] : llvm::enumerate(ops))
      numbers[op] = index;
    waits.resize(ops.size());
    users.resize(ops.size());
    for (auto [index, op] : llvm::enumerate(ops))
      for (size_t before : producersOf(op)) {
        ++waits[index];
        users[before].push_back(index);
      }
    for (Operation *op : ops)
      for (Value value : readsOf(op))
        ++readsLeft[value];
    for (Value value : block.getTerminator()->getOperands())
      ++readsLeft[shownBy(value)]; // results never die
  }

  std::vector<Operation *> run() {
    std::vector<size_t> ready;
    std::vector<int64_t> enabled(ops.size(), -1); // when the last operand was made
    for (size_t i = 0; i < ops.size(); ++i)
      if (waits[i] == 0)
        ready.push_back(i);
    std::vector<Operation *> order;
    while (!ready.empty()) {
      auto best = llvm::min_element(ready, [&](size_t a, size_t b) {
        return std::tuple(growth(ops[a]), -enabled[a], a) < std::tuple(growth(ops[b]), -enabled[b], b);
      });
      size_t taken = *best;
      ready.erase(best);
      for (Value value : readsOf(ops[taken]))
        --readsLeft[value];
      for (size_t user : users[taken]) {
        enabled[user] = static_cast<int64_t>(order.size());
        if (--waits[user] == 0)
          ready.push_back(user);
      }
      order.push_back(ops[taken]);
    }
    return order;
  }

private:
  /// The ops of the block that an op waits for; an op counts once.
  llvm::SmallVector<size_t> producersOf(Operation *op) const {
    llvm::SmallVector<size_t> producers;
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands())
        if (Operation *def = operand.getDefiningOp())
          if (auto it = numbers.find(def); it != numbers.end() && !llvm::is_contained(producers, it->second))
            producers.push_back(it->second);
    });
    return producers;
  }

  /// Bytes alive after the op less those before it.
  int64_t growth(Operation *op) const {
    int64_t bytes = bytesMade(op);
    for (Value value : readsOf(op))
      if (readsLeft.lookup(value) == 1)
        bytes -= tpu::bytesOf(value);
    return bytes;
  }

  std::vector<Operation *> ops;
  Block &block;
  llvm::DenseMap<Operation *, size_t> numbers;
  std::vector<int> waits;
  std::vector<std::vector<size_t>> users;
  llvm::DenseMap<Value, int> readsLeft;
};

} // namespace

std::vector<Operation *> tpu::computedOps(Block &block) {
  std::vector<Operation *> ops;
  for (Operation &op : block)
    if (!isConstant(&op) && !op.hasTrait<OpTrait::IsTerminator>())
      ops.push_back(&op);
  return ops;
}

tpu::OrderCost tpu::costOf(llvm::ArrayRef<Operation *> order, Block &block) {
  struct Life {
    int64_t first, last;
  };
  OrderCost cost;
  llvm::MapVector<Value, Life> lives;
  int64_t step = 0;
  for (Operation *op : order) {
    if (isView(op))
      continue;
    ++step;
    for (Value value : readsOf(op))
      if (auto it = lives.find(value); it != lives.end()) {
        it->second.last = step;
        if (it->second.first + 1 < step)
          cost.laterReads += bytesOf(value);
      }
    for (Value result : op->getResults())
      if (ownsMemory(result))
        lives[result] = {step, step};
  }
  for (Value value : block.getTerminator()->getOperands())
    if (auto it = lives.find(shownBy(value)); it != lives.end())
      it->second.last = step;
  for (auto &[value, life] : lives)
    cost.lifetimes += bytesOf(value) * (life.last - life.first);
  return cost;
}

std::vector<Operation *> tpu::greedyOrder(Block &block) { return Scheduler(block).run(); }

void tpu::applyOrder(llvm::ArrayRef<Operation *> order, Block &block) {
  for (Operation *op : order)
    op->moveBefore(block.getTerminator());
}
