// tpuc-opt: parses, transforms and prints .mlir files of the Top and Tpu dialects.
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tpu_mlir/InitAll.h"

int main(int argc, char **argv) {
  tpu_mlir::registerAllPasses();
  mlir::DialectRegistry registry;
  tpu_mlir::registerAllDialects(registry);
  return mlir::failed(mlir::MlirOptMain(argc, argv, "tpu-mlir optimizer\n", registry));
}
