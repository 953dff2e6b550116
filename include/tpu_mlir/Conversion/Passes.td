// Passes of this room; each lives in one file named after it and has one lit test named after it.
#ifndef TPU_MLIR_CONVERSION_PASSES
#define TPU_MLIR_CONVERSION_PASSES
include "mlir/Pass/PassBase.td"

def ProcessorAssign : Pass<"processor-assign", "::mlir::ModuleOp"> {
  let summary = "Set chip, mode, devices, cores and address mode as attributes of the module";
  let description = [{
    The first step of a deployment. Every later pass reads these attributes; nothing else tells it the chip. The state
    has to be TOP_F32 or TOP_CALIBRATED. Only `bm1684x` with one device and one core can be chosen. The mode is the
    number type of the values: F32, F16, BF16, INT8 (needs calibrated ranges, or a network with scales of its
    own), or F16 and BF16 with integer weights: W8F16, W8BF16, W4F16, W4BF16.
  }];
  let options = [
    Option<"chip", "chip", "std::string", "\"\"", "chip to compile for: bm1684x">,
    Option<"mode", "mode", "std::string", "\"\"", "F32, F16, BF16, INT8, W8F16, W8BF16, W4F16 or W4BF16">,
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

    In mode INT8, networks that were quantized before get types in place of QuantizeLinear and DequantizeLinear, and the
    state TOP_QUANTIZED; they need no calibration table:

    1. Consumers of a DequantizeLinear take the integers of the QuantizeLinear in front, if both have the same scale and
       zero point; results of the network stay real.
    2. A value that only a QuantizeLinear uses gets its type and name.
    3. Ops that move values pass the type on to a result without one, and back to an operand that only they use.
  }];
}

def ConvertTopToTpu : Pass<"convert-top-to-tpu", "::mlir::ModuleOp"> {
  let summary = "Lower Top ops to Tpu ops in the number types of the mode";
  let description = [{
    Ops take and give tensors of the mode's type (or of the type that the quantize table names for them); weights are
    converted, and casts stand only where types meet. Inputs and results of the network stay f32.

    In mode INT8 a value gets the 8-bit type of its calibrated range. Convolutions, matrix products and pools compute in
    integers and rescale their result; functions of one value become tables; arithmetic dequantizes, computes in f32 and
    quantizes; moves take and give the operand's type. Ops without such a form run in F16, or in F32 where a range
    exceeds F16. A value that is `!quant.uniform` before keeps its type, in any mode.
  }];
  let dependentDialects = ["::tpu_mlir::tpu::TpuDialect"];
  let options = [
    Option<"qtable", "qtable", "std::string", "\"\"", "quantize table: lines of op name and mode (F32, F16, BF16, INT8)">,
    Option<"asymmetric", "asymmetric", "bool", "false", "ranges with negative values get a zero point">,
    Option<"doWinograd", "doWinograd", "bool", "false", "Winograd convolution">,
    Option<"weightFileName", "weightFileName", "std::string", "\"\"", "weight file that the module names afterwards">,
    Option<"qGroupSize", "q_group_size", "int", "0", "group size of 4- and 8-bit weights">,
    Option<"qSymmetric", "q_symmetric", "bool", "false", "symmetric quantization of weight groups">,
    Option<"matmulPerchannel", "matmul_perchannel", "bool", "false", "one scale per column of MatMul, which is always so">,
    Option<"geluMode", "gelu_mode", "std::string", "\"normal\"", "form of GELU: normal">,
    Option<"quantMode", "quant_mode", "std::string", "\"OnlyScale\"",
           "rescaling of integer results: OnlyScale (by an f32 factor) or MultiplierShift (by integers)">,
    Option<"quantOutput", "quant_output", "bool", "false",
           "8-bit network results stay so (strip-io-quant will take their casts away)">,
  ];
}
#endif
