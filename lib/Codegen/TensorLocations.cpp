// The list of ops with the places of their tensors, in global memory or in the lanes, that stands beside a model.
#include "tpu_mlir/Codegen/Compile.h"

#include "tpu_mlir/Codegen/Context.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

bool isInGroup(Operation *op) { return op && isa<tpu::GroupOp>(op->getParentOp()); }

/// Whether the value is in local memory: what a group loads or computes, and does not store.
bool isLocal(Value value) {
  Operation *op = value.getDefiningOp();
  return isInGroup(op) && !isa<tpu::StoreOp>(op);
}

/// "[begin:end, …]" of the first slice along n, c, d, h, w.
std::string sliceText(tpu::LayerGroupAttr info) {
  std::string text = "[";
  for (auto [index, size] : {std::pair(info.getNIdx(), info.getNSlice()),
                             {info.getCIdx(), info.getCSlice()},
                             {info.getDIdx(), info.getDSlice()},
                             {info.getHIdx(), info.getHSlice()},
                             {info.getWIdx(), info.getWSlice()}}) {
    int64_t begin = index.empty() ? 0 : index.front(), extent = size.empty() ? 0 : size.front();
    text += llvm::formatv("{0}{1}:{2}", text.size() > 1 ? ", " : "", begin, begin + extent).str();
  }
  return text + "]";
}

llvm::json::Object locationOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  llvm::json::Array shape;
  for (int64_t extent : type.getShape())
    shape.push_back(extent);
  llvm::json::Object location{{"name", top::nameOf(value).str()},
                              {"shape", std::move(shape)},
                              {"type", std::string(tpu_mlir::name(codegen::elementTypeOf(type)))}};
  if (!isLocal(value)) {
    location["address"] = CodegenContext().addressOf(value);
    location["memory_type"] = isWeight(value) ? "coeff" : "neuron";
    location["layout"] = "continuous";
    return location;
  }
  location["memory_type"] = "local";
  if (auto info = value.getDefiningOp()->getAttrOfType<tpu::LayerGroupAttr>("ginfo")) {
    location["address"] = info.getOutAddr(); // byte of every lane
    location["layout"] = info.getEuAlign() ? "eu_align" : "compact";
    location["slice"] = sliceText(info);
  }
  return location;
}

llvm::json::Array locationsOf(ValueRange values) {
  llvm::json::Array list;
  for (Value value : values)
    if (isa<RankedTensorType>(value.getType()))
      list.push_back(locationOf(value));
  return list;
}

} // namespace

std::string codegen::tensorLocations(ModuleOp module) {
  llvm::json::Array ops;
  for (func::FuncOp function : tpu::computeFunctions(module))
    function.walk([&](Operation *op) {
      if (isa<tpu::TpuDialect>(op->getDialect()) && !isa<tpu::YieldOp, tpu::GroupOp>(op))
        ops.push_back(llvm::json::Object{{"opcode", op->getName().getStringRef().str()},
                                         {"subnet_id", 0},
                                         {"core_id", 0},
                                         {"is_local", isInGroup(op)},
                                         {"operands", locationsOf(op->getOperands())},
                                         {"results", locationsOf(op->getResults())}});
    });
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv("{0:2}", llvm::json::Value(std::move(ops))) << "\n";
  return text;
}
