// Evaluation of Top ops: preprocessing of pictures.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopImage.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopImageModels(MLIRContext &context) {}
