// From plain values to a file.
#include "tpu_mlir/BModel/Writer.h"
#include "Format.h"
#include "bmodel_generated.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include <map>

using namespace llvm;

namespace tpu_mlir::bmodel {
namespace {

/// Fills the object tree of FlatBuffers and places the blobs in the order in which they are met.
class Builder {
public:
  fb::ModelT model(const Model &from);
  Error check(const Model &from);
  /// The file: header, tables, blobs.
  SmallVector<uint8_t, 0> file(const fb::ModelT &tables);

private:
  fb::Binary place(const Blob &blob);
  std::unique_ptr<fb::Binary> placed(const Blob &blob) { return std::make_unique<fb::Binary>(place(blob)); }
  std::unique_ptr<fb::Binary> placed(const std::optional<Blob> &blob) { return blob ? placed(*blob) : nullptr; }

  template <typename To, typename From, typename Convert>
  static std::vector<std::unique_ptr<To>> list(const std::vector<From> &from, Convert convert) {
    std::vector<std::unique_ptr<To>> result;
    for (const From &item : from)
      result.push_back(std::make_unique<To>(convert(item)));
    return result;
  }
  static fb::RelEntry relocation(const Relocation &from) {
    return fb::RelEntry(from.tensor, from.addressOffset, from.commandOffset);
  }
  fb::TensorT tensor(const Tensor &from);
  auto tensors(const std::vector<Tensor> &from) {
    return list<fb::TensorT>(from, [&](const Tensor &t) { return tensor(t); });
  }
  fb::CmdGroupT group(const CommandGroup &from);
  auto groups(const std::vector<CommandGroup> &from) {
    return list<fb::CmdGroupT>(from, [&](const CommandGroup &g) { return group(g); });
  }
  std::vector<fb::Binary> blobs(const std::vector<Blob> &from) {
    std::vector<fb::Binary> result;
    for (const Blob &blob : from)
      result.push_back(place(blob));
    return result;
  }
  fb::CoeffMemT coefficients(const Coefficients &from);
  fb::CpuParamT cpuOperator(const CpuOperator &from);
  fb::SubNetT subNet(const SubNet &from);
  fb::NetParameterT stage(const Stage &from);
  fb::NetT net(const Net &from);

  struct Placed {
    Blob blob;
    uint64_t start;
  };
  std::vector<Placed> section;
  std::multimap<uint64_t, size_t> byHash;
  uint64_t sectionBytes = 0;
};

fb::Binary Builder::place(const Blob &blob) {
  uint64_t hash = xxh3_64bits(blob.bytes());
  auto [first, last] = byHash.equal_range(hash);
  for (auto it = first; it != last; ++it)
    if (section[it->second].blob.bytes() == blob.bytes())
      return fb::Binary(section[it->second].start, blob.size());
  uint64_t start = sectionBytes;
  byHash.emplace(hash, section.size());
  section.push_back({blob, start});
  sectionBytes = alignTo(start + blob.size(), pageBytes);
  return fb::Binary(start, blob.size());
}

fb::TensorT Builder::tensor(const Tensor &from) {
  fb::TensorT to;
  to.name = from.name;
  to.data_type = static_cast<uint32_t>(from.type);
  to.gmem_stmode = from.storeMode;
  to.device_addr = from.address;
  to.size = from.bytes;
  to.shape = list<fb::ShapeT>(from.shapes, [](const std::vector<uint64_t> &extents) {
    fb::ShapeT shape;
    shape.dim = extents;
    return shape;
  });
  to.mem_type = from.memoryType;
  to.scale = from.scale;
  to.cpu_addr = from.hostAddress;
  to.pad_h = from.paddedH;
  to.zero_point = from.zeroPoint;
  to.hidden = static_cast<int32_t>(from.role);
  to.index = from.index;
  if (from.relocation)
    to.relentry = std::make_unique<fb::RelEntry>(relocation(*from.relocation));
  return to;
}

fb::CmdGroupT Builder::group(const CommandGroup &from) {
  fb::CmdGroupT to;
  to.bdc_num = from.tiuCount;
  to.gdma_num = from.gdmaCount;
  to.binary_bdc = placed(from.tiu);
  to.binary_gdma = placed(from.gdma);
  to.bdc_cmd_byte = static_cast<uint32_t>(from.tiu.size());
  to.gdma_cmd_byte = static_cast<uint32_t>(from.gdma.size());
  for (const Relocation &entry : from.relocations)
    to.reloc_entries.push_back(relocation(entry));
  return to;
}

fb::CoeffMemT Builder::coefficients(const Coefficients &from) {
  fb::CoeffMemT to;
  to.address = from.address;
  to.binary_coeff = placed(from.data);
  to.check_code = from.checkCode.empty() ? sha256(from.data.bytes()) : from.checkCode;
  to.encrypt_mode = from.encryptMode;
  to.decrypt_size = from.decryptedBytes;
  to.location = list<fb::LocationT>(from.locations, [](const Location &location) {
    fb::LocationT result;
    result.name = location.name;
    result.offset = location.offset;
    result.size = location.bytes;
    return result;
  });
  return to;
}

fb::CpuParamT Builder::cpuOperator(const CpuOperator &from) {
  fb::CpuParamT to;
  to.op_type = from.type;
  to.is_custom = from.isCustom;
  to.binary_param = placed(from.parameters);
  to.cpu_const = list<fb::CpuConstT>(from.constants, [&](const CpuConstant &constant) {
    fb::CpuConstT result;
    result.name = constant.name;
    result.const_data = placed(constant.data);
    result.check_code = constant.checkCode;
    return result;
  });
  return to;
}

fb::SubNetT Builder::subNet(const SubNet &from) {
  fb::SubNetT to;
  to.subnet_mode = static_cast<int32_t>(from.mode);
  to.input_tensor = tensors(from.inputs);
  to.output_tensor = tensors(from.outputs);
  to.cmd_group = groups(from.groups);
  to.core_commands = list<fb::CoreCommandsT>(from.cores, [&](const CoreCommands &core) {
    fb::CoreCommandsT result;
    result.gdma_tiu_commands = groups(core.groups);
    result.sdma_commands = blobs(core.sdma);
    result.hau_commands = blobs(core.hau);
    result.cdma_commands = blobs(core.cdma);
    return result;
  });
  to.cpu_param = list<fb::CpuParamT>(from.cpuOperators, [&](const CpuOperator &op) { return cpuOperator(op); });
  to.id = from.id;
  to.next_subnet_ids = from.next;
  to.run_core = from.core;
  to.is_dynamic = from.isDynamic;
  to.n_dynamic = from.isBatchDynamic;
  to.h_w_dynamic = from.isSizeDynamic;
  to.ir_offset = from.irOffset;
  to.ir_len = from.irBytes;
  if (from.mergeFrom) {
    to.merge_param = std::make_unique<fb::MergeParamT>();
    to.merge_param->output_from = list<fb::OutputFromT>(*from.mergeFrom, [](const std::vector<int32_t> &indices) {
      fb::OutputFromT result;
      result.indice = indices;
      return result;
    });
  }
  if (from.switchParameters) {
    to.switch_param = std::make_unique<fb::SwitchParamT>();
    to.switch_param->output_from = from.switchParameters->outputFrom;
    to.switch_param->output_branch = from.switchParameters->outputBranch;
  }
  return to;
}

fb::NetParameterT Builder::stage(const Stage &from) {
  fb::NetParameterT to;
  if (from.coefficients)
    to.coeff_mem = std::make_unique<fb::CoeffMemT>(coefficients(*from.coefficients));
  to.input_tensor = tensors(from.inputs);
  to.output_tensor = tensors(from.outputs);
  to.ctx_addr = from.contextAddress;
  to.ctx_size = from.contextBytes();
  to.ctx_sizes = from.contextSizes;
  to.io_addr = from.ioAddress;
  to.io_size = from.ioBytes;
  to.sub_net = list<fb::SubNetT>(from.subNets, [&](const SubNet &s) { return subNet(s); });
  // The runtime wants the groups of all sub-networks here once more.
  for (const SubNet &subNet : from.subNets)
    for (auto &group : groups(subNet.groups))
      to.cmd_group.push_back(std::move(group));
  to.core_num = from.cores;
  to.cpu_mem_size = from.hostBytes;
  to.is_dynamic = from.isDynamic;
  to.n_dynamic = from.isBatchDynamic;
  to.h_w_dynamic = from.isSizeDynamic;
  to.stage_ir = list<fb::StageIRT>(from.stageIr, [](const StageIr &ir) {
    fb::StageIRT result;
    result.ir_info_len = ir.words;
    result.height_high = ir.heightHigh;
    result.height_low = ir.heightLow;
    result.width_high = ir.widthHigh;
    result.width_low = ir.widthLow;
    return result;
  });
  to.binary_ir = placed(from.ir);
  to.dynamic_ctx_addr = from.dynamicContextAddress;
  to.dynamic_coeff_offset = from.dynamicCoefficientOffset;
  to.dynamic_combined_coeff_offset = from.dynamicCombinedCoefficientOffset;
  to.net_profile = placed(from.profile);
  to.net_stat = placed(from.statistics);
  to.tensor_loc = placed(from.tensorLocations);
  return to;
}

fb::NetT Builder::net(const Net &from) {
  fb::NetT to;
  to.name = from.name;
  to.parameter = list<fb::NetParameterT>(from.stages, [&](const Stage &s) { return stage(s); });
  to.addr_mode = static_cast<int32_t>(from.addressMode);
  if (from.cascade) {
    to.cascade = std::make_unique<fb::CascadeT>();
    to.cascade->device_id = from.cascade->device;
    to.cascade->step = from.cascade->step;
    to.cascade->main_name = from.cascade->mainName;
  }
  return to;
}

fb::ModelT Builder::model(const Model &from) {
  fb::ModelT to;
  to.type = from.type;
  to.version = from.version;
  to.time = from.time;
  to.chip = from.chip;
  if (from.kernelModule) {
    to.kernel_module = std::make_unique<fb::KernelModuleT>();
    to.kernel_module->file_name = from.kernelModule->fileName;
    to.kernel_module->binary = placed(from.kernelModule->binary);
    to.kernel_module->mode = from.kernelModule->mode;
  }
  if (from.cpuModule) {
    to.cpuop_module = std::make_unique<fb::CpuopModuleT>();
    to.cpuop_module->file_name = from.cpuModule->fileName;
    to.cpuop_module->binary = placed(from.cpuModule->binary);
  }
  to.net = list<fb::NetT>(from.nets, [&](const Net &n) { return net(n); });
  to.neuron_size = from.neuronBytes;
  to.device_num = from.devices;
  to.bmodel_type = from.modelType;
  to.lib_backend = placed(from.backend);
  return to;
}

Error Builder::check(const Model &from) {
  if (from.chip.empty())
    return createStringError("a bmodel needs the name of its chip");
  for (const Net &net : from.nets) {
    if (net.stages.empty())
      return createStringError("net '" + Twine(net.name) + "' has no stage");
    for (const Stage &stage : net.stages) {
      if (stage.subNets.empty())
        return createStringError("net '" + Twine(net.name) + "' has a stage without sub-network");
      for (const auto *tensors : {&stage.inputs, &stage.outputs})
        for (const Tensor &tensor : *tensors)
          if (tensor.shapes.empty())
            return createStringError("tensor '" + Twine(tensor.name) + "' has no shape");
    }
  }
  return Error::success();
}

SmallVector<uint8_t, 0> Builder::file(const fb::ModelT &tables) {
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  builder.Finish(fb::Model::Pack(builder, &tables));
  uint64_t tableBytes = alignTo(headerBytes + builder.GetSize(), pageBytes) - headerBytes;
  SmallVector<uint8_t, 0> out(headerBytes + tableBytes + sectionBytes, 0);
  support::endian::write32le(&out[magicAt], fileMagic);
  support::endian::write32le(&out[headerSizeAt], headerBytes);
  support::endian::write32le(&out[flatbufferSizeAt], static_cast<uint32_t>(tableBytes));
  support::endian::write64le(&out[binarySizeAt], sectionBytes);
  std::memcpy(&out[headerBytes], builder.GetBufferPointer(), builder.GetSize());
  for (const Placed &item : section)
    llvm::copy(item.blob.bytes(), out.begin() + headerBytes + tableBytes + item.start);
  return out;
}

} // namespace

std::vector<uint8_t> sha256(ArrayRef<uint8_t> bytes) {
  std::array<uint8_t, 32> hash = SHA256::hash(bytes);
  return {hash.begin(), hash.end()};
}

Expected<SmallVector<uint8_t, 0>> serialize(const Model &model) {
  Builder builder;
  if (Error error = builder.check(model))
    return error;
  return builder.file(builder.model(model));
}

Error writeBytes(ArrayRef<uint8_t> bytes, StringRef path) {
  auto failed = [&](const Twine &reason) { return createStringError(path + ": cannot be written: " + reason); };
  Expected<sys::fs::TempFile> file =
      sys::fs::TempFile::create(path + ".%%%%%%.tmp", sys::fs::all_read | sys::fs::all_write);
  if (!file)
    return failed(toString(file.takeError()));
  raw_fd_ostream os(file->FD, /*shouldClose=*/false);
  os.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  os.flush();
  if (os.has_error()) {
    std::string reason = os.error().message();
    os.clear_error();
    consumeError(file->discard());
    return failed(reason);
  }
  if (Error error = file->keep(path)) {
    std::string reason = toString(std::move(error));
    consumeError(file->discard());
    return failed(reason);
  }
  return Error::success();
}

Error writeModel(const Model &model, StringRef path) {
  Expected<SmallVector<uint8_t, 0>> bytes = serialize(model);
  if (!bytes)
    return createStringError(path + ": " + toString(bytes.takeError()));
  return writeBytes(*bytes, path);
}

} // namespace tpu_mlir::bmodel
