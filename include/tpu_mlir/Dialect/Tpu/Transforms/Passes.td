// Passes of this room; each lives in one file named after it and has one lit test named after it.
#ifndef TPU_MLIR_TPU_PASSES
#define TPU_MLIR_TPU_PASSES
include "mlir/Pass/PassBase.td"

def WeightFold : Pass<"weight-fold", "::mlir::ModuleOp"> {
  let summary = "Evaluate ops whose operands are all weights and keep the result as a weight";
}

def StripIOQuant : Pass<"strip-io-quant", "::mlir::ModuleOp"> {
  let summary = "Remove casts at inputs and results so that the network takes and gives quantized data";
  let description = [{
    With all options off nothing changes: the network takes and gives f32. A stripped input has the type to which the
    network casts it (8 bits before half precision), a stripped result the type of the value before the cast. Positions
    in lists count from 1 and limit quant_input and quant_output to them. The int8 options need a calibrated range where
    the value is not quantized already.
  }];
  let options = [
    Option<"quantInput", "quant_input", "bool", "false", "strip the casts of all inputs">,
    Option<"quantOutput", "quant_output", "bool", "false", "strip the casts of all results">,
    Option<"quantInputList", "quant_input_list", "std::string", "\"\"", "inputs to strip, by position">,
    Option<"quantOutputList", "quant_output_list", "std::string", "\"\"", "results to strip, by position">,
    Option<"quantOutputBf16", "quant_output_bf16", "bool", "false", "give bf16 results">,
    Option<"quantInputInt8", "quant_input_int8", "bool", "false", "take int8 inputs">,
    Option<"quantOutputInt8", "quant_output_int8", "bool", "false", "give int8 results">,
  ];
}

def ProcessorTpuOptimize : Pass<"processor-tpu-optimize", "::mlir::ModuleOp"> {
  let summary = "Rewrites of Tpu ops for the chosen chip";
  let description = [{ Removes casts that undo each other and repeated casts of one value. }];
}

def WeightReorder : Pass<"weight-reorder", "::mlir::ModuleOp"> {
  let summary = "Bring weights into the layouts that the chip's instructions read";
  let description = [{
    Convolution weights become [1, oc, 1, k] rows in channel chunks, per-channel values [groups, lanes, 1, slots],
    transposed matrices are turned. The names get the suffix `_reordered`; the state becomes TPU_REORDERED.
  }];
  let options = [
    Option<"avoidPriceQuirks", "avoid_price_quirks", "bool", "false",
           "choose forms of convolutions as if exchanging lanes and columns moved one line of one lane at a time">,
  ];
}

def SubnetDivide : Pass<"subnet-divide", "::mlir::ModuleOp"> {
  let summary = "Move the body of main into functions by run mode, inside of a module per device";
  let description = [{
    Everything that is supported runs on the TPU with fixed shapes, so there is one function, `subfunc_0`.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::tpu_mlir::tpu::TpuDialect"];
  let options = [Option<"dynamic", "dynamic", "bool", "false", "shapes that change at run time">];
}

def OpReorder : Pass<"op-reorder", "::mlir::ModuleOp"> {
  let summary = "Order ops so that results die early, and move weights and views next to their first use";
  let description = [{
    The order is changed where fewer bytes are read by other ops than the one right behind their producer, and bytes of
    results times the number of ops during which they are alive do not become more.
  }];
}

def TopoSort : Pass<"topo-sort", "::mlir::ModuleOp"> {
  let summary = "Order ops so that few intermediate results are alive at a time";
  let options = [Option<"depthFirst", "depth_first", "std::string", "\"true\"", "finish one branch before the next">];
}

def AddressAssign : Pass<"address-assign", "::mlir::ModuleOp"> {
  let summary = "Give weights, inputs, results and intermediate tensors addresses in global memory";
  let description = [{
    The address is the encoding of a tensor's type. Weights start at 0x100000000, each on 4096 bytes; tensors follow and
    share memory when they are not alive together. Views have the address of their operand; the operands of a
    concatenation are placed inside of its result where that is possible.
  }];
  let options = [
    Option<"reuseAddr", "reuse_addr", "bool", "true", "tensors that are not alive together share memory">,
    Option<"mergeWeight", "merge_weight", "bool", "false", "merge the weights of several models">,
    Option<"compressWeight", "compress_weight", "bool", "true", "compress weights where the chip can; bm1684x cannot">,
    Option<"weightMapFile", "weight_map_file", "std::string", "\"_weight_map.csv\"", "file for merge_weight">,
    Option<"iomemSet", "iomem_set", "std::string", "\"\"", "fixed addresses of inputs and results">,
    Option<"sameAddr", "same_addr", "std::string", "\"\"", "inputs and results that share an address">,
    Option<"saveIOAloneConfig", "save_io_alone_config", "std::string", "\"\"", "file for an address plan">,
    Option<"useIOAloneConfig", "use_io_alone_config", "std::string", "\"\"", "address plan to follow">,
  ];
}
#endif
