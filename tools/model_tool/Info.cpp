// What model_tool prints about a model.
#include "ModelTool.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include <set>

using namespace llvm;
using namespace tpu_mlir::bmodel;

namespace model_tool {
namespace {

struct MemoryUse {
  uint64_t weights = 0, instructions = 0, runtime = 0, hostRuntime = 0, hostWeights = 0;
};

MemoryUse memoryOf(const Model &model) {
  MemoryUse use;
  std::set<std::vector<uint8_t>> seen; // equal weights are loaded once
  for (const Net &net : model.nets) {
    uint64_t context = 0;
    for (const Stage &stage : net.stages) {
      if (stage.coefficients && seen.insert(stage.coefficients->checkCode).second)
        use.weights += stage.coefficients->data.size();
      context = std::max(context, stage.contextBytes() + stage.ioBytes);
      use.hostRuntime += stage.hostBytes;
      if (stage.ir)
        use.instructions += stage.ir->size();
      for (const SubNet &subNet : stage.subNets) {
        for (const CommandGroup &group : subNet.groups)
          use.instructions += group.tiu.size() + group.gdma.size();
        for (const CpuOperator &op : subNet.cpuOperators)
          for (const CpuConstant &constant : op.constants)
            use.hostWeights += constant.data ? constant.data->size() : 0;
      }
    }
    use.runtime += context;
  }
  return use;
}

void printTensor(const Tensor &tensor, StringRef role, raw_ostream &os) {
  os << role << ": " << tensor.name << ", [";
  interleave(tensor.shape(), os, [&](uint64_t extent) { os << extent; }, ", ");
  os << "], " << name(tensor.type) << ", scale: " << format("%g", tensor.scale) << ", zero_point: " << tensor.zeroPoint
     << '\n';
}

} // namespace

void printInfo(const File &file, raw_ostream &os) {
  const Model &model = file.model;
  os << "bmodel version: " << model.type << '.' << model.version << "\nchip: " << model.chip << '\n';
  if (!model.time.empty())
    os << "create time: " << StringRef(model.time).rtrim() << '\n';
  os << '\n';
  if (model.kernelModule && model.kernelModule->binary.size())
    os << "kernel_module name: " << model.kernelModule->fileName
       << "\nkernel_module size: " << model.kernelModule->binary.size() << '\n';
  for (auto [index, net] : enumerate(model.nets)) {
    bool isDynamic = any_of(net.stages, [](const Stage &stage) { return stage.isDynamic != 0; });
    os << "==========================================\nnet " << index << ": [" << net.name << "]  "
       << (isDynamic ? "dynamic" : "static") << '\n';
    for (auto [number, stage] : enumerate(net.stages)) {
      os << "------------\nstage " << number << ", core num: " << stage.cores << '\n';
      for (const Tensor &tensor : stage.inputs)
        printTensor(tensor, "input", os);
      for (const Tensor &tensor : stage.outputs)
        printTensor(tensor, "output", os);
    }
  }
  MemoryUse use = memoryOf(model);
  os << "\ndevice mem size: " << use.weights + use.instructions + use.runtime << " (weight: " << use.weights
     << ", instruct: " << use.instructions << ", runtime: " << use.runtime
     << ")\nhost mem size: " << use.hostWeights + use.hostRuntime << " (weight: " << use.hostWeights
     << ", runtime: " << use.hostRuntime << ")\n";
  os << (file.isPageAligned ? "bmodel is 4k aligned\n" : "bmodel is not 4k aligned\n");
}

void printWeights(const Model &model, raw_ostream &os) {
  for (auto [index, net] : enumerate(model.nets))
    for (auto [number, stage] : enumerate(net.stages)) {
      os << "net " << index << " : \"" << net.name << "\", stage:" << number << "\n-------------------------------\n";
      if (!stage.coefficients)
        continue;
      for (const Location &location : stage.coefficients->locations)
        os << location.name << " : [0x" << utohexstr(location.offset, true) << ", 0x"
           << utohexstr(location.offset + location.bytes, true) << ")\n";
    }
}

} // namespace model_tool
