// Passes of this room; each lives in one file named after it and has one lit test named after it.
#ifndef TPU_MLIR_CODEGEN_PASSES
#define TPU_MLIR_CODEGEN_PASSES
include "mlir/Pass/PassBase.td"

def LayerGroup : Pass<"layer-group", "::mlir::ModuleOp"> {
  let summary = "Join neighbouring ops whose intermediate tensors stay in local memory";
  let description = [{
    Searches groups, slices and tiles by estimated cycles, or takes them from a plan file or a cache, and writes them
    into the module: groups as tpu.Group with tpu.Load, tpu.Store and the placement of every member (`ginfo`), tiles of
    lone ops as attributes. Code generation does what the module then says. The state stays TPU_DIVIDED.
  }];
  let dependentDialects = ["::tpu_mlir::top::TopDialect", "::tpu_mlir::tpu::TpuDialect"];
  let options = [
    Option<"opt", "opt", "int64_t", "2",
           "0: every op alone, 1: chains of elementwise ops, 2: groups by search, 3: and refined on the whole network">,
    Option<"groupByCores", "group_by_cores", "std::string", "\"auto\"", "split for cores: auto or false">,
    Option<"compressMode", "compress_mode", "std::string", "\"none\"", "compression: none">,
    Option<"lgcache", "lgcache", "std::string", "\"true\"", "use the plan in lgcache_filename, and keep it there">,
    Option<"lgcacheFilename", "lgcache_filename", "std::string", "\"\"", "file that keeps the plan of the last compile">,
    Option<"enableLghash", "enable_lghash", "std::string", "\"false\"", "keep plans of all compiles in lghash_dir">,
    Option<"lghashDir", "lghash_dir", "std::string", "\"\"", "folder of plans, found by their content">,
    Option<"debugger", "debugger", "int64_t", "0", "1: write the groups as text to debugger_filename">,
    Option<"debuggerFilename", "debugger_filename", "std::string", "\"\"", "file for the groups">,
    Option<"disableGroupOverlap", "disable_group_overlap", "bool", "false",
           "load for a group only when the one before it is done">,
    Option<"configFilename", "config_filename", "std::string", "\"\"", "file with the plan to follow">,
    Option<"budget", "budget", "int64_t", "262144", "bytes of local memory per lane that groups may use">,
  ];
}

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
