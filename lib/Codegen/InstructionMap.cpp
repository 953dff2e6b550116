// Writes the map from instructions to ops as runs of equal ops, one list per engine in the order of its stream.
#include "tpu_mlir/Codegen/InstructionMap.h"

#include "tpu_mlir/Codegen/Context.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include "llvm/Support/JSON.h"

#include <functional>
#include <map>
#include <numeric>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::Engine;

namespace {

constexpr StringLiteral engineKeys[] = {"tiu", "gdma"}; // by Engine

bool isComputed(Operation *op) {
  return isa<tpu::TpuDialect>(op->getDialect()) && op->getNumResults() &&
         !isa<tpu::YieldOp, tpu::GroupOp, tpu::LoadOp, tpu::StoreOp>(op);
}

int64_t product(ArrayRef<int64_t> values) {
  return std::accumulate(values.begin(), values.end(), int64_t{1}, std::multiplies<>());
}
int64_t product(ArrayAttr values) {
  int64_t result = 1;
  for (Attribute value : values)
    result *= cast<IntegerAttr>(value).getInt();
  return result;
}
ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }

/// Multiply-adds that the op needs, without zeros that fill its filter up and without what slices compute again; 0 for
/// ops that do no products.
int64_t multiplyAdds(Operation *op) {
  if (auto conv = dyn_cast<tpu::Conv2DOp>(op))
    return product(shapeOf(conv.getOutput())) * (shapeOf(conv.getInput())[1] / conv.getGroup()) *
           product(conv.getKernelShape());
  if (auto deconv = dyn_cast<tpu::DeconvOp>(op))
    return product(shapeOf(deconv.getInput())) * (shapeOf(deconv.getOutput())[1] / deconv.getGroup()) *
           product(deconv.getKernelShape());
  if (auto matmul = dyn_cast<tpu::MatMulOp>(op)) {
    ArrayRef<int64_t> left = shapeOf(matmul.getInput());
    bool isTransposed = matmul.getLeftTranspose() && left.size() >= 2;
    return product(shapeOf(matmul.getOutput())) *
           (isTransposed ? left[matmul.getHdimIsBatch() ? 1 : left.size() - 2] : left.back());
  }
  if (auto matmul = dyn_cast<tpu::A16MatMulOp>(op))
    return product(shapeOf(matmul.getOutput())) * shapeOf(matmul.getInput()).back();
  return 0;
}

llvm::json::Object describe(Operation *op, int64_t group) {
  Value result = op->getResult(0);
  llvm::json::Object entry{{"name", top::nameOf(result).str()}, {"type", op->getName().getStringRef().str()}};
  if (auto type = dyn_cast<RankedTensorType>(result.getType())) {
    llvm::json::Array shape;
    for (int64_t extent : type.getShape())
      shape.push_back(extent);
    entry["shape"] = std::move(shape);
    entry["dtype"] = std::string(tpu_mlir::name(codegen::elementTypeOf(type)));
  }
  if (group >= 0)
    entry["group"] = group;
  if (int64_t count = multiplyAdds(op))
    entry["macs"] = count;
  return entry;
}

/// Ops of one engine's instructions as [op, count, op, count, …].
class Runs {
public:
  void add(int64_t op) {
    if (count && op != last)
      flush();
    last = op;
    ++count;
  }
  llvm::json::Array take() {
    if (count)
      flush();
    return std::move(list);
  }

private:
  void flush() {
    list.push_back(last);
    list.push_back(count);
    count = 0;
  }
  llvm::json::Array list;
  int64_t last = -1, count = 0;
};

/// Ids of the instructions of every op as [[first, last], …]; ids count from 1 in every command group.
std::map<int64_t, llvm::json::Array> idsByOp(const llvm::json::Array &runs) {
  std::map<int64_t, llvm::json::Array> ids;
  int64_t next = 1;
  for (size_t i = 0; i + 1 < runs.size(); i += 2) {
    int64_t op = runs[i].getAsInteger().value_or(-1), count = runs[i + 1].getAsInteger().value_or(0);
    ids[op].push_back(llvm::json::Array{next, next + count - 1});
    next += count;
  }
  return ids;
}

} // namespace

std::string codegen::instructionMap(func::FuncOp function, const bm1684x::Program &program) {
  llvm::json::Array ops;
  llvm::StringMap<int64_t> indexOf;
  llvm::DenseMap<Operation *, int64_t> groups;
  function.walk([&](Operation *op) {
    if (!isComputed(op))
      return;
    int64_t group = -1;
    if (auto parent = op->getParentOfType<tpu::GroupOp>())
      group = groups.try_emplace(parent, static_cast<int64_t>(groups.size())).first->second;
    if (indexOf.try_emplace(top::nameOf(op->getResult(0)), static_cast<int64_t>(ops.size())).second)
      ops.push_back(describe(op, group));
  });
  std::vector<int64_t> opOf;
  for (const std::string &context : program.contexts) {
    auto found = indexOf.find(context);
    opOf.push_back(found == indexOf.end() ? -1 : found->second);
  }
  Runs runs[2];
  for (auto [instruction, context] : llvm::zip_equal(program.instructions, program.contextOf))
    runs[static_cast<size_t>(instruction.engine())].add(opOf[context]);
  llvm::json::Object group;
  for (size_t engine = 0; engine < 2; ++engine)
    group[engineKeys[engine]] = runs[engine].take();
  llvm::json::Object map{{"format", "tpu-mlir instruction map"},
                         {"version", 1},
                         {"ops", std::move(ops)},
                         {"groups", llvm::json::Array{std::move(group)}}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(map));
  return text;
}

std::string codegen::addInstructionIds(const std::string &locations, StringRef map) {
  llvm::Expected<llvm::json::Value> list = llvm::json::parse(locations), runs = llvm::json::parse(map);
  llvm::consumeError(list.takeError());
  llvm::consumeError(runs.takeError());
  if (!list || !runs || !list->getAsArray() || !runs->getAsObject())
    return locations;
  const llvm::json::Array *ops = runs->getAsObject()->getArray("ops");
  const llvm::json::Array *groups = runs->getAsObject()->getArray("groups");
  if (!ops || !groups || groups->empty())
    return locations;
  llvm::StringMap<int64_t> indexOf;
  for (auto [index, op] : llvm::enumerate(*ops))
    if (auto name = op.getAsObject() ? op.getAsObject()->getString("name") : std::nullopt)
      indexOf[*name] = static_cast<int64_t>(index);
  std::map<int64_t, llvm::json::Array> ids[2];
  for (size_t engine = 0; engine < 2; ++engine)
    if (const llvm::json::Object *group = groups->front().getAsObject())
      if (const llvm::json::Array *found = group->getArray(engineKeys[engine]))
        ids[engine] = idsByOp(*found);
  for (llvm::json::Value &value : *list->getAsArray()) {
    llvm::json::Object *entry = value.getAsObject();
    llvm::json::Array *results = entry ? entry->getArray("results") : nullptr;
    llvm::json::Object *result = results && !results->empty() ? results->front().getAsObject() : nullptr;
    auto index = result ? indexOf.find(result->getString("name").value_or("")) : indexOf.end();
    // A tpu.Store has the name of what it stores.
    if (index == indexOf.end() || entry->getString("opcode") != (*ops)[index->second].getAsObject()->getString("type"))
      continue;
    for (size_t engine = 0; engine < 2; ++engine)
      (*entry)[(engineKeys[engine] + "_ids").str()] = std::move(ids[engine][index->second]);
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}", *list) << "\n";
  return text;
}
