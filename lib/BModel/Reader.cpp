// From a file to plain values.
#include "tpu_mlir/BModel/Reader.h"
#include "Format.h"
#include "bmodel_generated.h"
#include "flatbuffers/minireflect.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace tpu_mlir::bmodel {
namespace {

template <typename T> using Table = const flatbuffers::Vector<flatbuffers::Offset<T>> *;

/// Converts tables. The first problem is kept; later values are then worth nothing.
class Converter {
public:
  explicit Converter(const Blob &section) : section(section) {}

  Model model(const fb::Model &from);
  const std::string &problem() const { return broken; }
  bool weightsAligned() const { return pageAligned; }

private:
  void fail(const Twine &what) {
    if (broken.empty())
      broken = what.str();
  }

  Blob blob(const fb::Binary *from, const Twine &what) {
    if (!from)
      return {};
    if (from->start() > section.size() || from->size() > section.size() - from->start()) {
      fail(what + " outside the binary section");
      return {};
    }
    return Blob(section.bytes().slice(from->start(), from->size()), sectionOwner());
  }
  std::optional<Blob> optionalBlob(const fb::Binary *from, const Twine &what) {
    return from ? std::optional(blob(from, what)) : std::nullopt;
  }
  std::shared_ptr<const void> sectionOwner() { return std::make_shared<Blob>(section); }

  std::string string(const flatbuffers::String *from) {
    if (!from)
      return {};
    auto *begin = reinterpret_cast<const UTF8 *>(from->data());
    if (!isLegalUTF8String(&begin, begin + from->size()) || StringRef(from->data(), from->size()).contains('\0')) {
      fail("a name is not UTF-8 text");
      return {};
    }
    return from->str();
  }
  template <typename T> static std::vector<T> numbers(const flatbuffers::Vector<T> *from) {
    return from ? std::vector<T>(from->begin(), from->end()) : std::vector<T>();
  }
  template <typename T, typename Convert> auto list(Table<T> from, Convert convert) {
    std::vector<decltype(convert(*from->Get(0)))> result;
    if (from)
      for (const T *item : *from)
        result.push_back(convert(*item));
    return result;
  }
  std::vector<Blob> blobs(const flatbuffers::Vector<const fb::Binary *> *from, const Twine &what) {
    std::vector<Blob> result;
    if (from)
      for (const fb::Binary *item : *from)
        result.push_back(blob(item, what));
    return result;
  }

  static Relocation relocation(const fb::RelEntry &from) {
    return {from.base_addr_id(), from.addr_offset(), from.cmd_offset()};
  }
  Tensor tensor(const fb::Tensor &from);
  std::vector<Tensor> tensors(Table<fb::Tensor> from) {
    return list<fb::Tensor>(from, [&](const fb::Tensor &t) { return tensor(t); });
  }
  CommandGroup group(const fb::CmdGroup &from);
  std::vector<CommandGroup> groups(Table<fb::CmdGroup> from) {
    return list<fb::CmdGroup>(from, [&](const fb::CmdGroup &g) { return group(g); });
  }
  Coefficients coefficients(const fb::CoeffMem &from);
  CpuOperator cpuOperator(const fb::CpuParam &from);
  SubNet subNet(const fb::SubNet &from);
  Stage stage(const fb::NetParameter &from);
  Net net(const fb::Net &from);

  Blob section;
  std::string broken;
  bool pageAligned = true;
};

Tensor Converter::tensor(const fb::Tensor &from) {
  Tensor to;
  to.name = string(from.name());
  to.type = static_cast<DataType>(from.data_type());
  to.storeMode = from.gmem_stmode();
  to.address = from.device_addr();
  to.bytes = from.size();
  to.shapes = list<fb::Shape>(from.shape(), [](const fb::Shape &shape) { return numbers(shape.dim()); });
  to.memoryType = from.mem_type();
  to.scale = from.scale();
  to.zeroPoint = from.zero_point();
  to.role = static_cast<TensorRole>(from.hidden());
  to.index = from.index();
  to.hostAddress = from.cpu_addr();
  to.paddedH = from.pad_h();
  if (from.relentry())
    to.relocation = relocation(*from.relentry());
  for (const std::vector<uint64_t> &shape : to.shapes) {
    uint64_t elements = 1;
    for (uint64_t extent : shape)
      if (__builtin_mul_overflow(elements, extent, &elements) || elements > uint64_t{1} << 40) {
        fail("the shape of tensor '" + Twine(to.name) + "' is too large");
        return to;
      }
  }
  return to;
}

CommandGroup Converter::group(const fb::CmdGroup &from) {
  CommandGroup to;
  to.tiuCount = from.bdc_num();
  to.gdmaCount = from.gdma_num();
  to.tiu = blob(from.binary_bdc(), "a TIU stream lies");
  to.gdma = blob(from.binary_gdma(), "a GDMA stream lies");
  // Only a prefix of the blob counts when the sizes are given.
  auto cut = [&](Blob &stream, uint32_t bytes, const char *what) {
    if (bytes > stream.size())
      return fail(Twine(what) + " is shorter than its command group says");
    if (bytes)
      stream = Blob(stream.bytes().take_front(bytes), std::make_shared<Blob>(stream));
  };
  cut(to.tiu, from.bdc_cmd_byte(), "a TIU stream");
  cut(to.gdma, from.gdma_cmd_byte(), "a GDMA stream");
  if (to.tiuCount > to.tiu.size() / 16 || to.gdmaCount > to.gdma.size() / 16)
    fail("a command group counts more commands than its streams can hold");
  if (from.reloc_entries())
    for (const fb::RelEntry *entry : *from.reloc_entries())
      to.relocations.push_back(relocation(*entry));
  return to;
}

Coefficients Converter::coefficients(const fb::CoeffMem &from) {
  Coefficients to;
  to.address = from.address();
  to.data = blob(from.binary_coeff(), "the weights lie");
  pageAligned &= !from.binary_coeff() || from.binary_coeff()->start() % pageBytes == 0;
  to.checkCode = numbers(from.check_code());
  to.encryptMode = from.encrypt_mode();
  to.decryptedBytes = from.decrypt_size();
  to.locations = list<fb::Location>(from.location(), [&](const fb::Location &location) {
    return Location{string(location.name()), location.offset(), location.size()};
  });
  for (const Location &location : to.locations)
    if (location.offset > to.data.size())
      fail("weight '" + Twine(location.name) + "' starts beyond the weights");
  return to;
}

CpuOperator Converter::cpuOperator(const fb::CpuParam &from) {
  CpuOperator to;
  to.type = from.op_type();
  to.isCustom = from.is_custom();
  to.parameters = optionalBlob(from.binary_param(), "a host operator lies");
  to.constants = list<fb::CpuConst>(from.cpu_const(), [&](const fb::CpuConst &constant) {
    return CpuConstant{string(constant.name()), optionalBlob(constant.const_data(), "a host constant lies"),
                       numbers(constant.check_code())};
  });
  return to;
}

SubNet Converter::subNet(const fb::SubNet &from) {
  SubNet to;
  to.mode = static_cast<SubNetMode>(from.subnet_mode());
  to.inputs = tensors(from.input_tensor());
  to.outputs = tensors(from.output_tensor());
  to.groups = groups(from.cmd_group());
  to.cores = list<fb::CoreCommands>(from.core_commands(), [&](const fb::CoreCommands &core) {
    return CoreCommands{groups(core.gdma_tiu_commands()), blobs(core.sdma_commands(), "an SDMA stream lies"),
                        blobs(core.hau_commands(), "a HAU stream lies"),
                        blobs(core.cdma_commands(), "a CDMA stream lies")};
  });
  to.cpuOperators = list<fb::CpuParam>(from.cpu_param(), [&](const fb::CpuParam &op) { return cpuOperator(op); });
  to.id = from.id();
  to.next = numbers(from.next_subnet_ids());
  to.core = from.run_core();
  to.isDynamic = from.is_dynamic();
  to.isBatchDynamic = from.n_dynamic();
  to.isSizeDynamic = from.h_w_dynamic();
  to.irOffset = from.ir_offset();
  to.irBytes = from.ir_len();
  if (from.merge_param())
    to.mergeFrom = list<fb::OutputFrom>(from.merge_param()->output_from(),
                                        [](const fb::OutputFrom &output) { return numbers(output.indice()); });
  if (const fb::SwitchParam *parameters = from.switch_param())
    to.switchParameters = {numbers(parameters->output_from()), numbers(parameters->output_branch())};
  return to;
}

Stage Converter::stage(const fb::NetParameter &from) {
  Stage to;
  to.inputs = tensors(from.input_tensor());
  to.outputs = tensors(from.output_tensor());
  to.contextAddress = from.ctx_addr();
  to.contextSizes = numbers(from.ctx_sizes());
  if (to.contextSizes.empty() && from.ctx_size())
    to.contextSizes = {from.ctx_size()};
  to.ioAddress = from.io_addr();
  to.ioBytes = from.io_size();
  if (from.coeff_mem())
    to.coefficients = coefficients(*from.coeff_mem());
  to.subNets = list<fb::SubNet>(from.sub_net(), [&](const fb::SubNet &s) { return subNet(s); });
  if (to.subNets.empty()) {
    SubNet only;
    only.inputs = to.inputs;
    only.outputs = to.outputs;
    only.groups = groups(from.cmd_group());
    only.id = 0;
    only.next = {-1};
    to.subNets.push_back(std::move(only));
  }
  to.cores = from.core_num();
  to.hostBytes = from.cpu_mem_size();
  to.isDynamic = from.is_dynamic();
  to.isBatchDynamic = from.n_dynamic();
  to.isSizeDynamic = from.h_w_dynamic();
  to.stageIr = list<fb::StageIR>(from.stage_ir(), [](const fb::StageIR &ir) {
    return StageIr{ir.ir_info_len(), ir.height_high(), ir.height_low(), ir.width_high(), ir.width_low()};
  });
  to.ir = optionalBlob(from.binary_ir(), "the intermediate representation lies");
  to.dynamicContextAddress = from.dynamic_ctx_addr();
  to.dynamicCoefficientOffset = from.dynamic_coeff_offset();
  to.dynamicCombinedCoefficientOffset = from.dynamic_combined_coeff_offset();
  to.profile = optionalBlob(from.net_profile(), "the profile lies");
  to.statistics = optionalBlob(from.net_stat(), "the statistics lie");
  to.tensorLocations = optionalBlob(from.tensor_loc(), "the tensor locations lie");
  return to;
}

Net Converter::net(const fb::Net &from) {
  Net to;
  to.name = string(from.name());
  to.stages = list<fb::NetParameter>(from.parameter(), [&](const fb::NetParameter &p) { return stage(p); });
  to.addressMode = static_cast<AddressMode>(from.addr_mode());
  if (const fb::Cascade *cascade = from.cascade())
    to.cascade = {cascade->device_id(), cascade->step(), string(cascade->main_name())};
  if (to.stages.empty())
    fail("net '" + Twine(to.name) + "' has no stage in the present format");
  return to;
}

Model Converter::model(const fb::Model &from) {
  Model to;
  to.type = string(from.type());
  to.version = string(from.version());
  to.time = string(from.time());
  to.chip = string(from.chip());
  to.nets = list<fb::Net>(from.net(), [&](const fb::Net &n) { return net(n); });
  if (to.nets.empty())
    fail("there is no network in it");
  to.neuronBytes = from.neuron_size();
  to.devices = from.device_num();
  to.modelType = from.bmodel_type();
  if (const fb::KernelModule *module = from.kernel_module())
    to.kernelModule = {string(module->file_name()), blob(module->binary(), "the kernel module lies"), module->mode()};
  if (const fb::CpuopModule *module = from.cpuop_module())
    to.cpuModule = {string(module->file_name()), blob(module->binary(), "the host operator module lies"), 0};
  to.backend = optionalBlob(from.lib_backend(), "the backend lies");
  return to;
}

} // namespace

Expected<File> parseFile(Blob bytes, StringRef name) {
  auto error = [&](const Twine &what) { return createStringError(name + ": " + what); };
  ArrayRef<uint8_t> data = bytes.bytes();
  if (data.size() < headerBytes || support::endian::read32le(data.data() + magicAt) != fileMagic)
    return error("this is not a bmodel");
  uint32_t headerSize = support::endian::read32le(data.data() + headerSizeAt);
  uint64_t flatbufferSize = support::endian::read32le(data.data() + flatbufferSizeAt);
  uint64_t binarySize = support::endian::read64le(data.data() + binarySizeAt);
  if (headerSize != headerBytes)
    return error("the header has a size that is not supported");
  if (flatbufferSize > data.size() - headerBytes || binarySize > data.size() - headerBytes - flatbufferSize)
    return error("the file is shorter than its header says; it may be incomplete");
  // FlatBuffers wants its numbers aligned, which a mapped file plus 64 bytes is and any other memory may not be.
  auto tables = std::make_shared<std::vector<uint64_t>>((flatbufferSize + 7) / 8);
  std::memcpy(tables->data(), data.data() + headerBytes, flatbufferSize);
  Blob flatbuffer({reinterpret_cast<const uint8_t *>(tables->data()), flatbufferSize}, tables);
  flatbuffers::Verifier verifier(flatbuffer.bytes().data(), flatbufferSize);
  if (!fb::VerifyModelBuffer(verifier))
    return error("the tables of the model are damaged");
  Blob section(data.slice(headerBytes + flatbufferSize, binarySize), std::make_shared<Blob>(bytes));
  Converter converter(section);
  Model model = converter.model(*fb::GetModel(flatbuffer.bytes().data()));
  if (!converter.problem().empty())
    return error(converter.problem());
  bool aligned = converter.weightsAligned() && (headerBytes + flatbufferSize) % pageBytes == 0;
  return File{std::move(model), aligned, std::move(flatbuffer), std::move(section)};
}

Expected<File> openFile(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(path + ": " + buffer.getError().message());
  std::shared_ptr<MemoryBuffer> owner = std::move(*buffer);
  return parseFile(Blob({reinterpret_cast<const uint8_t *>(owner->getBufferStart()), owner->getBufferSize()}, owner),
                   path);
}

Expected<Model> readModel(StringRef path) {
  Expected<File> file = openFile(path);
  if (!file)
    return file.takeError();
  return std::move(file->model);
}

std::string dumpTables(const File &file) {
  // Packed again with the fields that the file leaves at their default.
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceDefaults(true);
  std::unique_ptr<fb::ModelT> tables(fb::GetModel(file.flatbuffer.bytes().data())->UnPack());
  builder.Finish(fb::Model::Pack(builder, tables.get()));
  flatbuffers::ToStringVisitor visitor("\n", /*quotes=*/false, "  ");
  flatbuffers::IterateFlatBuffer(builder.GetBufferPointer(), fb::ModelTypeTable(), &visitor);
  return visitor.s;
}

} // namespace tpu_mlir::bmodel
