// Several models into one, one into several.
#include "ModelTool.h"
#include "tpu_mlir/BModel/Writer.h"
#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace tpu_mlir::bmodel;

namespace model_tool {
namespace {

bool sameShapes(const std::vector<Tensor> &a, const std::vector<Tensor> &b) {
  return a.size() == b.size() &&
         all_of(zip(a, b), [](auto pair) { return std::get<0>(pair).shapes == std::get<1>(pair).shapes; });
}

bool sameInterface(const std::vector<Tensor> &a, const std::vector<Tensor> &b) {
  return a.size() == b.size() && all_of(zip(a, b), [](auto pair) {
           return std::get<0>(pair).name == std::get<1>(pair).name && std::get<0>(pair).type == std::get<1>(pair).type;
         });
}

/// Adds the stages of `from` to the network of the same name.
Error addStages(Net &to, const Net &from, StringRef path) {
  auto error = [&](const Twine &what) {
    return createStringError(path + ": net '" + Twine(from.name) +
                             "' cannot be added to the one of the same name: " + what);
  };
  if (to.addressMode != from.addressMode)
    return error("they use different address modes");
  for (const Stage &stage : from.stages) {
    for (const Stage &present : to.stages) {
      if (!sameInterface(stage.inputs, present.inputs) || !sameInterface(stage.outputs, present.outputs))
        return error("their inputs or outputs differ in name or type");
      if (sameShapes(stage.inputs, present.inputs))
        return error("both are compiled for the same input shapes");
    }
    to.stages.push_back(stage);
  }
  return Error::success();
}

} // namespace

Expected<Model> combine(ArrayRef<std::string> paths) {
  Model result;
  for (const std::string &path : paths) {
    Expected<Model> next = readModel(path);
    if (!next)
      return next.takeError();
    if (&path == paths.begin()) {
      result = std::move(*next);
      continue;
    }
    if (next->chip != result.chip)
      return createStringError(path + ": is for " + next->chip + ", but " + paths.front() + " is for " + result.chip);
    for (Net &net : next->nets) {
      auto present = find_if(result.nets, [&](const Net &other) { return other.name == net.name; });
      if (present == result.nets.end())
        result.nets.push_back(std::move(net));
      else if (Error error = addStages(*present, net, path))
        return error;
    }
    result.neuronBytes = std::max(result.neuronBytes, next->neuronBytes);
    result.devices = std::max(result.devices, next->devices);
    if (!result.kernelModule)
      result.kernelModule = std::move(next->kernelModule);
    if (!result.cpuModule)
      result.cpuModule = std::move(next->cpuModule);
  }
  return result;
}

Expected<std::vector<std::string>> extract(const Model &model) {
  std::vector<std::string> names;
  for (auto [index, net] : enumerate(model.nets))
    for (auto [number, stage] : enumerate(net.stages)) {
      Model one = model;
      one.nets = {net};
      one.nets.front().stages = {stage};
      one.neuronBytes = stage.contextBytes();
      one.kernelModule.reset();
      one.cpuModule.reset();
      names.push_back(("bm_net" + Twine(index) + "_stage" + Twine(number) + ".bmodel").str());
      if (Error error = writeModel(one, names.back()))
        return error;
    }
  return names;
}

} // namespace model_tool
