#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include "tpu_mlir/Dialect/Top/IR/Ranges.h"
#include "tpu_mlir/Support/Npz.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <mutex>
#include <optional>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
/// Larger values of a file are read again when they are asked for again. Who needs one for long holds it; keeping all
/// would put a network of some gigabytes in memory whole.
constexpr size_t mostKeptBytes = 4 << 20;

/// The values of one weight file.
struct Table {
  std::optional<NpzReader> reader;
  std::string readError;
  bool opened = false, dirty = false;
  llvm::StringMap<Tensor> values;
};
} // namespace

struct WeightStore::Impl {
  std::recursive_mutex mutex;
  std::string base;
  std::optional<std::string> output;
  std::string nameAtBegin;
  llvm::StringMap<std::unique_ptr<Table>> tables;

  std::string fullPath(StringRef file) const {
    if (base.empty() || llvm::sys::path::is_absolute(file))
      return file.str();
    llvm::SmallString<256> path(base);
    llvm::sys::path::append(path, file);
    return std::string(path);
  }
  Table &table(ModuleOp module);
  /// Opens the file; false with `readError` set if that fails.
  bool open(Table &table, StringRef file);
  /// The stored form of a value. `keep`: later calls find it in memory.
  FailureOr<Tensor> load(Operation *op, Table &table, StringRef file, StringRef name, bool keep = true);
};

static StringRef weightFile(ModuleOp module) {
  auto file = module ? module->getAttrOfType<StringAttr>("module.weight_file") : StringAttr();
  return file ? file.getValue() : StringRef();
}

Table &WeightStore::Impl::table(ModuleOp module) {
  std::unique_ptr<Table> &entry = tables[weightFile(module)];
  if (!entry)
    entry = std::make_unique<Table>();
  return *entry;
}

bool WeightStore::Impl::open(Table &table, StringRef file) {
  if (!table.opened) {
    table.opened = true;
    if (file.empty()) {
      table.readError = "the module has no attribute module.weight_file";
    } else if (llvm::Expected<NpzReader> reader = NpzReader::open(fullPath(file))) {
      table.reader.emplace(std::move(*reader));
    } else {
      table.readError = llvm::toString(reader.takeError());
    }
  }
  return table.reader.has_value();
}

FailureOr<Tensor> WeightStore::Impl::load(Operation *op, Table &table, StringRef file, StringRef name, bool keep) {
  if (auto known = table.values.find(name); known != table.values.end())
    return known->second;
  if (!open(table, file))
    return op->emitError() << "cannot read weight '" << name << "': " << table.readError;
  if (!table.reader->contains(name))
    return op->emitError() << "weight '" << name << "' is not in " << table.reader->path();
  llvm::Expected<Tensor> value = table.reader->read(name);
  if (!value)
    return op->emitError() << "cannot read weight '" << name << "': " << llvm::toString(value.takeError());
  if (keep && value->bytes() <= mostKeptBytes)
    table.values[name] = *value;
  return *value;
}

WeightStore::WeightStore() : impl(std::make_unique<Impl>()) {}
WeightStore::~WeightStore() = default;

void WeightStore::setBaseDirectory(StringRef directory) {
  std::lock_guard lock(impl->mutex);
  if (impl->base != directory)
    impl->tables.clear();
  impl->base = directory.str();
}

std::string WeightStore::baseDirectory() const {
  std::lock_guard lock(impl->mutex);
  return impl->base;
}

void WeightStore::clear() {
  std::lock_guard lock(impl->mutex);
  impl->tables.clear();
}

void WeightStore::setOutputDirectory(std::optional<std::string> directory) {
  std::lock_guard lock(impl->mutex);
  impl->output = std::move(directory);
}

void WeightStore::begin(ModuleOp module) {
  std::lock_guard lock(impl->mutex);
  impl->nameAtBegin = weightFile(module).str();
}

std::string top::weightFileName(ModuleOp module) {
  auto word = [&](StringRef key) {
    auto attr = module->getAttrOfType<StringAttr>(key);
    return attr ? attr.getValue().lower() : std::string();
  };
  std::string name = module.getName().value_or("module").str() + "_" + word("module.state") + "_" + word("module.chip");
  if (std::string mode = word("module.mode"); !mode.empty()) {
    name += "_" + mode;
    if (mode == "int8") {
      auto asymmetric = module->getAttrOfType<BoolAttr>("module.asymmetric");
      name += asymmetric && asymmetric.getValue() ? "_asym" : "_sym";
    }
  }
  return name + "_weight.npz";
}

/// Whether two folder names mean one folder.
static bool sameFolder(StringRef a, StringRef b) {
  llvm::SmallString<256> first(a.empty() ? "." : a), second(b.empty() ? "." : b);
  return llvm::sys::fs::equivalent(first, second);
}

LogicalResult WeightStore::finish(ModuleOp module) {
  std::lock_guard lock(impl->mutex);
  StringRef current = weightFile(module);
  if (!impl->output || current.empty())
    return success();
  // A pass that named the file itself is obeyed.
  std::string wanted = current == impl->nameAtBegin ? weightFileName(module) : current.str();
  bool sameName = wanted == impl->nameAtBegin, samePlace = sameFolder(*impl->output, impl->base);
  if (sameName && samePlace && !isDirty(module))
    return success();
  // The file that the input refers to stays as it is.
  if (sameName && samePlace)
    wanted.insert(wanted.size() - strlen(".npz"), "_fix");
  return save(module, *impl->output, wanted);
}

/// The array as the op's type wants it: element type restored, shape set.
static FailureOr<Tensor> conform(WeightOp op, const Tensor &value) {
  auto type = op.getOutput().getType();
  ElementType wanted = elementTypeOf(type), have = value.type();
  bool sameWidth = byteSize(wanted) == byteSize(have);
  bool integers = wanted != ElementType::F32 && have != ElementType::F32 && wanted != ElementType::None;
  if (wanted != have && !(sameWidth && integers))
    return op.emitOpError() << "has element type " << type.getElementType() << ", but the array '"
                            << nameOf(op.getLoc()) << "' is " << llvm::StringRef(name(have).data(), name(have).size());
  if (value.elements() != type.getNumElements()) {
    auto diagnostic = op.emitOpError() << "has type " << type << ", but the array '" << nameOf(op.getLoc())
                                       << "' has shape ";
    llvm::interleave(value.shape(), diagnostic, "x");
    return failure();
  }
  // Storage is shared; only the view's type and shape differ.
  Tensor result = value;
  return Tensor(wanted, type.getShape().vec(),
                std::shared_ptr<uint8_t>(std::make_shared<Tensor>(result), result.data<uint8_t>()));
}

FailureOr<Tensor> WeightStore::read(WeightOp op) {
  std::lock_guard lock(impl->mutex);
  StringRef name = nameOf(op.getLoc());
  if (name.empty())
    return op.emitOpError("has no name in its location, so its value cannot be found");
  ModuleOp module = outerModule(op);
  FailureOr<Tensor> value = impl->load(op, impl->table(module), weightFile(module), name);
  return failed(value) ? value : conform(op, *value);
}

void WeightStore::write(ModuleOp module, StringRef name, const Tensor &value) {
  std::lock_guard lock(impl->mutex);
  Table &table = impl->table(module);
  table.values[name] = value;
  table.dirty = true;
}

bool WeightStore::contains(ModuleOp module, StringRef name) {
  std::lock_guard lock(impl->mutex);
  Table &table = impl->table(module);
  return table.values.contains(name) || (impl->open(table, weightFile(module)) && table.reader->contains(name));
}

bool WeightStore::isDirty(ModuleOp module) {
  std::lock_guard lock(impl->mutex);
  return impl->table(module).dirty;
}

void WeightStore::rename(ModuleOp module, StringRef file) {
  std::lock_guard lock(impl->mutex);
  StringRef old = weightFile(module);
  if (old == file)
    return;
  impl->open(impl->table(module), old);
  std::unique_ptr<Table> table = std::move(impl->tables[old]);
  impl->tables.erase(old);
  table->dirty = true;
  impl->tables[file] = std::move(table);
  module->setAttr("module.weight_file", StringAttr::get(module.getContext(), file));
}

LogicalResult WeightStore::save(ModuleOp module, StringRef directory, StringRef file) {
  std::lock_guard lock(impl->mutex);
  llvm::SmallString<256> path(directory);
  llvm::sys::path::append(path, file);
  llvm::Expected<NpzWriter> writer = NpzWriter::create(path);
  if (!writer)
    return module.emitError() << llvm::toString(writer.takeError());
  Table &table = impl->table(module);
  llvm::StringSet<> done;
  WalkResult walk = module.walk([&](WeightOp op) {
    StringRef name = nameOf(op.getLoc());
    if (name.empty()) {
      op.emitOpError("has no name in its location, so its value cannot be found");
      return WalkResult::interrupt();
    }
    // Passing through: what no pass asked for is not kept.
    FailureOr<Tensor> value = impl->load(op, table, weightFile(module), name, /*keep=*/false);
    if (failed(value) || failed(conform(op, *value)))
      return WalkResult::interrupt();
    if (!done.insert(name).second)
      return WalkResult::advance();
    // The stored form, so that shapes of arrays survive.
    if (llvm::Error error = writer->add(name, *value)) {
      module.emitError() << llvm::toString(std::move(error));
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  if (llvm::Error error = writer->finish())
    return module.emitError() << llvm::toString(std::move(error));
  rename(module, file);
  impl->table(module).dirty = false;
  return success();
}

WeightStore &top::weightStore(MLIRContext *context) { return context->getOrLoadDialect<TopDialect>()->getWeights(); }

FailureOr<Tensor> top::readWeight(WeightOp op) { return weightStore(op.getContext()).read(op); }

/// The value of a half-precision number given by its bits.
static double halfToDouble(uint16_t bits, bool isBf16) {
  const llvm::fltSemantics &semantics = isBf16 ? APFloat::BFloat() : APFloat::IEEEhalf();
  return APFloat(semantics, APInt(16, bits)).convertToDouble();
}

static std::vector<double> toDoubles(const Tensor &value) {
  std::vector<double> result(value.elements());
  auto copy = [&]<typename T>(const T *data) { std::copy(data, data + result.size(), result.begin()); };
  switch (value.type()) {
  case ElementType::F32:
    copy(value.data<float>());
    break;
  case ElementType::I8:
    copy(value.data<int8_t>());
    break;
  case ElementType::U8:
    copy(value.data<uint8_t>());
    break;
  case ElementType::I16:
    copy(value.data<int16_t>());
    break;
  case ElementType::U16:
    copy(value.data<uint16_t>());
    break;
  case ElementType::I32:
    copy(value.data<int32_t>());
    break;
  case ElementType::U32:
    copy(value.data<uint32_t>());
    break;
  case ElementType::I64:
    copy(value.data<int64_t>());
    break;
  case ElementType::F16:
  case ElementType::BF16:
    for (size_t i = 0; i < result.size(); ++i)
      result[i] = halfToDouble(value.data<uint16_t>()[i], value.type() == ElementType::BF16);
    break;
  case ElementType::None:
    break;
  }
  return result;
}

FailureOr<std::vector<double>> top::readWeightAsDoubles(WeightOp op) {
  FailureOr<Tensor> value = readWeight(op);
  if (failed(value))
    return failure();
  return toDoubles(*value);
}

FailureOr<Shape> top::constantIntegers(Value value) {
  FailureOr<std::vector<double>> values = constantNumbers(value);
  if (failed(values))
    return failure();
  Shape result;
  // ONNX writes INT64_MAX for "to the end"; half of it means the same and cannot overflow in sums.
  for (double number : *values)
    result.push_back(number != number ? 0 : static_cast<int64_t>(std::clamp(number, -4.6e18, 4.6e18)));
  return result;
}

WeightOp top::createWeight(OpBuilder &builder, StringRef name, const Tensor &value, RankedTensorType type) {
  MLIRContext *context = builder.getContext();
  ModuleOp module = outerModule(builder.getBlock()->getParentOp());
  WeightStore &store = weightStore(context);
  std::string unique = name.str();
  for (int suffix = 1; store.contains(module, unique); ++suffix)
    unique = name.str() + "_" + std::to_string(suffix);
  store.write(module, unique, value);
  if (!type)
    type = RankedTensorType::get(value.shape(), mlirTypeOf(value.type(), context));
  OperationState state(nameLoc(context, unique), WeightOp::getOperationName());
  state.addTypes(type);
  return cast<WeightOp>(builder.create(state));
}

WeightOp top::createWeightF32(OpBuilder &builder, StringRef name, ArrayRef<int64_t> shape, ArrayRef<double> values) {
  Tensor tensor(ElementType::F32, shape.vec());
  std::copy(values.begin(), values.end(), tensor.data<float>());
  return createWeight(builder, name, tensor);
}
