// What model_tool can do with models; the command line is in main.cpp.
#pragma once
#include "tpu_mlir/BModel/Reader.h"
#include "llvm/Support/raw_ostream.h"

namespace model_tool {

/// Brief information: chip, networks, inputs and outputs, memory.
void printInfo(const tpu_mlir::bmodel::File &file, llvm::raw_ostream &os);
/// Names and ranges of the weights.
void printWeights(const tpu_mlir::bmodel::Model &model, llvm::raw_ostream &os);

/// One model with the networks of all files. Stages of networks with equal names are joined; their input shapes have to
/// differ.
llvm::Expected<tpu_mlir::bmodel::Model> combine(llvm::ArrayRef<std::string> paths);
/// Writes bm_net<i>_stage<j>.bmodel into the working directory for every stage; returns the names.
llvm::Expected<std::vector<std::string>> extract(const tpu_mlir::bmodel::Model &model);

} // namespace model_tool
