// Digests of networks, plan files and caches.
#include "tpu_mlir/Codegen/PlanSource.h"

#include "Timeline.h"
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

/// Checks plans that the search did not make: extents that the IR could not hold.
class PlanCheck {
public:
  explicit PlanCheck(const Network &network) : network(network), forms(network) {}

  llvm::Error check(const NetworkPlan &plan) {
    for (const GroupSpec &spec : plan.groups)
      if (llvm::Error error = spec.tiling ? checkTiling(spec) : checkSlices(spec))
        return failure("the group of '" + nameOf(spec) + "' " + llvm::toString(std::move(error)));
    return llvm::Error::success();
  }

private:
  llvm::StringRef nameOf(const GroupSpec &spec) const { return network.nodes[static_cast<size_t>(spec.first)].name; }

  llvm::Error checkTiling(const GroupSpec &spec) {
    auto chain = chainOf(network, forms, spec.first, spec.count);
    if (!chain)
      return failure("is no chain: " + llvm::toString(chain.takeError()));
    for (auto [i, axis] : llvm::enumerate(axesOf(*chain))) {
      int64_t size = spec.tiling->size[i], extent = std::max<int64_t>(axis.extent, 1);
      if (size > extent || (size < extent && (size > axis.maxTile || size % axis.grain != 0)))
        return failure(
            llvm::formatv("has tiles of {0} along {1}; possible are {2} and smaller multiples of {3} up to {4}", size,
                          "nchwk"[i], extent, axis.grain, axis.maxTile));
    }
    return llvm::Error::success();
  }

  llvm::Error checkSlices(const GroupSpec &spec) const {
    std::array<int64_t, 4> most{1, 1, 1, 1};
    for (int node = spec.first; node < spec.first + spec.count; ++node) {
      const NetworkNode &known = network.nodes[static_cast<size_t>(node)];
      if (spec.count > 1 && !known.member && known.kind != NodeKind::Assembled)
        return failure("holds '" + known.name + "', which cannot be sliced");
      if (known.result >= 0 && leaves(network.values[static_cast<size_t>(known.result)], spec))
        for (auto [most, extent] : llvm::zip(most, shapeOf(known.result)))
          most = std::max(most, extent);
    }
    for (auto [name, secs, extent] :
         {std::tuple("nsecs", spec.nsecs, most[0]), std::tuple("hsecs", spec.hsecs, most[2]),
          std::tuple("wsecs", spec.wsecs, most[3])})
      if (secs > extent)
        return failure(
            llvm::formatv("has {0} {1}; its results have {2} positions along this axis", name, secs, extent));
    if (!spec.channelTiles.empty() && static_cast<int>(spec.channelTiles.size()) != spec.count)
      return failure("has not one channel tile for every op");
    if (llvm::any_of(spec.channelTiles, [](int64_t tile) { return tile % 64 != 0; }))
      return failure("has channel tiles that are no multiples of 64");
    return llvm::Error::success();
  }

  static bool leaves(const NetworkValue &value, const GroupSpec &spec) {
    return value.isResult || llvm::any_of(value.readers, [&](int node) { return node >= spec.first + spec.count; });
  }
  std::array<int64_t, 4> shapeOf(int value) const {
    return viewShape(network.values[static_cast<size_t>(value)].value.getType(), ViewKind::Spatial);
  }

  const Network &network;
  Forms forms;
};

llvm::Expected<NetworkPlan> fromConfig(const Network &network, const PlanOptions &options, llvm::StringRef path) {
  llvm::Expected<json::Value> value = readJson(path);
  if (!value)
    return value.takeError();
  llvm::Expected<NetworkPlan> plan = planFromJson(network, planIn(*value));
  if (!plan)
    return failure("the plan file " + path + " does not fit the network: " + llvm::toString(plan.takeError()));
  if (llvm::Error error = checkPlan(network, *plan))
    return failure("the plan file " + path + " does not fit the network: " + llvm::toString(std::move(error)));
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

llvm::Error codegen::checkPlan(const Network &network, const NetworkPlan &plan) {
  return PlanCheck(network).check(plan);
}

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
