// Evaluation of Top ops: elementwise arithmetic, comparisons and functions beyond the core.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopMath.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopMathModels(MLIRContext &context) {}
