// import-calibration-table: see Passes.td.
#include "CalibrationTable.h"
#include "RangePropagation.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <algorithm>

using namespace mlir;

namespace tpu_mlir::top {
#define GEN_PASS_DEF_IMPORTCALIBRATIONTABLE
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h.inc"

namespace {
struct ImportCalibrationTable : public impl::ImportCalibrationTableBase<ImportCalibrationTable> {
  using ImportCalibrationTableBase::ImportCalibrationTableBase;

  LogicalResult check(ModuleOp module) {
    auto refuse = [&](const Twine &text) { return emitError(module.getLoc(), "import-calibration-table: ") << text; };
    auto state = module->getAttrOfType<StringAttr>("module.state");
    if (!state || (state.getValue() != "TOP_F32" && state.getValue() != "TOP_CALIBRATED"))
      return refuse("the module is not in state TOP_F32; give the file that model_transform wrote");
    if (file.empty())
      return refuse("file is missing; give the table that run_calibration wrote");
    return success();
  }

  /// The range of a value by the table, or nothing.
  std::optional<Range> rangeOf(Operation *op, StringRef name, const CalibrationTable &table) {
    if (std::optional<Range> fixed = fixedRange(op))
      return fixed;
    auto found = table.entries.find(name);
    if (found == table.entries.end())
      return std::nullopt;
    const CalibrationEntry &entry = found->second;
    Range range = entry.range;
    if (!asymmetric && !table.asymmetric.contains(name))
      range = {entry.range.min >= 0 ? 0.0 : -entry.threshold, entry.threshold};
    return limitRange(op, range);
  }

  void calibrate(func::FuncOp function, const CalibrationTable &table) {
    SmallVector<Operation *> ops;
    function.walk([&](Operation *op) {
      if (isa<TopDialect>(op->getDialect()) && !isa<NoneOp, WeightOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      for (Value result : op->getResults()) {
        StringRef name = nameOf(result);
        used.insert(name);
        if (!isa<RankedTensorType>(result.getType()) || elementTypeOf(result.getType()) != ElementType::F32 ||
            isQuantized(result))
          continue;
        if (std::optional<Range> range = rangeOf(op, name, table))
          setRange(result, *range);
      }
    propagateRanges(ops);
    for (Operation *op : ops)
      for (Value result : op->getResults())
        if (elementTypeOf(result.getType()) == ElementType::F32 && !calibratedRangeOf(result.getType()))
          without.push_back(nameOf(result).str());
    for (Block &block : function.getBody())
      function.setType(FunctionType::get(function.getContext(), function.getArgumentTypes(),
                                         block.getTerminator()->getOperandTypes()));
  }

  /// Says how many names there are and lists a few.
  void report(ModuleOp module, ArrayRef<std::string> names, StringRef what) {
    if (names.empty())
      return;
    std::string list;
    for (const std::string &name : names.take_front(5))
      list += (list.empty() ? "'" : ", '") + name + "'";
    emitWarning(module.getLoc(), "import-calibration-table: ")
        << names.size() << " " << what << " '" << file << "': " << list << (names.size() > 5 ? ", ..." : "");
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(check(module)))
      return signalPassFailure();
    llvm::Expected<CalibrationTable> table = readCalibrationTable(file);
    if (!table) {
      emitError(module.getLoc(), "import-calibration-table: ") << llvm::toString(table.takeError());
      return signalPassFailure();
    }
    used.clear();
    without.clear();
    for (auto function : module.getOps<func::FuncOp>())
      calibrate(function, *table);
    std::vector<std::string> unknown;
    for (const auto &entry : table->entries)
      if (!used.contains(entry.getKey()))
        unknown.push_back(entry.getKey().str());
    std::sort(unknown.begin(), unknown.end());
    if (!table->entries.empty() && unknown.size() == table->entries.size()) {
      emitError(module.getLoc(), "import-calibration-table: '")
          << file << "' has no name of this model; it is the table of another one";
      return signalPassFailure();
    }
    report(module, unknown, "names that the model lacks are in");
    report(module, without, "values of the model have no range in");
    module->setAttr("module.state", StringAttr::get(&getContext(), "TOP_CALIBRATED"));
  }

  llvm::StringSet<> used;
  std::vector<std::string> without;
};
} // namespace
} // namespace tpu_mlir::top
