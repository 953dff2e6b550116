// Evaluation of Top ops: shapes, splitting, joining and filling.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopTensorModels(MLIRContext &context) {}
