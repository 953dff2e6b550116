// Digests of networks, plan files and caches.
#include "tpu_mlir/Codegen/PlanSource.h"

#include "tpu_mlir/Support/BuildId.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
namespace json = llvm::json;

namespace {

/// Raised when the meaning of plan files changes.
constexpr int formatVersion = 1;

/// Describes the network as text for a digest.
class Description {
public:
  explicit Description(const Network &network) : stream(text) {
    for (const NetworkValue &value : network.values) {
      if (auto type = llvm::dyn_cast<mlir::RankedTensorType>(value.value.getType())) // without an address
        stream << mlir::RankedTensorType::get(type.getShape(), type.getElementType());
      stream << " " << value.producer << value.isParameter << value.isResult << "\n";
    }
    for (const NetworkNode &node : network.nodes)
      add(node);
  }

  std::string text;

private:
  /// What layer-group writes is no input of it.
  static bool isOfPlan(llvm::StringRef attribute) { return attribute.starts_with("lg_") || attribute == "ginfo"; }

  void add(const NetworkNode &node) {
    stream << node.op->getName() << " " << node.name << " " << static_cast<int>(node.kind);
    for (mlir::NamedAttribute attribute : node.op->getAttrDictionary())
      if (!isOfPlan(attribute.getName().getValue()))
        stream << " " << attribute.getName().getValue() << "=" << attribute.getValue();
    for (int value : node.operands)
      stream << " " << value;
    stream << " > " << node.result;
    for (int64_t offset : node.channelOffsets)
      stream << " @" << offset;
    stream << "\n";
  }

  llvm::raw_string_ostream stream;
};

std::string digestOf(llvm::StringRef text) {
  llvm::SHA256 hash;
  hash.update(text);
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

llvm::Error failure(const llvm::Twine &text) { return llvm::createStringError(text); }

llvm::Expected<json::Value> readJson(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return failure("the plan file " + path + " cannot be read: " + buffer.getError().message());
  llvm::Expected<json::Value> value = json::parse((*buffer)->getBuffer());
  if (!value)
    return failure("the plan file " + path + " is not JSON: " + llvm::toString(value.takeError()));
  return value;
}

/// A plan by itself, or what caches and tuning keep with one.
const json::Value &planIn(const json::Value &value) {
  if (const json::Object *object = value.getAsObject())
    if (const json::Value *plan = object->get("plan"))
      return *plan;
  return value;
}

llvm::Expected<NetworkPlan> fromConfig(const Network &network, const PlanOptions &options, llvm::StringRef path) {
  llvm::Expected<json::Value> value = readJson(path);
  if (!value)
    return value.takeError();
  llvm::Expected<NetworkPlan> plan = planFromJson(network, planIn(*value));
  if (!plan)
    return failure("the plan file " + path + " does not fit the network: " + llvm::toString(plan.takeError()));
  llvm::Expected<int64_t> cycles = estimateCycles(network, *plan, options);
  if (!cycles)
    return failure("the plan file " + path + " does not fit the chip: " + llvm::toString(cycles.takeError()));
  plan->cycles = *cycles;
  return plan;
}

std::optional<NetworkPlan> fromCache(const Network &network, llvm::StringRef path, llvm::StringRef key) {
  llvm::Expected<json::Value> value = readJson(path);
  if (!value) {
    llvm::consumeError(value.takeError());
    return std::nullopt;
  }
  const json::Object *object = value->getAsObject();
  if (!object || object->getString("key") != key)
    return std::nullopt;
  llvm::Expected<NetworkPlan> plan = planFromJson(network, planIn(*value));
  if (!plan) {
    llvm::consumeError(plan.takeError());
    return std::nullopt;
  }
  return std::move(*plan);
}

llvm::Error store(const json::Value &value, llvm::StringRef path) {
  llvm::Error error = llvm::writeToOutput(path, [&](llvm::raw_ostream &stream) {
    stream << llvm::formatv("{0:2}", value) << "\n";
    return llvm::Error::success();
  });
  return error ? failure("the plan cache " + path + " cannot be written: " + llvm::toString(std::move(error)))
               : llvm::Error::success();
}

/// The caches that the sources name, with the folder made.
llvm::Expected<std::vector<std::string>> cachesOf(const PlanSources &sources, llvm::StringRef key) {
  std::vector<std::string> files;
  if (!sources.cacheFile.empty())
    files.push_back(sources.cacheFile);
  if (sources.hashDirectory.empty())
    return files;
  if (std::error_code code = llvm::sys::fs::create_directories(sources.hashDirectory))
    return failure("the folder " + sources.hashDirectory + " for plans cannot be made: " + code.message());
  llvm::SmallString<128> path(sources.hashDirectory);
  llvm::sys::path::append(path, key + ".json");
  files.push_back(path.str().str());
  return files;
}

} // namespace

std::string codegen::networkDigest(const Network &network) { return digestOf(Description(network).text); }

std::string codegen::planKey(const Network &network, const PlanOptions &options) {
  return digestOf(llvm::formatv("{0} {1} {2} {3} {4} {5}", networkDigest(network), formatVersion, buildId(),
                                options.level, options.budget, options.overlapGroups)
                      .str());
}

llvm::Expected<NetworkPlan> codegen::choosePlan(const Network &network, const PlanOptions &options,
                                                const PlanSources &sources) {
  if (!sources.configFile.empty())
    return fromConfig(network, options, sources.configFile);
  std::string key = planKey(network, options);
  llvm::Expected<std::vector<std::string>> caches = cachesOf(sources, key);
  if (!caches)
    return caches.takeError();
  std::optional<NetworkPlan> known;
  std::vector<std::string> lacking;
  for (const std::string &path : *caches) {
    std::optional<NetworkPlan> plan = fromCache(network, path, key);
    if (!plan)
      lacking.push_back(path);
    else if (!known)
      known = std::move(plan);
  }
  if (!known) {
    llvm::Expected<NetworkPlan> plan = planNetwork(network, options);
    if (!plan)
      return plan.takeError();
    known = std::move(*plan);
  }
  const json::Value entry = json::Object{{"version", formatVersion},
                                         {"opt", options.level},
                                         {"key", key},
                                         {"network", networkDigest(network)},
                                         {"plan", toJson(network, *known)}};
  for (const std::string &path : lacking)
    if (llvm::Error error = store(entry, path))
      return error;
  return std::move(*known);
}
