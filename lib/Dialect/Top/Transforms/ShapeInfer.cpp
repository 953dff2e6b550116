// shape-infer: see Passes.td.
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"

namespace tpu_mlir::top {
#define GEN_PASS_DEF_SHAPEINFER
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h.inc"

namespace {
struct ShapeInfer : public impl::ShapeInferBase<ShapeInfer> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<mlir::func::FuncOp>())
      if (mlir::failed(inferFunctionShapes(function)))
        return signalPassFailure();
  }
};
} // namespace
} // namespace tpu_mlir::top
