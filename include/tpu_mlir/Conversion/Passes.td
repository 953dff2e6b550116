// Passes of this room; each lives in one file named after it and has one lit test named after it.
#ifndef TPU_MLIR_CONVERSION_PASSES
#define TPU_MLIR_CONVERSION_PASSES
include "mlir/Pass/PassBase.td"

def ProcessorAssign : Pass<"processor-assign", "::mlir::ModuleOp"> {
  let summary = "Set chip, mode, devices, cores and address mode as attributes of the module";
  let description = [{
    The first step of a deployment. Every later pass reads these attributes; nothing else tells it the chip. The state
    has to be TOP_F32. Only `bm1684x` with one device and one core and the modes F32, F16 and BF16 can be chosen.
  }];
  let options = [
    Option<"chip", "chip", "std::string", "\"\"", "chip to compile for: bm1684x">,
    Option<"mode", "mode", "std::string", "\"\"", "number type of the network: F32, F16 or BF16">,
    Option<"numDevice", "num_device", "int64_t", "1", "number of devices">,
    Option<"numCore", "num_core", "int64_t", "1", "number of cores of a device">,
    Option<"addrMode", "addr_mode", "std::string", "\"auto\"", "address mode: auto or basic">,
    Option<"highPrecision", "high_precision", "bool", "false", "keep sensitive ops in f32">,
  ];
}

def ProcessorTopOptimize : Pass<"processor-top-optimize", "::mlir::ModuleOp"> {
  let summary = "Rewrite Top ops into forms that the chosen chip computes";
  let description = [{
    On BM1684X: elementwise ops of more than two inputs become chains of two-input ops.
  }];
}

def ConvertTopToTpu : Pass<"convert-top-to-tpu", "::mlir::ModuleOp"> {
  let summary = "Lower Top ops to Tpu ops in the number types of the mode";
  let description = [{
    Ops take and give tensors of the mode's type (or of the type that the quantize table names for them); weights are
    converted, and casts stand only where types meet. Inputs and results of the network stay f32.
  }];
  let dependentDialects = ["::tpu_mlir::tpu::TpuDialect"];
  let options = [
    Option<"qtable", "qtable", "std::string", "\"\"", "quantize table: lines of op name and mode (F32, F16, BF16)">,
    Option<"asymmetric", "asymmetric", "bool", "false", "asymmetric integer quantization">,
    Option<"doWinograd", "doWinograd", "bool", "false", "Winograd convolution">,
    Option<"weightFileName", "weightFileName", "std::string", "\"\"", "weight file that the module names afterwards">,
    Option<"qGroupSize", "q_group_size", "int", "0", "group size of 4- and 8-bit weights">,
    Option<"qSymmetric", "q_symmetric", "bool", "false", "symmetric quantization of weight groups">,
    Option<"matmulPerchannel", "matmul_perchannel", "bool", "false", "per-channel quantization of MatMul">,
    Option<"geluMode", "gelu_mode", "std::string", "\"normal\"", "form of GELU: normal">,
  ];
}
#endif
