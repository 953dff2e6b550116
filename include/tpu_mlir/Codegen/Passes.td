// Passes of this room; each lives in one file named after it and has one lit test named after it.
#ifndef TPU_MLIR_CODEGEN_PASSES
#define TPU_MLIR_CODEGEN_PASSES
include "mlir/Pass/PassBase.td"

def Codegen : Pass<"codegen", "::mlir::ModuleOp"> {
  let summary = "Write the module as bmodel";
  let description = [{
    The module is in state TPU_ADDRESSED. Every op of subfunc_0 becomes instructions, which go into the file together
    with the weights and the descriptions of inputs and results. Beside the file a JSON file with the place of every
    tensor is written, unless `bmodel_only` is set. Files are written to a temporary name and renamed.
  }];
  let options = [
    Option<"modelFile", "model_file", "std::string", "\"\"", "file to write">,
    Option<"embedDebugInfo", "embed_debug_info", "bool", "false", "keep the places of tensors in the model file, too">,
    Option<"modelVersion", "model_version", "std::string", "\"lastest\"", "format version: lastest or latest">,
    Option<"bmodelOnly", "bmodel_only", "bool", "false", "do not write files beside the model">,
    Option<"gdmaCheck", "gdma_check", "bool", "true", "check moves; they are checked always">,
    Option<"reorder", "reorder", "bool", "true", "move instructions ahead of others where that takes fewer cycles">,
    Option<"avoidPriceQuirks", "avoid_price_quirks", "bool", "false",
           "move tensors in the plain form where another one only pays because of how the cycle model prices it">,
    Option<"rvti", "rvti", "bool", "false", "RISC-V tensor instructions; bm1684x has none">,
  ];
}
#endif
