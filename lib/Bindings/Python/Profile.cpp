// What tpu_profile needs of a compiled stage: every instruction with its place in the schedule, its work and the global
// memory that it touches, as columns; and the maps from instructions to ops that the file keeps.
#include "Profile.h"
#include "Ir.h"
#include "Tensors.h"

#include "tpu_mlir/Target/BM1684X/CycleModel.h"
#include "tpu_mlir/Target/BM1684X/Work.h"
#include "llvm/ADT/StringMap.h"

#include <pybind11/numpy.h>

using namespace tpu_mlir;
using namespace tpu_mlir::python;
using bm1684x::Engine;
using bm1684x::Instruction;

namespace {

/// Texts that occur often, each once.
class Texts {
public:
  uint32_t operator()(llvm::StringRef text) {
    auto [entry, isNew] = indices.try_emplace(text, static_cast<uint32_t>(list.size()));
    if (isNew)
      list.push_back(text.str());
    return entry->second;
  }
  const std::vector<std::string> &all() const { return list; }

private:
  llvm::StringMap<uint32_t> indices;
  std::vector<std::string> list;
};

/// One entry per instruction in each, end instructions left out.
struct Columns {
  std::vector<uint8_t> engine, unit;
  std::vector<uint32_t> group, id, dependency, kind, detail;
  std::vector<uint64_t> start, cycles, bytesRead, bytesWritten, multiplyAdds, readAddress, writeAddress;
  std::vector<int8_t> precision;
  std::vector<double> ideal;
};

template <typename T> py::array_t<T> toArray(const std::vector<T> &values) {
  return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

class InstructionTable {
public:
  explicit InstructionTable(const bmodel::Stage &stage) : stage(stage) {}

  llvm::Error run() {
    for (const bmodel::SubNet &subNet : stage.subNets) {
      if (subNet.mode != bmodel::SubNetMode::Tpu)
        ++hostParts;
      const auto &groups = subNet.groups.empty() && !subNet.cores.empty() ? subNet.cores[0].groups : subNet.groups;
      for (const bmodel::CommandGroup &group : groups)
        if (llvm::Error error = add(group))
          return error;
    }
    return llvm::Error::success();
  }

  py::dict result() const {
    py::dict columns;
    columns["engine"] = toArray(c.engine);
    columns["unit"] = toArray(c.unit);
    columns["group"] = toArray(c.group);
    columns["id"] = toArray(c.id);
    columns["dependency"] = toArray(c.dependency);
    columns["kind"] = toArray(c.kind);
    columns["detail"] = toArray(c.detail);
    columns["start"] = toArray(c.start);
    columns["cycles"] = toArray(c.cycles);
    columns["bytes_read"] = toArray(c.bytesRead);
    columns["bytes_written"] = toArray(c.bytesWritten);
    columns["multiply_adds"] = toArray(c.multiplyAdds);
    columns["read_address"] = toArray(c.readAddress);
    columns["write_address"] = toArray(c.writeAddress);
    columns["precision"] = toArray(c.precision);
    columns["ideal"] = toArray(c.ideal);
    py::dict all;
    all["columns"] = columns;
    all["kinds"] = kinds.all();
    all["details"] = details.all();
    all["groups"] = groupCount;
    all["host_parts"] = hostParts;
    return all;
  }

private:
  llvm::Error add(const bmodel::CommandGroup &group) {
    std::vector<Instruction> instructions;
    for (Engine engine : {Engine::TIU, Engine::GDMA}) {
      llvm::ArrayRef<uint8_t> bytes = (engine == Engine::TIU ? group.tiu : group.gdma).bytes();
      auto stream = bytes.empty() ? std::vector<Instruction>() : bm1684x::decodeStream(bytes, engine);
      if (!stream)
        return stream.takeError();
      instructions.insert(instructions.end(), stream->begin(), stream->end());
    }
    auto schedule = bm1684x::schedule(instructions);
    if (!schedule)
      return schedule.takeError();
    for (auto [instruction, interval] : llvm::zip(instructions, schedule->intervals))
      if (!instruction.isEnd())
        add(instruction, interval);
    begin += schedule->totalCycles;
    ++groupCount;
    return llvm::Error::success();
  }

  void add(const Instruction &i, bm1684x::Interval interval) {
    bm1684x::Cost cost = bm1684x::costOf(i);
    bm1684x::Work work = bm1684x::workOf(i);
    c.engine.push_back(static_cast<uint8_t>(i.engine()));
    c.unit.push_back(static_cast<uint8_t>(work.unit));
    c.readAddress.push_back(cost.bytesRead ? i.sourceAddress() : 0);
    c.writeAddress.push_back(cost.bytesWritten ? i.destinationAddress() : 0);
    c.group.push_back(groupCount);
    c.id.push_back(i.id());
    c.dependency.push_back(i.dependency());
    c.kind.push_back(kinds(kindOf(i)));
    c.detail.push_back(details(bm1684x::summarize(i)));
    c.start.push_back(begin + interval.start);
    c.cycles.push_back(interval.end - interval.start);
    c.bytesRead.push_back(cost.bytesRead);
    c.bytesWritten.push_back(cost.bytesWritten);
    c.multiplyAdds.push_back(work.multiplyAdds);
    c.precision.push_back(i.has(bm1684x::Field::opd0_prec) ? static_cast<int8_t>(i[bm1684x::Field::opd0_prec]) : -1);
    c.ideal.push_back(work.idealCycles);
  }

  /// "CONV", "AR mul", "DMA_tensor": long and short forms are one kind.
  static std::string kindOf(const Instruction &i) {
    llvm::StringRef name = i.name();
    if (name.starts_with("s"))
      name = name == "sRQ_sDQ" ? "RQ_DQ" : name == "sTRANS_sBC" ? "TRANS_BC" : name.drop_front();
    llvm::StringRef operation = i.subOpName();
    return operation.empty() ? name.str() : (name + " " + operation.rsplit('.').second).str();
  }

  const bmodel::Stage &stage;
  Columns c;
  Texts kinds, details;
  uint32_t groupCount = 0, hostParts = 0;
  uint64_t begin = 0;
};

std::string textOf(const std::optional<bmodel::Blob> &blob) {
  if (!blob)
    return {};
  return std::string(reinterpret_cast<const char *>(blob->bytes().data()), blob->size());
}

/// Name, address and bytes.
py::list placesOf(const std::vector<bmodel::Tensor> &tensors) {
  py::list list;
  for (const bmodel::Tensor &tensor : tensors)
    list.append(py::make_tuple(tensor.name, tensor.address, tensor.bytes));
  return list;
}

} // namespace

py::dict tpu_mlir::python::profileOf(const bmodel::Stage &stage) {
  InstructionTable table(stage);
  raiseOnError([&] {
    py::gil_scoped_release release;
    return table.run();
  }());
  py::dict all = table.result();
  all["instruction_map"] = py::bytes(textOf(stage.profile));
  all["tensor_locations"] = py::bytes(textOf(stage.tensorLocations));
  all["weight_address"] = stage.coefficients ? stage.coefficients->address : 0;
  all["weight_bytes"] = stage.coefficients ? stage.coefficients->data.size() : 0;
  all["inputs"] = placesOf(stage.inputs);
  all["outputs"] = placesOf(stage.outputs);
  return all;
}
